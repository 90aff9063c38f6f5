"""What must hold after every outage, looked up where it is kept: PostgreSQL, and the workflows themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from domain.complaint import Complaint
from domain.evolve import refold
from domain.procedure import Procedure
from procedures.loader import load_pack
from storage.engine import Database
from storage.queries import verify
from storage.queries.events import of_complaint
from storage.stores import readmodel
from storage.tables import complaints, events, intake_outbox, superseded_events
from tests.chaos.burst import Told
from tests.chaos.stack import until
from workflows import registry

_ROW = select(complaints).where(complaints.c.ref == bindparam("ref"))
_SAME_TITLE = select(complaints.c.ref).where(complaints.c.title == bindparam("title"))
_SEQS = select(events.c.seq).where(events.c.ref == bindparam("ref")).order_by(events.c.seq)
_SUPERSEDED = select(func.count()).where(superseded_events.c.ref == bindparam("ref"))
_UNSTARTED = select(intake_outbox.c.ref).where(intake_outbox.c.started_at.is_(None))
_STARTED = select(func.count()).where(intake_outbox.c.started_at.is_not(None))
AT_ONCE = 20


@dataclass
class Found:
    """What an audit counted; ``wrong`` is empty when nothing was lost, doubled or changed."""

    complaints: int = 0
    events: int = 0
    running: int = 0
    ended: int = 0
    superseded: int = 0
    wrong: list[str] = field(default_factory=list)


async def started(database: Database) -> int:
    """How many workflows the relays have started so far."""
    row = await database.first(_STARTED)
    return int(row[0]) if row else 0


async def all_started(database: Database) -> float:
    """Wait until a relay has noted every start; how many seconds it took."""

    async def none_left() -> bool:
        return await database.first(_UNSTARTED) is None

    return await until(none_left, "every accepted complaint is started")


async def audit(database: Database, client: Client, told: Sequence[Told]) -> Found:
    """Compare what people were told with what is stored and with what runs."""
    found = Found()
    procedure = load_pack("telecom-si")
    enough = asyncio.Semaphore(AT_ONCE)

    async def one(case: Told) -> None:
        async with enough:
            await _audit_one(found, database, client, procedure, case)

    async with asyncio.TaskGroup() as all_of_them:
        for case in told:
            all_of_them.create_task(one(case))
    refs = [case.ref for case in told]
    if len(set(refs)) != len(refs):
        found.wrong.append("one reference was given to two complaints")
    return found


async def _audit_one(
    found: Found, database: Database, client: Client, procedure: Procedure, case: Told
) -> None:
    ref = case.ref
    same = [row.ref for row in await database.fetch(_SAME_TITLE, {"title": case.title})]
    if same != [ref]:
        found.wrong.append(f"{case.title!r} was answered with {ref} and is stored as {same}")
        return
    handle = client.get_workflow_handle(registry.complaint_workflow_id(ref))
    await confirmed(handle)
    found.wrong += await stored_wrongly(database, procedure, ref)
    recorded = await of_complaint(database, ref)
    found.complaints += 1
    found.events += len(recorded)
    superseded = await database.first(_SUPERSEDED, {"ref": ref})
    found.superseded += superseded[0] if superseded else 0
    opened = len(recorded) - len(case.kinds)
    kinds = [event.fact.kind for event in recorded]
    if (
        kinds[opened:] != case.kinds
        or kinds[:opened].count("opened") != 1
        or case.seq not in (0, len(recorded))
    ):
        found.wrong.append(f"{ref}: told {case.kinds} up to {case.seq}, recorded {kinds}")
    await _compare_with_workflow(found, handle, ref, refold(procedure, recorded))


async def stored_wrongly(database: Database, procedure: Procedure, ref: str) -> list[str]:
    """What is wrong with a complaint's events and its row, by themselves."""
    wrong = []
    broken = await verify.first_broken(database, ref)
    if broken is not None:
        wrong.append(f"{ref}: the chain is broken at {broken}")
    seqs = [row.seq for row in await database.fetch(_SEQS, {"ref": ref})]
    if not seqs or seqs != list(range(1, len(seqs) + 1)):
        return [*wrong, f"{ref}: events {seqs}"]
    state = refold(procedure, await of_complaint(database, ref))
    row: Any = await database.first(_ROW, {"ref": ref})
    for name, value in readmodel.complaint_row(state, row.head, row.run).items():
        stored = getattr(row, name)
        # The head is the last hash, which the chain was checked against.
        if name != "head" and (list(value) if isinstance(value, tuple) else value) != stored:
            wrong.append(f"{ref}: {name} is {stored!r}, the events say {value!r}")
    return wrong


async def confirmed(handle: WorkflowHandle[Any, Any]) -> Complaint:
    """The state of a complaint's workflow, once its opening has come to its end."""
    states: list[Complaint] = []

    async def it_is() -> bool:
        states.append(await handle.query("complaint", result_type=Complaint))
        return states[-1].seq > 0

    await until(it_is, f"{handle.id} is open")
    return states[-1]


async def _ended(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait for the end of a workflow: messages a killed worker was sending are sent by another one first."""

    async def it_has() -> bool:
        return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING

    await until(it_has, f"{handle.id} ends")


async def _compare_with_workflow(
    found: Found, handle: WorkflowHandle[Any, Any], ref: str, recorded: Complaint
) -> None:
    if not recorded.open:
        await _ended(handle)
    status = (await handle.describe()).status
    found.running += status is WorkflowExecutionStatus.RUNNING
    found.ended += status is WorkflowExecutionStatus.COMPLETED
    wanted = WorkflowExecutionStatus.RUNNING if recorded.open else WorkflowExecutionStatus.COMPLETED
    if status is not wanted:
        found.wrong.append(f"{ref}: {recorded.status} and its workflow is {status}")
    state = await handle.query("complaint", result_type=Complaint)
    if state != recorded:
        found.wrong.append(f"{ref}: the workflow is at {state.seq}, the events end at {recorded.seq}")
