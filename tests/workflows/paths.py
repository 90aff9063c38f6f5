"""The paths a complaint can take, each driven on real servers; their histories are committed and replayed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

from domain import commands as c
from domain import events as ev
from domain.conditions import ALWAYS
from tests.drive import AGENT, APPROVER, CALLBACK, CUSTOMER, SUPERVISOR, handler_of
from tests.workflows.conftest import Case, World

TELECOM = {
    "kind": "complaint",
    "party": "si",
    "received_by": "operator",
    "severity": "ordinary",
    "matter": "charges",
}
SI = "si-alpha"
BOSS = c.Actor("person:boss", ("approver", "supervisor"))


def offer(remedy: str = "explanation") -> c.Propose:
    """A proposal with one alternative to it."""
    return c.Propose(
        (
            ev.Option("", "We explain and apologise", (ev.Remedy(remedy),)),
            ev.Option("", "You get a written statement", (ev.Remedy("apology"),)),
        )
    )


async def _opened(world: World, continue_after: int = 0) -> Case:
    return await world.open("telecom-si", TELECOM, continue_after=continue_after)


async def _round(case: Case) -> None:
    """Dispatch where nothing is out yet, answer, propose."""
    if not (await case.state()).open_orders():
        await case.do(c.Dispatch(SI), AGENT)
    order = (await case.state()).open_orders()[0]
    await case.do(c.TakeOrder(order.id), handler_of(SI))
    await case.do(c.AnswerOrder(order.id, "Looked into"), handler_of(SI))
    await case.do(offer(), AGENT)


async def _analysed(case: Case) -> None:
    if (await case.state()).step == "analysis":
        await case.do(c.FinishTask("done", {"cause": "service", "analysis": "Known"}), AGENT)


async def _satisfied(case: Case) -> None:
    await case.do(c.Accept("1"), CUSTOMER)
    await _analysed(case)
    await case.do(c.RecordCallback("satisfied", 9), CALLBACK)
    await case.ended()


async def accepted(world: World) -> Case:
    case = await _opened(world)
    await _round(case)
    await _satisfied(case)
    return case


async def refused_twice(world: World) -> Case:
    case = await _opened(world)
    for _ in range(2):
        await _round(case)
        await case.do(c.Reject("Not enough", "More"), CUSTOMER)
    await _round(case)
    await _satisfied(case)
    return case


async def breached_with_full_ladder(world: World) -> Case:
    case = await _opened(world)
    await case.do(c.Dispatch(SI), AGENT)
    await case.pass_time(timedelta(days=4))
    await _round(case)
    await _satisfied(case)
    return case


async def callback_unreached(world: World) -> Case:
    case = await _opened(world)
    await _round(case)
    await case.do(c.Accept("1"), CUSTOMER)
    for _ in range(2):
        await case.do(c.RecordCallback("unreached"), CALLBACK)
        await case.pass_time(timedelta(days=4))
    await case.do(c.RecordCallback("unreached"), CALLBACK)
    await case.ended()
    return case


async def dissatisfied_and_reopened(world: World) -> Case:
    case = await _opened(world)
    await _round(case)
    await case.do(c.Accept("1"), CUSTOMER)
    await case.do(c.RecordCallback("dissatisfied", 1, "It came back"), CALLBACK)
    await _round(case)
    await _satisfied(case)
    return case


async def paused(world: World) -> Case:
    case = await _opened(world)
    await case.do(c.Dispatch(SI), AGENT)
    await case.do(c.Hold("Waiting for the bill"), AGENT)
    await case.pass_time(timedelta(days=2))
    await case.do(c.Resume(), AGENT)
    await case.pass_time(timedelta(hours=10))
    await _round(case)
    await _satisfied(case)
    return case


async def withdrawn(world: World) -> Case:
    case = await _opened(world)
    await case.do(c.Dispatch(SI), AGENT)
    await case.do(c.Withdraw("Solved itself"), CUSTOMER)
    await case.ended()
    return case


async def continued_as_new(world: World) -> Case:
    case = await _opened(world, continue_after=40)
    await case.do(c.Dispatch(SI), AGENT)
    for number in range(8):
        await case.do(c.AddNote(f"note {number}"), AGENT)
    await _round(case)
    await _satisfied(case)
    return case


async def signalled(world: World) -> Case:
    case = await _opened(world)
    await case.do(c.Dispatch(SI), AGENT)
    await case.handle.signal("customer_accepted", {})
    await case.handle.signal("department_resolved", {"order": "1", "result": "Corrected"})
    await case.until(lambda s: s.step == "propose")
    await case.do(offer(), AGENT)
    await case.handle.signal("customer_accepted", {"option": "2"})
    await case.until(lambda s: s.step == "callback")
    await case.do(c.RecordCallback("satisfied"), CALLBACK)
    await case.ended()
    return case


async def approved(world: World) -> Case:
    """A courier's cash settlement: sent back once, then agreed to, carried out, called back."""
    case = await world.open("courier", {"type": "delay"}, unit="courier-north")
    while (await case.state()).open:
        await _next_of_courier(case)
    await case.ended()
    return case


