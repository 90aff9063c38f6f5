"""Retention: nothing personal is left in any table, and what must stay is there and can be verified."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

import wire
from domain import commands as c
from domain.events import Option, Remedy
from domain.fields import FieldType, FormField
from domain.messages import MessageState
from domain.ports import Overtaken
from domain.retention import BrokenChain, Retention
from storage import tables
from storage.engine import Database
from storage.queries import verify
from storage.queries.complaints import events as events_of
from storage.stores import attachments, intake, procedures
from storage.stores.customers import CustomerData
from storage.stores.recorder import PostgresRecorder
from storage.stores.retention import PostgresRetention
from tests.drive import CUSTOMER, SUPERVISOR, Case
from tests.storage.cases import recording, small_procedure

SECRETS = ("Wangfang", "5550100", "secretmark")
"""Who the customer is, how they are reached, and a word that stands in everything anybody wrote."""

FORM = (
    FormField("story", FieldType.LONG_TEXT, {"en": "Story"}),
    FormField("pieces", FieldType.NUMBER, {"en": "Pieces"}),
)


async def places_with(database: Database, *needles: str) -> list[str]:
    """Every table and column of the database whose rows hold one of the words, in whatever type."""
    columns = await database.fetch(
        text(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        )
    )
    found = []
    for column in columns:
        name, table = f'"{column.column_name}"', f'"{column.table_name}"'
        told = f"encode({name}, 'escape')" if column.data_type == "bytea" else f"CAST({name} AS text)"
        for needle in needles:
            query = text(f"SELECT count(*) FROM {table} WHERE {told} ILIKE :needle")
            row = await database.first(query, {"needle": f"%{needle}%"})
            if row is not None and row[0]:
                found.append(f"{column.table_name}.{column.column_name}")
    return sorted(set(found))


class Kept:
    """A closed complaint with something personal wherever there is room for it."""

    def __init__(self, database: Database, ref: str, then: str) -> None:
        self.database, self.ref = database, ref
        self.procedure = small_procedure(
            version=then, fields=FORM, archive=("organisation",), retention=Retention(30, then)
        )
        self.case = Case(
            self.procedure, {"severity": "high", "category": "billing"}, ref=ref, customer="customer:c-1"
        )

    async def make(self) -> None:
        await procedures.add(self.database, self.procedure, source="x", activate=True)
        known = CustomerData("c-1", "Wangfang", "+86 5550100", "wangfang@secretmark.example")
        await self.database.run(
            text(
                "INSERT INTO customers (id, name, phone, email) VALUES (:id, :name, :phone, :email) "
                "ON CONFLICT DO NOTHING"
            ),
            {"id": known.id, "name": known.name, "phone": known.phone, "email": known.email},
        )
        form = {"story": "secretmark", "pieces": "3"}
        row = intake.Intake(
            ref=self.ref,
            procedure=self.procedure.name,
            version=self.procedure.version,
            fingerprint=wire.fingerprint(self.procedure),
            opened_at=self.case.now,
            customer_id="c-1",
            customer_name="Wangfang",
            title="secretmark",
            summary="my secretmark",
            form=form,
            facts={"severity": "high", "category": "billing"},
            words=["secretmark"],
        )
        await intake.accept(self.database, row, {"ref": self.ref, "customer": "Wangfang"})
        self._go_through()
        await PostgresRecorder(self.database).record(recording(self.case, 1))
        await attachments.add(
            self.database, self.ref, name="secretmark.txt", media_type="text/plain", content=b"secretmark",
            added_by="person:agent",
        )  # fmt: skip
        await self._told("c-1", "+86 5550100")
        await self._told("person:agent", "agent@example.org")

    def _go_through(self) -> None:
        case, words = self.case, "as Wangfang says: secretmark"
        case.do(c.AddInformation(words), CUSTOMER)
        case.do(c.AddNote(words))
        case.do(c.AnswerOrder(case.order, words))
        case.do(c.Propose((Option("a", words, (Remedy("credit", words),)),), words))
        case.do(c.Approve("boss", words))
        case.do(c.Reject(words, words), CUSTOMER)
        case.do(c.AnswerOrder(case.order, words))
        case.do(c.Propose((Option("a", words),)))
        case.do(c.Approve("boss"))
        case.do(c.Accept("a", words), CUSTOMER)
        case.do(c.RecordCallback("satisfied", score=9, comment=words))

    async def _told(self, recipient: str, address: str) -> None:
        await self.database.run(
            text(
                "INSERT INTO messages (id, key, ref, seq, template, channel, recipient, recipient_name, "
                "address, subject, body, data, state, receipt) "
                "VALUES (gen_random_uuid(), :key, :ref, 1, 'opened', 'sms', :recipient, 'Wangfang', "
                ":address, 'secretmark', 'Dear Wangfang', '{\"a\": \"secretmark\"}', 'sent', 'to 5550100')"
            ),
            {"key": f"{self.ref}:{recipient}", "ref": self.ref, "recipient": recipient, "address": address},
        )

    @property
    def due(self) -> Any:
        return self.case.complaint.closed_at + timedelta(days=30)


async def end_all(database: Database, at: Any) -> list[str]:
    retention = PostgresRetention(database)
    found = await retention.due(at)
    for expired in found:
        await retention.end(expired, at)
    return [expired.ref for expired in found]


async def test_nothing_goes_before_its_time(database: Database) -> None:
    kept = Kept(database, "SML-1", "anonymise")
    await kept.make()
    assert set(SECRETS) <= {s for s in SECRETS if await places_with(database, s)}
    assert await end_all(database, kept.due - timedelta(microseconds=1)) == []
    (expired,) = await PostgresRetention(database).due(kept.due)
    assert (expired.ref, expired.then, expired.due_at) == ("SML-1", "anonymise", kept.due)


@pytest.mark.rule("ENT-8")
async def test_anonymised_means_that_no_table_knows_anything_personal(database: Database) -> None:
    kept = Kept(database, "SML-1", "anonymise")
    await kept.make()
    before = kept.case.complaint
    assert await end_all(database, kept.due) == ["SML-1"]
    assert await places_with(database, *SECRETS) == []
    assert await end_all(database, kept.due) == []

    row = await database.first(select(tables.complaints))
    assert row is not None
    assert (row.status, row.round, row.severity, row.category) == ("closed", 2, "high", "billing")
    assert (row.opened_at, row.closed_at, row.redacted_at) == (before.opened_at, before.closed_at, kept.due)
    events = await events_of(database, "SML-1")
    assert [event.fact.kind for event in events] == kept.case.kinds()
    assert [event.at for event in events] == [event.at for event in kept.case.events]
    assert next(e.fact.score for e in events if e.fact.kind == "callback_made") == 9
    told = await database.fetch(select(tables.messages.c.recipient, tables.messages.c.template))
    assert sorted(told) == [("customer", "opened"), ("person:agent", "opened")]
    assert await database.fetch(select(tables.archive.c.number)) == [(1,)]


@pytest.mark.rule("ENT-8")
async def test_the_chain_of_an_anonymised_complaint_still_shows_tampering(
    database: Database,
) -> None:
    kept = Kept(database, "SML-1", "anonymise")
    await kept.make()
    await end_all(database, kept.due)
    assert await verify.first_broken(database, "SML-1") is None
    third = tables.events.c.seq == 3
    await database.run(update(tables.events).where(third).values(by="person:somebody"))
    assert await verify.first_broken(database, "SML-1") == 3
    await database.run(update(tables.events).where(third).values(seal=None))
    assert await verify.first_broken(database, "SML-1") == 3
    await database.run(text("DELETE FROM events WHERE seq = 2"))
    assert await verify.first_broken(database, "SML-1") == 2


@pytest.mark.rule("ENT-8")
async def test_deleted_means_that_no_table_has_a_row(database: Database) -> None:
    kept = Kept(database, "SML-1", "delete")
    await kept.make()
    assert await end_all(database, kept.due) == ["SML-1"]
    assert await places_with(database, *SECRETS) == []
    assert await places_with(database, "SML-1") == ["retentions.ref"]
    line = await database.first(select(tables.retentions))
    assert line is not None
    assert (line.done, line.procedure, line.version) == ("delete", "small", "delete")
    assert line.figures["facts"] == {"severity": "high"}
    assert (line.figures["round"], line.figures["closing_reason"]) == (2, "satisfied")
    assert line.rows["events"] == line.figures["seq"] == len(kept.case.events)
    assert line.rows["customers"] == 1
    retention = PostgresRetention(database)
    assert await retention.remembered() == ["SML-1"]
    await retention.forgotten("SML-1", kept.due)
    assert await retention.remembered() == []


async def test_a_customer_with_another_complaint_stays_known(database: Database) -> None:
    first, second = Kept(database, "SML-1", "delete"), Kept(database, "SML-2", "anonymise")
    await first.make()
    await second.make()
    retention = PostgresRetention(database)
    (expired, other) = await retention.due(first.due)
    await retention.end(expired, first.due)
    row = await database.first(select(func.count()).select_from(tables.customers))
    assert row == (1,)
    await retention.end(other, first.due)
    assert await places_with(database, *SECRETS) == []


async def test_a_chain_that_does_not_hold_is_left_for_a_person(database: Database) -> None:
    kept = Kept(database, "SML-1", "delete")
    await kept.make()
    await database.run(update(tables.events).where(tables.events.c.seq == 2).values(by="person:somebody"))
    with pytest.raises(BrokenChain, match="event 2"):
        await end_all(database, kept.due)
    assert len(await events_of(database, "SML-1")) == len(kept.case.events)


async def test_what_is_opened_again_or_still_being_told_is_left(database: Database) -> None:
    kept = Kept(database, "SML-1", "delete")
    await kept.make()
    (expired,) = await PostgresRetention(database).due(kept.due)
    pending = {"state": MessageState.PENDING.value}
    await database.run(update(tables.messages).where(tables.messages.c.recipient == "c-1").values(pending))
    assert await end_all(database, kept.due) == []
    seen, due = len(kept.case.events), kept.due
    kept.case.do(c.Reopen("again"), SUPERVISOR)
    await PostgresRecorder(database).record(recording(kept.case, seen + 1))
    assert await PostgresRetention(database).end(expired, due) == {}
    assert await events_of(database, "SML-1") == kept.case.events


async def test_what_is_due_comes_stretch_by_stretch(database: Database) -> None:
    for number in (1, 2, 3):
        await Kept(database, f"SML-{number}", "anonymise").make()
    retention = PostgresRetention(database)
    at = Kept(database, "SML-9", "anonymise").case.now + timedelta(days=31)
    first = await retention.due(at, limit=2)
    rest = await retention.due(at, after=first[-1].ref, limit=2)
    assert [one.ref for one in (*first, *rest)] == ["SML-1", "SML-2", "SML-3"]


async def test_nothing_is_recorded_behind_what_was_anonymised(database: Database) -> None:
    """A command may have been decided a moment before; the run that did must end."""
    kept = Kept(database, "SML-1", "anonymise")
    await kept.make()
    recorder, seen = PostgresRecorder(database), len(kept.case.events)
    await recorder.record(recording(kept.case, seen))  # it knows the head, so it would not look
    await end_all(database, kept.due)
    kept.case.do(c.Reopen("again"), SUPERVISOR)
    for one in (recorder, PostgresRecorder(database)):
        with pytest.raises(Overtaken, match="anonymised"):
            await one.record(recording(kept.case, seen + 1))
    assert len(await events_of(database, "SML-1")) == seen
    assert await verify.first_broken(database, "SML-1") is None
