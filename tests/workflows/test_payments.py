"""Payments beside a complaint: made once across continue-as-new, and its end waits for what is on its way."""

from __future__ import annotations

import asyncio

from domain import commands as c
from domain.postings import Payment
from services.connect import Connections
from services.reviving import revive
from tests.drive import AGENT, CALLBACK, CUSTOMER, SUPERVISOR, handler_of
from tests.waiting import until
from tests.workflows.conftest import Case, World
from tests.workflows.paths import SI, TELECOM, offer

FOUND = {"charge_kind": "ordinary", "wrong_charge": "29.90"}


async def promised(world: World, continue_after: int = 0) -> Case:
    case = await world.open("telecom-si", TELECOM, continue_after=continue_after, customer="7")
    await case.do(c.Dispatch(SI), AGENT)
    await case.do(c.AnswerOrder("1", "Never ordered", answers=FOUND), handler_of(SI))
    await case.do(offer("double_refund"), AGENT)
    await case.do(c.Accept("1"), CUSTOMER)
    return case


async def only_paying(case: Case) -> bool:
    """Whether the run is still there when everything else is done and only the payment is on its way."""

    async def described() -> tuple[bool, list[str]]:
        found = (await case.handle.describe()).raw_description
        waiting = [one.activity_type.name for one in found.pending_activities]
        return found.workflow_execution_info.HasField("close_time"), waiting

    ended, _ = await until(described, lambda found: found[0] or found[1] == ["pay_out"])
    return not ended


async def test_a_closed_complaint_ends_when_its_payment_is_made(world: World) -> None:
    held = asyncio.Event()
    pay = world.payments.pay

    async def slowly(payment: Payment) -> str:
        await held.wait()
        return await pay(payment)

    world.payments.pay = slowly
    case = await promised(world)
    await case.do(c.Fulfil("credited"), AGENT)
    done = await case.do(c.RecordCallback("satisfied", 9), CALLBACK)
    assert done.status == "closed"
    assert await only_paying(case)
    held.set()
    assert (await case.ended()).seq > done.seq
    kinds = [event.fact.kind for event in await case.events()]
    assert kinds[-2:] == ["paid_out", "posted"]
    assert list(world.payments.paid) == [f"{case.ref}/double_refund#1"]


async def test_a_payment_on_its_way_while_the_run_is_continued_is_made_once(world: World) -> None:
    held = asyncio.Event()
    pay = world.payments.pay

    async def slowly(payment: Payment) -> str:
        await held.wait()
        return await pay(payment)

    world.payments.pay = slowly
    case = await promised(world, continue_after=60)
    await case.do(c.Fulfil("credited"), AGENT)
    for number in range(12):  # enough for the next run to begin
        await case.do(c.AddNote(f"note {number}"), AGENT)
    assert len(await case.histories()) > 1
    held.set()
    await case.until(lambda complaint: any(p.entry == "deduction" for p in complaint.postings))
    assert {key: str(amount) for key, amount in world.payments.paid.items()} == {
        f"{case.ref}/double_refund#1": "59.80"
    }
    assert len(await case.facts("paid_out")) == 1


async def test_a_closed_complaint_whose_run_was_ended_before_it_paid_is_revived(world: World) -> None:
    world.payments.failures = 1  # an outage: it would be asked again in a while
    case = await promised(world)
    await case.do(c.Fulfil("credited"), AGENT)
    await case.do(c.RecordCallback("satisfied", 9), CALLBACK)
    await case.handle.terminate("by mistake")
    connections = Connections(world.database, {})
    connections.use(world.client)
    done = await revive(connections, rate=100)
    assert done.revived == 1
    await case.until(lambda complaint: any(p.entry == "deduction" for p in complaint.postings))
    assert list(world.payments.paid) == [f"{case.ref}/double_refund#1"]
    assert (await revive(connections, rate=100)).revived == 0


async def test_a_closed_complaint_pays_when_a_person_has_it_tried_again(world: World) -> None:
    world.payments.failures, world.payments.permanent = 1, True
    case = await promised(world)
    await case.do(c.Fulfil("credited"), AGENT)
    await case.until(lambda complaint: any(p.state == "failed" for p in complaint.postings))
    state = await case.state()
    assert [p.id for p in state.postings] == ["double_refund#1"]
    await case.do(c.RetryPayout("double_refund#1"), SUPERVISOR)
    await case.do(c.RecordCallback("satisfied", 9), CALLBACK)
    await case.ended()
    assert [p.state.value for p in (await case.state()).postings] == ["paid", "booked"]
    assert [p.attempt for p in world.payments.asked] == [1, 2]
    assert len({p.key for p in world.payments.asked}) == 1
