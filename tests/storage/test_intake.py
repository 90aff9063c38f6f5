"""Intake: row and outbox together or not at all, and each complaint handed to one relay at a time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage.engine import Database
from storage.queries import complaints, outbox
from storage.stores import intake, procedures
from tests.storage.cases import take_in

LATER = datetime(2100, 1, 1, tzinfo=UTC)
AT_ONCE = timedelta(0)


async def claimed(database: Database, limit: int = 10, lease: timedelta = timedelta(minutes=1)) -> list[str]:
    return [one.ref for one in await intake.unstarted(database, limit, before=LATER, lease=lease)]


async def test_an_accepted_complaint_is_there_before_its_workflow(database: Database) -> None:
    await take_in(database, form={"phone": "1\x002"}, customer_name="王\ud83d芳", facts={"severity": "high"})
    row, events = await complaints.with_events(database, "SML-1")
    assert row is not None
    assert (row.status, row.seq, row.severity, events) == ("new", 0, "high", [])
    assert row.form == {"phone": "1\ufffd2"}
    assert await outbox.payload(database, "SML-1") == {"ref": "SML-1"}
    assert (await outbox.backlog(database)).count == 1


async def test_a_reference_is_taken_once_and_then_nothing_is_written(database: Database) -> None:
    await take_in(database, title="first")
    with pytest.raises(IntegrityError):
        await take_in(database, title="second")
    row = await complaints.row(database, "SML-1")
    assert row is not None
    assert row.title == "first"
    assert (await outbox.backlog(database)).count == 1


async def test_an_unknown_procedure_is_refused_whole(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await take_in(database, fingerprint="unknown")
    assert (await outbox.backlog(database)).count == 0


async def test_relays_share_what_waits_oldest_first(database: Database) -> None:
    for number in range(6):
        await take_in(database, f"SML-{number}")
    shares = await asyncio.gather(*(claimed(database, 2) for _ in range(4)))
    assert sorted(ref for share in shares for ref in share) == [f"SML-{number}" for number in range(6)]
    assert await claimed(database) == []
    await intake.mark_started(database, ["SML-0", "SML-1"])
    assert (await outbox.backlog(database)).count == 4


async def test_what_a_relay_did_not_finish_is_handed_out_again(database: Database) -> None:
    await take_in(database)
    assert await claimed(database, lease=AT_ONCE) == ["SML-1"]
    await intake.mark_failed(database, "SML-1", "Temporal is down")
    (again,) = await intake.unstarted(database, 1, before=LATER)
    assert again.tries == 2
    await intake.mark_started(database, ["SML-1"])
    await intake.mark_started(database, ["SML-1"])
    backlog = await outbox.backlog(database)
    assert (backlog.count, backlog.oldest) == (0, None)


async def test_young_ones_are_left_to_the_request_that_accepted_them(database: Database) -> None:
    await take_in(database)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert await intake.unstarted(database, 1, before=hour_ago) == []


async def test_numbers_are_given_once(database: Database) -> None:
    other = Database(database.engine)
    given = await asyncio.gather(
        *(procedures.next_number(one, "TEL-2026") for one in (database, other) for _ in range(50))
    )
    assert len(set(given)) == 100
    assert min(given) == 1
    assert await procedures.next_number(database, "CRR-2026") == 1


async def test_nothing_is_known_of_what_was_never_accepted(database: Database) -> None:
    assert await complaints.with_events(database, "SML-0") == (None, [])
    assert await complaints.row(database, "SML-0") is None
    assert await complaints.fingerprint(database, "SML-0") is None
    assert await outbox.payload(database, "SML-0") is None
    assert not await complaints.visible(database, "SML-0", None)
