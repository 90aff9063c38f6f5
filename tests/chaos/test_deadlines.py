"""Deadlines that fall due while something is down: they fire after it, in order, once, and say how late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain import roles
from domain.events import ClockBreached, Escalated, Event
from procedures.loader import load_procedure
from storage.queries.events import of_complaint
from tests.chaos.office import Office
from tests.chaos.stack import Stack, until
from tests.chaos.truth import stored_wrongly

pytestmark = pytest.mark.chaos

SOURCE = (Path(__file__).parent / "seconds.yaml").read_text(encoding="utf-8")
PROCEDURE = load_procedure(SOURCE)
COMPLAINTS = 12
FIRED = ["clock_breached", "escalated", "clock_breached", "escalated", "escalated"]
"""What the two clocks of the procedure do by themselves, in the order in which it falls due."""


@pytest.mark.parametrize("part", ["worker", "temporal", "postgres"])
async def test_deadlines_in_an_outage_fire_after_it_in_order(
    stack: Stack, office: Office, seen: Callable[[str], None], part: str
) -> None:
    stored = await office.post(roles.ADMINISTRATOR, "procedures", {"source": SOURCE})
    assert stored.status_code == 201, stored.text
    opening = (office.opened(f"Soon due {n}", procedure="seconds", facts={}) for n in range(COMPLAINTS))
    refs = await asyncio.gather(*opening)
    last = max(e.fact.due_at for e in await recorded(stack, refs) if e.fact.kind == "clock_started")
    assert await fired(stack, refs) == []
    await stack.kill(part)
    meanwhile = await what_goes_on(office, part, refs[0])

    async def all_due() -> bool:
        return datetime.now(UTC) > last

    await until(all_due, "every deadline is due")
    up_at = datetime.now(UTC)
    await stack.start(part)

    async def all_fired() -> bool:
        return len(await fired(stack, refs)) == COMPLAINTS * len(FIRED)

    await until(all_fired, "every deadline has fired")
    for ref in refs:
        await one_by_one_in_order(stack, ref)
    events = [event for event in await fired(stack, refs) if planned(event) < up_at]
    late = [(event.at - planned(event)).total_seconds() for event in events]
    assert len(late) >= COMPLAINTS * 4
    assert min(late) > 0
    for ref in meanwhile:
        await office.recorded(ref)
    firsts = sorted((e for e in events if e.fact.kind == "clock_breached"), key=lambda event: event.at)
    pairs = zip(firsts[::2], firsts[2::2], strict=False)
    swapped = sum(planned(one) > planned(next_one) for one, next_one in pairs)
    seen(
        f"{COMPLAINTS} complaints, {len(late)} deadlines and escalations fell into the outage; each once and "
        f"in the order of its complaint, late by {min(late):.1f} to {max(late):.1f} s; between complaints "
        f"{swapped} of {COMPLAINTS - 1} neighbours swapped; {len(meanwhile)} opened meanwhile"
    )


async def one_by_one_in_order(stack: Stack, ref: str) -> None:
    """Each alarm of a complaint fired once, in the order in which it fell due."""
    events = await fired(stack, [ref])
    assert [event.fact.kind for event in events] == FIRED
    assert [planned(event) for event in events] == sorted(planned(event) for event in events)
    assert len({(event.fact.kind, planned(event)) for event in events}) == len(FIRED)
    assert await stored_wrongly(stack.database, PROCEDURE, ref) == []


async def what_goes_on(office: Office, part: str, ref: str) -> list[str]:
    """A command is answered with 503 and when to repeat it. Reading and intake go on, with PostgreSQL.

    The references of what was accepted meanwhile.
    """
    answer = await office.post(roles.AGENT, f"complaints/{ref}/add_note", {"text": "hello"})
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == {"postgres": "database"}.get(part, part)
    assert int(answer.headers["retry-after"]) > 0
    read = await office.get(roles.SUPERVISOR, f"complaints/{ref}")
    if part == "postgres":
        assert (read.status_code, read.json()["code"]) == (503, "database")
        return []
    assert read.status_code == 200
    return [await office.accepted(f"While the {part} was down {n}") for n in range(3)]


def planned(event: Event) -> datetime:
    """When what an event tells fell due."""
    if isinstance(event.fact, ClockBreached):
        return event.fact.due_at
    assert isinstance(event.fact, Escalated)
    assert event.fact.planned_at is not None
    return event.fact.planned_at


async def recorded(stack: Stack, refs: Sequence[str]) -> list[Event]:
    """The events of some complaints."""
    return [event for ref in refs for event in await of_complaint(stack.database, ref)]


async def fired(stack: Stack, refs: Sequence[str]) -> list[Event]:
    """What clocks of some complaints have done by themselves."""
    return [
        event for event in await recorded(stack, refs) if isinstance(event.fact, ClockBreached | Escalated)
    ]