async def _next_of_courier(case: Case) -> None:
    state = await case.state()
    step = case.procedure.step(state.step)
    match step.kind.value:
        case "handle" if not state.open_orders():
            await case.do(c.Dispatch("courier-north"), AGENT)
        case "handle":
            answers = {field.name: _value(field) for field in step.requires if field.when == ALWAYS}
            order = state.open_orders()[0]
            await case.do(
                c.AnswerOrder(order.id, "Broken on the belt", answers=answers), handler_of("courier-north")
            )
        case "task":
            outcome = next(iter(step.outcomes))
            answers = {field.name: _value(field) for field in step.requires}
            await case.do(c.FinishTask(outcome, answers), SUPERVISOR)
        case "propose":
            cash = ev.Remedy("compensation", "", Decimal("120.00"), "CNY")
            plan = c.Propose(
                (ev.Option("", "We pay the damage", (cash,)),), answers={"arrives_by": "2099-01-31"}
            )
            await case.do(plan, SUPERVISOR)
        case "approve" if not [e for e in await case.events() if e.fact.kind == "approval_sent_back"]:
            await case.do(c.SendBackProposal("Attach the photograph"), APPROVER)
        case "approve":
            await case.do(c.Approve(), BOSS)
        case "decide":
            await case.do(c.Accept(), CUSTOMER)
        case "fulfil":
            await case.do(c.Fulfil("Paid"), SUPERVISOR)
        case "callback":
            await case.do(c.RecordCallback("satisfied", 8), CALLBACK)


def _value(field: object) -> str:
    choices = getattr(field, "choices", ())
    return choices[0] if choices else "10"


async def refunded_after_a_payment_that_failed(world: World) -> Case:
    """TEL-22: a payment fails, a person has it tried again, and the integrator is charged once it is made."""
    world.payments.failures, world.payments.permanent = 1, True
    case = await world.open("telecom-si", TELECOM, customer="7")
    await case.do(c.Dispatch(SI), AGENT)
    found = {"charge_kind": "ordinary", "wrong_charge": "29.90"}
    await case.do(c.AnswerOrder("1", "Never ordered", answers=found), handler_of(SI))
    await case.do(offer("double_refund"), AGENT)
    await case.do(c.Accept("1"), CUSTOMER)
    await case.do(c.Fulfil("credited"), AGENT)
    await case.until(lambda complaint: any(p.state == "failed" for p in complaint.postings))
    await case.do(c.RetryPayout("double_refund#1"), SUPERVISOR)
    await case.until(lambda complaint: any(p.entry == "deduction" for p in complaint.postings))
    await case.do(c.RecordCallback("satisfied", 9), CALLBACK)
    await case.ended()
    return case


PATHS: dict[str, Callable[[World], Awaitable[Case]]] = {
    path.__name__: path
    for path in (
        accepted,
        refused_twice,
        breached_with_full_ladder,
        callback_unreached,
        dissatisfied_and_reopened,
        paused,
        withdrawn,
        continued_as_new,
        signalled,
        approved,
        refunded_after_a_payment_that_failed,
    )
}
