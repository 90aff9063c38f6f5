"""What intake finds out before it accepts: the customer, what is repeated, and if it was asked before."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain import commands as c
from domain.events import Option
from storage.engine import Database
from storage.errors import KeyReused
from storage.queries import complaints, outbox
from storage.stores import arrivals, customers, idempotency, intake
from storage.stores.arrivals import Alike, Earlier
from storage.stores.customers import CustomerData
from storage.stores.idempotency import Claim
from storage.stores.recorder import PostgresRecorder
from tests.drive import MONDAY
from tests.storage.cases import opened, recording, satisfied, take_in

WANG = CustomerData(name="Wang", phone="1 39")
ASKED = Claim("anna", "k", b"request")


async def found(database: Database, data: CustomerData = WANG, **given: Any) -> Earlier | None:
    alike: dict[str, Any] = {"procedure": "small", "facts": {"category": "billing"}, "since": MONDAY}
    return (await arrivals.find_out(database, data, alike=Alike(**{**alike, **given}))).earlier


async def complained(database: Database, customer: str, number: int) -> Any:
    """A complaint of the customer, opened at that hour."""
    ref, at = f"SML-{number}", MONDAY + timedelta(hours=number)
    await take_in(database, ref, customer_id=customer, opened_at=at, facts={"category": "billing"})
    return opened(ref, at=at)


@pytest.mark.rule("TEL-9")
async def test_what_a_new_complaint_repeats(database: Database) -> None:
    assert await found(database) is None
    newcomer = await arrivals.find_out(database, WANG)
    customer = await customers.find_or_create(database, WANG)
    assert newcomer.customer_id == customer
    first = satisfied(await complained(database, customer, 1))
    await PostgresRecorder(database).record(recording(first, 1))
    assert await found(database) == Earlier("SML-1", "", breached=False, unsatisfied=False, count=1)
    late = await complained(database, customer, 2)
    late.pass_time("25h")
    await PostgresRecorder(database).record(recording(late, 1))
    assert await found(database) == Earlier("SML-2", "", breached=True, unsatisfied=False, count=2)
    refused = await complained(database, customer, 3)
    refused.do(c.AnswerOrder(refused.order, "No."))
    refused.do(c.Propose((Option("a", "Nothing"),)))
    refused.do(c.Approve("boss"))
    refused.do(c.Reject("still wrong"))
    await PostgresRecorder(database).record(recording(refused, 1))
    assert await found(database) == Earlier("SML-3", "", breached=False, unsatisfied=True, count=3)
    assert await found(database, since=MONDAY + timedelta(hours=4)) is None
    assert await found(database, facts={"category": "other"}) is None
    assert await found(database, procedure="other") is None
    assert await found(database, CustomerData(phone="2")) is None
    assert await found(database, CustomerData()) is None
    assert (await arrivals.find_out(database, WANG)).earlier is None


async def test_a_request_that_was_answered_changes_nothing_about_its_customer(database: Database) -> None:
    old, new = CustomerData(id="7", name="Wang"), CustomerData(id="7", name="Wang Fang")
    assert (await arrivals.find_out(database, old, claim=ASKED)).kept is None
    await customers.find_or_create(database, old)
    await idempotency.answer(database, ASKED, 201, {"ref": "SML-1"})
    await arrivals.find_out(database, new)
    again = await arrivals.find_out(database, old, claim=ASKED)
    assert again.kept is not None
    assert (again.kept.status, again.kept.response) == (201, {"ref": "SML-1"})
    (row,) = await database.fetch(text("SELECT name FROM customers"))
    assert row.name == "Wang Fang"
    with pytest.raises(KeyReused):
        await arrivals.find_out(database, old, claim=Claim("anna", "k", b"another"))


async def known(database: Database) -> Any:
    """A stored complaint, whose procedure others can have too."""
    await take_in(database, "SML-0")
    return await complaints.row(database, "SML-0")


def like(other: Any, number: int, **given: Any) -> intake.Intake:
    """What intake stores for a complaint under the same procedure."""
    values = {
        "ref": f"SML-{number}", "procedure": other.procedure, "version": other.version,
        "fingerprint": other.fingerprint, "opened_at": MONDAY,
    }  # fmt: skip
    return intake.Intake(**{**values, **given})


async def test_a_newcomer_is_added_with_the_complaint_or_not_at_all(database: Database) -> None:
    other = await known(database)
    arrival = await arrivals.find_out(database, WANG, claim=ASKED)
    assert arrival.newcomer is not None
    assert await database.fetch(text("SELECT id FROM customers")) == []
    row = like(other, 1, customer_id=arrival.customer_id, newcomer=arrival.newcomer)
    assert await intake.accept_once(database, row, {}, ASKED, status=201, response={})
    (stored,) = await database.fetch(text("SELECT id, name, phone FROM customers"))
    assert tuple(stored) == (arrival.customer_id, "Wang", "139")
    assert (await arrivals.find_out(database, WANG)).newcomer is None
    li = CustomerData(name="Li", phone="2")
    late = like(other, 2, customer_id="x", newcomer=(await arrivals.find_out(database, li)).newcomer)
    assert not await intake.accept_once(database, late, {}, ASKED, status=201, response={})
    assert len(await database.fetch(text("SELECT id FROM customers"))) == 1


async def test_many_at_once_are_each_found_and_accepted(database: Database) -> None:
    other = await known(database)
    people = [CustomerData(name=f"P{number % 4}", phone=f"1{number % 4}") for number in range(12)]

    async def arrive(number: int) -> bool:
        claim = Claim("anna", f"k{number}", b"r")
        arrival = await arrivals.find_out(database, people[number], claim=claim)
        row = like(other, number + 1, customer_id=arrival.customer_id, newcomer=arrival.newcomer)
        return await intake.accept_once(
            database, row, {"n": number}, claim, status=201, response={"n": number}
        )

    assert all(await asyncio.gather(*(arrive(number) for number in range(12))))
    assert len(await database.fetch(text("SELECT id FROM customers"))) == 4
    for number in range(12):
        assert await outbox.payload(database, f"SML-{number + 1}") == {"n": number}
        kept = (await arrivals.find_out(database, WANG, claim=Claim("anna", f"k{number}", b"r"))).kept
        assert kept is not None
        assert kept.response == {"n": number}


async def test_nobody_fails_for_what_another_brought(database: Database) -> None:
    other = await known(database)

    async def accept(number: int) -> bool:
        row = like(other, number, **({"fingerprint": "no such"} if number == 3 else {}))
        claim = Claim("anna", f"k{number}", b"r")
        return await intake.accept_once(database, row, {}, claim, status=201, response={})

    stored = await asyncio.gather(*(accept(number) for number in range(1, 7)), return_exceptions=True)
    assert isinstance(stored.pop(2), IntegrityError)
    assert stored == [True] * 5


async def test_of_many_at_once_with_one_key_one_is_accepted_with_its_answer(database: Database) -> None:
    other = await known(database)

    async def accept(number: int) -> bool:
        row = like(other, number, title="t\x00", form={"product": "x"})
        return await intake.accept_once(
            database, row, {"ref": row.ref}, ASKED, status=201, response={"ref": row.ref}
        )

    stored = await asyncio.gather(*(accept(number) for number in range(1, 7)))
    assert stored.count(True) == 1
    kept = await idempotency.kept(database, ASKED)
    assert kept is not None
    ref = f"SML-{stored.index(True) + 1}"
    assert kept.response == {"ref": ref}
    assert await outbox.payload(database, ref) == {"ref": ref}
    row = await complaints.row(database, ref)
    assert row is not None
    assert (row.title, row.form, row.status) == ("t\ufffd", {"product": "x"}, "new")
    assert (await outbox.backlog(database)).count == 2
