"""The ledger: lines come with their events and are never changed; a lost attempt is booked back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from domain import commands as c
from domain.decide import PAYMASTER
from domain.events import Event, NoteAdded
from domain.money import Amount, Money, MoneyEntry
from domain.ports import Busy, Recording
from domain.postings import PaymentAnswer, payment_of
from domain.procedure import Procedure
from storage import tables
from storage.engine import Database
from storage.stores.ledger import PostgresPayouts
from storage.stores.recorder import PostgresRecorder
from tests.drive import SUPERVISOR, Case
from tests.storage.cases import recording, small_procedure, take_in

LEASE = timedelta(seconds=30)


def paying() -> Procedure:
    """The small procedure, with a credit that is paid out when an order is answered."""
    credit = MoneyEntry(
        "credit", {"en": "Credit"}, ("answered",), Amount(fixed=Decimal("12.50")),
        ("organisation",), ("customer",), pay=True,
    )  # fmt: skip
    points = MoneyEntry(
        "points", {"en": "Points"}, ("posted:credit",), Amount(fixed=Decimal(1)),
        ("order_unit",), ("organisation",), unit="points",
    )  # fmt: skip
    return small_procedure(money=Money("CNY", (credit, points)))


def answered(ref: str = "SML-1") -> Case:
    case = Case(paying(), {"severity": "high"}, ref=ref)
    case.do(c.AnswerOrder(case.order, "It was the meter."))
    return case


async def lines(database: Database) -> list[tuple[str, str, str, str, bool]]:
    rows = await database.fetch(select(tables.ledger).order_by(tables.ledger.c.id))
    return [(r.posting, f"{r.amount} {r.currency}", r.source, r.target, r.undoes) for r in rows]


async def test_lines_are_written_with_the_events_that_cause_them(database: Database) -> None:
    await take_in(database)
    case = answered()
    await PostgresRecorder(database).record(recording(case, 1))
    await PostgresRecorder(database).record(recording(case, 1))
    assert await lines(database) == [
        ("credit#1", "12.50 CNY", "organisation", "customer:1", False),
        ("points#1", "1.00 points", "unit:network", "organisation", False),
    ]
    row = await database.first(select(tables.ledger).order_by(tables.ledger.c.id))
    assert (row.ref, row.month) == ("SML-1", "2026-03")
    stored = await database.first(
        select(tables.events.c.kind, tables.events.c.hash).where(tables.events.c.seq == row.seq)
    )
    assert (stored.kind, stored.hash) == ("posted", row.hash)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET amount = 1",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
        "DELETE FROM ledger WHERE false",
    ],
)
async def test_the_database_itself_refuses_to_change_the_ledger(database: Database, statement: str) -> None:
    await take_in(database)
    await PostgresRecorder(database).record(recording(answered(), 1))
    before = await lines(database)
    with pytest.raises(DBAPIError, match="only ever added to"):
        await database.run(text(statement))
    assert await lines(database) == before


async def test_what_a_lost_attempt_booked_is_booked_back(database: Database) -> None:
    await take_in(database)
    case = Case(paying(), {"severity": "high"}, ref="SML-1")
    recorder = PostgresRecorder(database)
    await recorder.record(recording(case, 1))
    opened = len(case.events)
    case.do(c.AnswerOrder(case.order, "It was the meter."))
    await recorder.record(recording(case, opened + 1))

    note = Event(opened + 1, case.now + timedelta(seconds=5), "person:agent", NoteAdded("later"))
    kept = recording(case, 1, opened).complaint
    await PostgresRecorder(database).record(Recording(replace(kept, seq=note.seq), (note,)))

    assert await lines(database) == [
        ("credit#1", "12.50 CNY", "organisation", "customer:1", False),
        ("points#1", "1.00 points", "unit:network", "organisation", False),
        ("credit#1", "12.50 CNY", "customer:1", "organisation", True),
        ("points#1", "1.00 points", "organisation", "unit:network", True),
    ]
    assert await database.fetch(select(tables.payouts)) == []


async def test_the_row_of_a_payment_follows_the_events(database: Database) -> None:
    await take_in(database)
    recorder, case = PostgresRecorder(database), answered()
    await recorder.record(recording(case, 1))

    async def after(command: object, actor: object) -> tuple[str, str, str, int]:
        seen = len(case.events)
        case.do(command, actor)
        await recorder.record(recording(case, seen + 1))
        row = await database.first(select(tables.payouts))
        return (row.state, row.receipt, row.problem, row.attempt)

    failed = c.RecordPayout("credit#1", problem="no such account")
    assert await after(failed, PAYMASTER) == ("failed", "", "no such account", 1)
    assert await after(c.RetryPayout("credit#1"), SUPERVISOR) == ("due", "", "", 2)
    assert await after(c.RecordPayout("credit#1", "R-7"), PAYMASTER) == ("paid", "R-7", "", 2)


async def test_of_many_tries_at_once_one_has_the_payment_in_hand(database: Database) -> None:
    await take_in(database)
    case = answered()
    await PostgresRecorder(database).record(recording(case, 1))
    payment = payment_of("SML-1", case.complaint.to_pay()[0])
    payouts = PostgresPayouts(database)
    ends = await asyncio.gather(*(payouts.claim(payment, LEASE) for _ in range(8)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Busy"] * 7 + ["NoneType"]

    await payouts.answered(payment, PaymentAnswer("credit#1", receipt="R-1"))
    assert await payouts.claim(payment, LEASE) == PaymentAnswer("credit#1", receipt="R-1")
    await payouts.answered(payment, PaymentAnswer("credit#1", problem="too late"))
    assert await payouts.claim(payment, LEASE) == PaymentAnswer("credit#1", receipt="R-1")


async def test_a_payment_whose_holder_died_is_free_when_its_time_is_over(database: Database) -> None:
    await take_in(database)
    case = answered()
    await PostgresRecorder(database).record(recording(case, 1))
    payment = payment_of("SML-1", case.complaint.to_pay()[0])
    payouts = PostgresPayouts(database)
    assert await payouts.claim(payment, timedelta(0)) is None
    assert await payouts.claim(payment, LEASE) is None
    with pytest.raises(Busy):
        await payouts.claim(payment, LEASE)
    assert await payouts.failed(payment, "no answer") == 2
    assert await payouts.claim(payment, LEASE) is None
