"""The hard moment: events are committed, and the worker dies before its workflow has confirmed them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import bindparam, select

from domain import roles
from domain.evolve import refold
from procedures.loader import load_pack
from storage.queries.events import of_complaint
from storage.tables import superseded_events
from tests.chaos.burst import Burst, disturbed
from tests.chaos.dying import DIED
from tests.chaos.office import Office
from tests.chaos.stack import Stack, until
from tests.chaos.truth import all_started, audit, confirmed, stored_wrongly

pytestmark = pytest.mark.chaos

Seen = Callable[[str], None]

_SET_ASIDE = (
    select(superseded_events.c.seq, superseded_events.c.kind, superseded_events.c.at)
    .where(superseded_events.c.ref == bindparam("ref"))
    .order_by(superseded_events.c.seq)
)
COMMANDS = [
    ("note_added", "add_note", {"text": "the customer called again"}),
    ("dispatched", "dispatch", {"unit": "si-alpha"}),
    ("closed", "withdraw", {"reason": "settled"}),
]


@pytest.mark.parametrize(("kind", "verb", "body"), COMMANDS)
async def test_a_command_recorded_by_a_worker_that_died_is_answered_once(
    stack: Stack, office: Office, kind: str, verb: str, body: dict[str, str]
) -> None:
    ref = await office.opened(f"Dies at {kind}")
    before = await office.kinds(ref)
    await worker_that_dies_at(stack, kind)
    key = str(uuid.uuid4())

    async def ask():
        return await office.post(roles.AGENT, f"complaints/{ref}/{verb}", body, key=key)

    asking = asyncio.create_task(office.answer_at_last(ask))
    await dead(stack)
    unconfirmed = await of_complaint(stack.database, ref)
    assert kind in [event.fact.kind for event in unconfirmed]
    await stack.start("worker")
    done = await asking
    assert done.status_code == 200, done.text
    assert (await ask()).json() == done.json()
    assert (await office.kinds(ref)) == [*before, *done.json()["events"]]
    await the_later_attempt_stands(stack, ref, len(before), len(unconfirmed))


async def test_an_opening_recorded_by_a_worker_that_died_happens_once(stack: Stack, office: Office) -> None:
    await worker_that_dies_at(stack, "opened")
    ref = await office.accepted("Dies at its opening")
    await dead(stack)
    unconfirmed = await of_complaint(stack.database, ref)
    await stack.start("worker")
    await confirmed(stack.client.get_workflow_handle(f"complaint:{ref}"))
    assert (await office.kinds(ref)).count("opened") == 1
    await the_later_attempt_stands(stack, ref, 0, len(unconfirmed))


async def test_a_worker_is_killed_again_and_again(stack: Stack, seen: Seen) -> None:
    burst = Burst(stack.api_url, stack.tokens)

    async def blow() -> None:
        await stack.restart("worker")

    await disturbed(burst, 20, [(share / 10, blow) for share in (1, 3, 5, 7, 9)])
    await all_started(stack.database)
    found = await audit(stack.database, stack.client, burst.told)
    assert found.wrong == []
    seen(
        f"{found.complaints} complaints, {burst.answered} answers, {found.events} events, 5 kills, "
        f"superseded events kept {found.superseded}, lost 0, doubled 0"
    )


async def worker_that_dies_at(stack: Stack, kind: str) -> None:
    """Replace the worker by one that dies when it has committed an event of a kind."""
    await stack.stop("worker")
    stack.children["usual"] = stack.children["worker"]
    stack.children["worker"] = stack.process("dying", "-m", "tests.chaos.dying", "worker", kind)
    await stack.start("worker")


async def dead(stack: Stack) -> None:
    """Wait for the death, and put the usual worker, not yet started, in its place."""

    async def it_is() -> bool:
        return stack.children["worker"].ended() == DIED

    await until(it_is, "the worker has died")
    stack.children["worker"] = stack.children.pop("usual")


async def the_later_attempt_stands(stack: Stack, ref: str, first: int, last: int) -> None:
    """What the dead worker recorded is kept aside; what stands is later, and what the workflow knows."""
    stands = await of_complaint(stack.database, ref)
    aside = await stack.database.fetch(_SET_ASIDE, {"ref": ref})
    assert [row.seq for row in aside] == list(range(first + 1, last + 1))
    assert [row.kind for row in aside] == [event.fact.kind for event in stands[first:last]]
    assert all(row.at < event.at for row, event in zip(aside, stands[first:last], strict=True))
    procedure = load_pack("telecom-si")
    assert await stored_wrongly(stack.database, procedure, ref) == []
    handle = stack.client.get_workflow_handle(f"complaint:{ref}")
    assert await confirmed(handle) == refold(procedure, stands)
