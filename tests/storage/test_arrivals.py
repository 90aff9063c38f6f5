"""What intake finds out before it accepts: the customer, what is repeated, and if it was asked before."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain import commands as c
from domain.events import Option
from storage.engine import Database
from storage.errors import KeyReused
from storage.queries import complaints, outbox
from storage.stores import arrivals, idempotency, intake
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
    customer = (await arrivals.find_out(database, WANG)).customer_id
    assert customer
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
    await idempotency.answer(database, ASKED, 201, {"ref": "SML-1"})
    await arrivals.find_out(database, new)
    again = await arrivals.find_out(database, old, claim=ASKED)
    assert again.kept is not None
    assert (again.kept.status, again.kept.response) == (201, {"ref": "SML-1"})
    (row,) = await database.fetch(text("SELECT name FROM customers"))
    assert row.name == "Wang Fang"
    with pytest.raises(KeyReused):
        await arrivals.find_out(database, old, claim=Claim("anna", "k", b"another"))


async def test_of_many_at_once_with_one_key_one_is_accepted_with_its_answer(database: Database) -> None:
    await take_in(database, "SML-0")
    known = await complaints.row(database, "SML-0")
    assert known is not None

    async def accept(number: int) -> bool:
        row = intake.Intake(
            ref=f"SML-{number}", procedure=known.procedure, version=known.version,
            fingerprint=known.fingerprint, opened_at=MONDAY, title="t\x00", form={"product": "x"},
        )  # fmt: skip
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
