"""Acting on a complaint: a command goes to its workflow, wherever that is in its life."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

import wire
from activities.recording import OVERTAKEN
from domain.commands import Asked, AssignOwner, Dispatch, MoveProcedure, RaiseConsequence
from domain.complaint import Complaint
from domain.errors import CorruptHistory, Refused
from domain.events import Place
from services import naming, standing_in
from services.attachments import with_files
from services.connect import Connections, temporal_reachable
from services.directory import must_be_known, must_get_orders, place_of_unit
from services.errors import Unavailable
from services.starting import WORKFLOW, carried_on, from_payload, start_arguments
from storage.queries import complaints as complaint_queries
from storage.queries import outbox as outbox_queries
from workflows import registry
from workflows.messages import Done, Start

log = structlog.get_logger("acting")

MOST_RUNS = 50
"""Of how many runs the answers are looked up where the last one was overtaken: more than meet at once."""

TRIES = 5
"""How often a command is given again that met a run which could not take it: one begun from an old state, or
one that was just being continued as new."""


async def act(connections: Connections, ref: str, verb: str, command: Any, asked: Asked) -> Done:
    """Give one command to a complaint and wait until it is decided and recorded.

    ``asked.request_id`` must be set: the same id is answered with the first result, whatever happened to
    the first answer on its way. Raises Refused, and Unavailable when Temporal or every worker is down.
    """
    command, places = await _known_here(connections, ref, command)
    asked = await with_files(connections, ref, command, asked)
    asked = await naming.with_places(connections, ref, command, asked)
    asked = replace(asked, places={**asked.places, **places})
    asked = await standing_in.with_away(connections, ref, command, asked)
    for attempt in range(TRIES):
        try:
            # Asked again under its first id, an overtaken run would repeat its failure: it knows that id.
            update_id = f"{asked.request_id}~{uuid.uuid4()}" if attempt else asked.request_id
            return await _act_once(connections, ref, verb, command, asked, update_id)
        except WorkflowUpdateFailedError as failure:
            if not _is_overtaken(failure):
                raise
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
        await asyncio.sleep(0.1 * 2**attempt)
    raise Unavailable("worker", "the complaint is being started again; the request may be repeated")


def _is_overtaken(failure: WorkflowUpdateFailedError) -> bool:
    return isinstance(failure.cause, ApplicationError) and failure.cause.type == OVERTAKEN


async def _act_once(  # noqa: PLR0917 - as act, and the id
    connections: Connections, ref: str, verb: str, command: Any, asked: Asked, update_id: str
) -> Done:
    client = await connections.temporal()
    handle = client.get_workflow_handle(registry.complaint_workflow_id(ref))
    try:
        with temporal_reachable():
            done: Done = await handle.execute_update(
                verb,
                args=[command, asked],
                id=update_id,
                result_type=Done,
                rpc_timeout=connections.command_timeout,
            )
            return done
    except WorkflowUpdateFailedError as failure:
        refusal = refusal_in(failure)
        if refusal is None:
            raise
        raise refusal from failure
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    return await _act_with_start(connections, client, ref, verb, command, asked, update_id)


async def _known_here(connections: Connections, ref: str, command: Any) -> tuple[Any, Mapping[str, Place]]:
    """The command, once the unit, person or version it names is found, which the domain cannot see.

    With it where the unit stands that it is dispatched to.

    Raises Refused when there is no such unit or person, or the unit is dissolved; a version there is not is
    left for the domain to refuse, after it has looked at who asks.
    """
    if isinstance(command, Dispatch):
        place = await place_of_unit(connections, command.unit)
        must_get_orders(command.unit, place)
        known = {command.unit: place} if command.unit else {}
        return replace(command, unit_kind=place.kind, unit_above=place.above), known
    if isinstance(command, RaiseConsequence):
        await place_of_unit(connections, command.unit)
    if isinstance(command, AssignOwner):
        await must_be_known(connections, command.owner)
    if isinstance(command, MoveProcedure):
        row = await complaint_queries.row(connections.database, ref)
        to = await connections.catalogue.by_version(row.procedure, command.version) if row else None
        return (replace(command, to=wire.rules_of(to)) if to else command), {}
    return command, {}


async def _act_with_start(  # noqa: PLR0917 - as act, the client and the id
    connections: Connections,
    client: Client,
    ref: str,
    verb: str,
    command: Any,
    asked: Asked,
    update_id: str,
) -> Done:
    """Give the command to a run started for it: the first one, or one on a closed complaint.

    If another starts it at the same moment, the command goes to that run.
    """
    # First the events, then the answers: a run that begins from events that are old is overtaken and
    # harmless, one that lacks an answer would do again what was done.
    start, fingerprint = await where_it_stands(connections, ref, {})
    with temporal_reachable():
        seq = start.carried.complaint.seq if start.carried else 0
        answered = await answered_before(connections, client, ref, seq)
    if asked.request_id in answered:
        return answered[asked.request_id]
    if start.carried is not None:
        start = replace(start, carried=replace(start.carried, answered=answered))
    procedure, packed = await connections.catalogue.by_fingerprint(fingerprint)
    operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        WORKFLOW,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        **start_arguments(procedure, packed, start),
    )
    try:
        with temporal_reachable():
            done: Done = await client.execute_update_with_start_workflow(
                verb,
                args=[command, asked],
                start_workflow_operation=operation,
                id=update_id,
                result_type=Done,
                rpc_timeout=connections.command_timeout,
            )
            return done
    except WorkflowUpdateFailedError as failure:
        refusal = refusal_in(failure)
        if refusal is None:
            raise
        raise refusal from failure


async def answered_before(
    connections: Connections, client: Client, ref: str, seq: int = 0
) -> dict[str, Done]:
    """What the last run of a complaint has answered, by request id; nothing when it has none (any more).

    The server itself remembers the updates of the last run only, and each run on a closed complaint is new.
    ``seq``: how far the complaint is recorded. A last run that does not stand there was overtaken, and began
    without the answers of those that overtook it; then all that ran are asked.
    """
    workflow_id = registry.complaint_workflow_id(ref)
    answered = await _answers_of(connections, client.get_workflow_handle(workflow_id), ref)
    if seq > await _stands_at(connections, client.get_workflow_handle(workflow_id), seq):
        async for run in client.list_workflows(f"WorkflowId = '{workflow_id}'", limit=MOST_RUNS):
            handle = client.get_workflow_handle(workflow_id, run_id=run.run_id)
            answered = await _answers_of(connections, handle, ref) | answered
    return answered


async def _stands_at(connections: Connections, handle: WorkflowHandle[Any, Any], otherwise: int) -> int:
    """How far a run has come; ``otherwise`` when it cannot say."""
    try:
        found: Complaint = await handle.query(
            "complaint", result_type=Complaint, rpc_timeout=connections.command_timeout
        )
    except WorkflowQueryFailedError:
        return otherwise
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return otherwise
    return found.seq


async def _answers_of(
    connections: Connections, handle: WorkflowHandle[Any, Any], ref: str
) -> dict[str, Done]:
    """What one run has answered."""
    try:
        found: dict[str, Done] = await handle.query(
            "answered", result_type=dict[str, Done], rpc_timeout=connections.command_timeout
        )
    except WorkflowQueryFailedError as error:
        # Closed so long ago that today's code cannot read its history: nobody repeats a request of then.
        log.warning("answers of the last run are not known", ref=ref, reason=str(error))
        return {}
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return {}
    return found


async def where_it_stands(
    connections: Connections, ref: str, answered: Mapping[str, Done]
) -> tuple[Start, str]:
    """The input of the run to start, from what PostgreSQL knows, and the fingerprint of its procedure.

    Raises Refused("redacted") for a complaint that was anonymised: nobody would know whom it is about.
    """
    fingerprint = await complaint_queries.fingerprint(connections.database, ref)
    if fingerprint is None:
        raise Refused("not_found", "there is no such complaint for you")
    events = await complaint_queries.events(connections.database, ref)
    if events:
        if await complaint_queries.redacted_at(connections.database, ref) is not None:
            raise Refused("redacted", f"{ref} was anonymised when its time came; open a new complaint")
        _, complaint = await connections.catalogue.folded(fingerprint, events)
        return carried_on(complaint, answered), fingerprint
    payload = await outbox_queries.payload(connections.database, ref)
    if payload is None:
        raise CorruptHistory(f"{ref} has neither events nor a place in the outbox")
    return from_payload(payload), fingerprint


def refusal_in(failure: WorkflowUpdateFailedError) -> Refused | None:
    """The refusal a workflow answered with; None when it is something else."""
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.type == "Refused" and cause.details:
        said = dict(cause.details[0])
        return Refused(
            code=said["code"],
            reason=said["reason"],
            legal=tuple(said["legal"]),
            fields=dict(said["fields"]),
        )
    return None
