"""Recording: once whatever happens, the later attempt wins, and the read model follows the events."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain import commands as c
from domain.errors import CorruptHistory
from domain.events import Event, NoteAdded
from domain.ports import Recording, StaleRecording
from storage import tables
from storage.engine import Database
from storage.errors import RecordingGap, UnknownComplaint
from storage.queries import complaints, verify
from storage.stores.recorder import PostgresRecorder
from tests.storage.cases import opened, recording, satisfied, take_in


async def row(database: Database, ref: str = "SML-1"):
    return await database.first(select(tables.complaints).where(tables.complaints.c.ref == ref))


async def test_a_complaint_is_read_back_as_it_was_recorded(database: Database) -> None:
    await take_in(database)
    recorder = PostgresRecorder(database)
    case = opened()
    await recorder.record(recording(case, 1))
    seen = len(case.events)
    satisfied(case)
    await recorder.record(recording(case, seen + 1))

    assert await complaints.events(database, "SML-1") == case.events
    stored = await row(database)
    assert (stored.status, stored.seq, stored.closing_reason) == ("closed", case.complaint.seq, "satisfied")
    assert (stored.severity, stored.category, stored.next_due) == ("high", "billing", None)
    assert stored.due_at is None
    order = await database.first(select(tables.orders))
    assert (order.unit, order.state, order.outcome) == ("network", "answered", "")
    clock = await database.first(select(tables.clocks))
    assert (clock.rule, clock.met, clock.stopped_at is not None) == ("reply", True, True)
    assert await verify.first_broken(database, "SML-1") is None


async def test_an_open_order_is_due_when_its_clock_is(database: Database) -> None:
    await take_in(database)
    case = opened()
    await PostgresRecorder(database).record(recording(case, 1))
    order = await database.first(select(tables.orders))
    assert order.due == case.now + timedelta(hours=24)
    clock = await database.first(select(tables.clocks))
    assert clock.due_at == case.now + timedelta(hours=24)
    assert (await row(database)).next_due == case.now + timedelta(hours=12)
    assert (await row(database)).due_at == case.now + timedelta(hours=24)


@pytest.mark.parametrize("fresh", [False, True], ids=["same process", "another process"])
async def test_recording_twice_changes_nothing(database: Database, fresh: bool) -> None:
    await take_in(database)
    recorder = PostgresRecorder(database)
    case = opened()
    first = recording(case, 1)
    await recorder.record(first)
    before = await row(database)
    await (PostgresRecorder(database) if fresh else recorder).record(first)
    assert await row(database) == before
    assert await complaints.events(database, "SML-1") == case.events


async def test_an_old_recording_that_comes_again_does_not_turn_the_read_model_back(
    database: Database,
) -> None:
    await take_in(database)
    case = opened()
    first = recording(case, 1)
    seen = len(case.events)
    satisfied(case)
    await PostgresRecorder(database).record(first)
    await PostgresRecorder(database).record(recording(case, seen + 1))
    await PostgresRecorder(database).record(first)
    assert (await row(database)).status == "closed"


async def test_what_overlaps_is_recorded_from_where_it_is_new(database: Database) -> None:
    await take_in(database)
    case = opened()
    await PostgresRecorder(database).record(recording(case, 1))
    satisfied(case)
    await PostgresRecorder(database).record(recording(case, 1))
    assert await complaints.events(database, "SML-1") == case.events
    assert await verify.first_broken(database, "SML-1") is None


async def test_the_later_attempt_wins_and_the_other_is_set_aside(database: Database) -> None:
    await take_in(database)
    lost, kept = opened(), opened()
    seen = len(kept.events)
    lost.do(c.Dispatch("billing", "advise"))
    kept.now += timedelta(seconds=5)
    kept.do(c.AddNote("Called."))
    recorder = PostgresRecorder(database)
    await recorder.record(recording(lost, 1, seen))
    await recorder.record(recording(lost, seen + 1))
    await recorder.record(recording(kept, seen + 1))

    assert await complaints.events(database, "SML-1") == kept.events
    aside = await database.fetch(select(tables.superseded_events).order_by(tables.superseded_events.c.seq))
    assert [(r.seq, r.kind) for r in aside] == [(e.seq, e.fact.kind) for e in lost.events[seen:]]
    units = await database.fetch(select(tables.orders.c.unit))
    assert [unit for (unit,) in units] == ["network"]
    assert await verify.first_broken(database, "SML-1") is None

    with pytest.raises(StaleRecording):
        await recorder.record(recording(lost, seen + 1))
    assert await complaints.events(database, "SML-1") == kept.events
    kept.do(c.AddNote("Called again."))
    await recorder.record(recording(kept, len(kept.events)))
    assert await complaints.events(database, "SML-1") == kept.events


async def test_another_event_at_the_same_instant_is_stale(database: Database) -> None:
    await take_in(database)
    one, other = opened(), opened()
    seen = len(one.events)
    one.do(c.AddNote("one"))
    other.do(c.AddNote("other"))
    await PostgresRecorder(database).record(recording(one, 1))
    with pytest.raises(StaleRecording):
        await PostgresRecorder(database).record(recording(other, seen + 1))


async def test_of_many_at_once_each_event_is_stored_once(database: Database) -> None:
    await take_in(database)
    case = opened()
    first = recording(case, 1)
    case.do(c.AddNote("Called."))
    second = recording(case, len(case.events))
    await asyncio.gather(*(PostgresRecorder(database).record(first) for _ in range(8)))
    await asyncio.gather(*(PostgresRecorder(database).record(second) for _ in range(8)))
    assert await complaints.events(database, "SML-1") == case.events
    assert not await database.fetch(select(tables.superseded_events))


async def test_of_two_attempts_at_once_the_later_one_stands(database: Database) -> None:
    await take_in(database)
    base, late, early = opened(), opened(), opened()
    seen = len(base.events)
    await PostgresRecorder(database).record(recording(base, 1))
    early.do(c.AddNote("early"))
    late.now += timedelta(seconds=1)
    late.do(c.AddNote("late"))
    await asyncio.gather(
        *(
            PostgresRecorder(database).record(recording(case, seen + 1))
            for case in (late, early, late, early)
        ),
        return_exceptions=True,
    )
    assert await complaints.events(database, "SML-1") == late.events
    assert await verify.first_broken(database, "SML-1") is None


async def test_a_gap_is_refused(database: Database) -> None:
    await take_in(database)
    case = satisfied(opened())
    with pytest.raises(RecordingGap):
        await PostgresRecorder(database).record(recording(case, 5))
    assert (await row(database)).seq == 0


async def test_events_that_do_not_lead_to_the_state_are_refused(database: Database) -> None:
    await take_in(database)
    case = opened()
    whole = recording(case, 1)
    with pytest.raises(CorruptHistory):
        await PostgresRecorder(database).record(Recording(whole.complaint, whole.events[:-1]))


async def test_a_complaint_that_intake_never_wrote_is_refused(database: Database) -> None:
    with pytest.raises(UnknownComplaint):
        await PostgresRecorder(database).record(recording(opened(), 1))


async def test_text_that_postgresql_cannot_store_does_not_keep_a_complaint_from_going_on(
    database: Database,
) -> None:
    await take_in(database)
    case = opened()
    note = NoteAdded("a\x00b \ud83d c \U0001f600 \\u0000")
    case.events.append(Event(len(case.events) + 1, case.now, "person:agent", note))
    for _ in range(2):
        await PostgresRecorder(database).record(recording(case, 1))
    fact = (await complaints.events(database, "SML-1"))[-1].fact
    assert isinstance(fact, NoteAdded)
    assert fact.text.startswith("a\ufffdb ")
    assert fact.text.endswith(" c \U0001f600 \\u0000")


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE events SET data = jsonb_set(data, '{unit}', '\"other\"') WHERE kind = 'dispatched'",
        "UPDATE events SET by = 'person:other' WHERE kind = 'dispatched'",
        "UPDATE events SET at = at + interval '1 microsecond' WHERE kind = 'dispatched'",
        "DELETE FROM events WHERE kind = 'dispatched'",
    ],
)
async def test_tampering_shows(database: Database, tamper: str) -> None:
    from sqlalchemy import text

    await take_in(database)
    case = satisfied(opened())
    await PostgresRecorder(database).record(recording(case, 1))
    place = next(e.seq for e in case.events if e.fact.kind == "dispatched")
    await database.run(text(tamper))
    assert await verify.first_broken(database, "SML-1") == place


async def test_taking_the_end_away_shows(database: Database) -> None:
    await take_in(database)
    case = satisfied(opened())
    await PostgresRecorder(database).record(recording(case, 1))
    last = tables.events.c.seq == len(case.events)
    await database.run(tables.events.delete().where(last))
    assert await verify.first_broken(database, "SML-1") == len(case.events)


def test_a_recording_says_what_it_holds() -> None:
    case = opened()
    one = recording(case, 1)
    assert replace(one, events=one.events[1:]) == recording(case, 2)
