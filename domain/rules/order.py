"""Orders: work given to units, taken, declined, answered, sent back and recalled."""

from __future__ import annotations

from domain import commands as c
from domain import events as ev
from domain import route
from domain.commands import Actor
from domain.complaint import Order, OrderState
from domain.conflict import check_named
from domain.draft import Draft
from domain.errors import Refused
from domain.procedure import StepKind
from domain.roles import check_unit
from domain.rules import Rule, Rules, Situation, check_form, must_be_in, must_be_open, must_say
from domain.sanity import check_ahead


def _the_order(situation: Situation) -> Order:
    must_be_open(situation)
    order = situation.complaint.order(situation.target)
    if order is None:
        known = ", ".join(o.id for o in situation.complaint.orders) or "none"
        raise Refused("no_such_order", f"there is no order {situation.target!r}; there is {known}")
    return order


def _own_open_order(situation: Situation) -> Order:
    order = _the_order(situation)
    check_unit(order.unit, situation.actor)
    if not order.state.open:
        raise Refused("order_not_open", f"order {order.id} is {order.state.value}")
    return order


def _may_dispatch(situation: Situation) -> None:
    """While handling, or for one of the purposes that run beside the route."""
    must_be_open(situation)
    if all(purpose.name == route.MAIN for purpose in situation.procedure.purposes):
        must_be_in(situation, StepKind.HANDLE)


def _dispatch(draft: Draft, command: c.Dispatch, _: Actor) -> None:
    """TEL-7: every hand-over is an order; the main kind only while the route is at a handling step."""
    must_say(command.unit, "unit", "a unit")
    if command.unit == draft.complaint.unit and draft.complaint.unit_standing:
        standing = draft.complaint.unit_standing
        raise Refused(standing, f"{command.unit} is {standing} and gets no orders", fields={"unit": standing})
    if command.purpose not in {purpose.name for purpose in draft.procedure.purposes}:
        known = ", ".join(purpose.name for purpose in draft.procedure.purposes)
        raise Refused("no_such_purpose", f"orders are given for one of: {known}")
    step = route.current(draft)
    if command.purpose == route.MAIN and (step is None or step.kind is not StepKind.HANDLE):
        where = step.name if step else "the end"
        raise Refused("wrong_step", f"the complaint is at {where!r}; handling orders go out while handling")
    for order in draft.complaint.open_orders():
        if order.unit == command.unit and order.purpose == command.purpose:
            raise Refused("already_dispatched", f"{command.unit} already has the open order {order.id}")
    policy = draft.procedure.rounds
    superior = bool(policy.superior_from and draft.complaint.round >= policy.superior_from)
    route.dispatch(
        draft,
        route.Given(command.unit, command.unit_kind, command.unit_above),
        command.purpose,
        note=command.note,
        superior=superior and command.purpose == route.MAIN,
    )


def _may_take(situation: Situation) -> None:
    order = _own_open_order(situation)
    if order.state is OrderState.TAKEN:
        raise Refused("already_taken", f"order {order.id} was taken by {order.handler}")


def _take(draft: Draft, command: c.TakeOrder, actor: Actor) -> None:
    draft.emit(ev.OrderTaken(order=command.order, handler=actor.id))


def _may_answer(situation: Situation) -> None:
    _own_open_order(situation)


def _decline(draft: Draft, command: c.DeclineOrder, _: Actor) -> None:
    """TEL-2: declining needs a reason and sends the order back to the dispatcher."""
    must_say(command.reason, "reason", "a reason")
    draft.emit(ev.OrderDeclined(order=command.order, reason=command.reason))


def _answer(draft: Draft, command: c.AnswerOrder, _: Actor) -> None:
    must_say(command.result, "result", "a result")
    order = draft.complaint.order(command.order)
    if order is None:
        raise AssertionError("the guard has found the order")
    outcomes = draft.procedure.purpose(order.purpose).outcomes
    if outcomes and command.outcome not in outcomes:
        wanted = f"one of {', '.join(outcomes)}"
        raise Refused("outcome", "the answer must say how it went", fields={"outcome": wanted})
    if command.outcome and not outcomes:
        raise Refused(
            "outcome", "this order has no outcomes to choose from", fields={"outcome": "leave it out"}
        )
    step = route.current(draft)
    if order.purpose == route.MAIN and step is not None:
        check_form(step.requires, command.answers, draft.complaint.rule_facts(order), draft.files)
        check_named(step.requires, command.answers, draft.complaint.complained_of)
    elif command.answers:
        raise Refused("form", "this order has no form", fields=dict.fromkeys(command.answers, "unknown"))
    draft.emit(
        ev.OrderAnswered(
            order=order.id, result=command.result, outcome=command.outcome, answers=dict(command.answers)
        )
    )
    answered = draft.complaint.order(order.id)
    if answered is not None:
        route.join(draft, answered)


def _may_send_back(situation: Situation) -> None:
    order = _the_order(situation)
    step = situation.step
    if order.state is not OrderState.ANSWERED:
        raise Refused("order_not_answered", f"order {order.id} is {order.state.value}, there is no answer")
    if order.round != situation.complaint.round:
        raise Refused("past_round", f"order {order.id} belongs to round {order.round}, which is over")
    if step is not None and step.kind in (StepKind.DECIDE, StepKind.FULFIL, StepKind.CALLBACK):
        raise Refused("wrong_step", "the customer has been told the result; reopen instead")


def _send_back(draft: Draft, command: c.SendBackOrder, _: Actor) -> None:
    """An incomplete answer goes back; the route returns to handling."""
    must_say(command.reason, "reason", "a reason")
    draft.emit(ev.OrderSentBack(order=command.order, reason=command.reason))
    step = route.current(draft)
    if step is not None and step.kind is not StepKind.HANDLE:
        handling = next((s for s in draft.procedure.steps if s.kind is StepKind.HANDLE), None)
        if handling is not None:
            draft.emit(ev.StepEntered(step=handling.name, round=draft.complaint.round))


def _may_recall(situation: Situation) -> None:
    order = _the_order(situation)
    if not order.state.open:
        raise Refused("order_not_open", f"order {order.id} is {order.state.value}")


def _recall(draft: Draft, command: c.RecallOrder, _: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    draft.emit(ev.OrderRecalled(order=command.order, reason=command.reason))
    step = route.current(draft)
    main = [o for o in draft.complaint.orders if o.purpose == route.MAIN and o.round == draft.complaint.round]
    answered = [o for o in main if o.state is OrderState.ANSWERED]
    if step is not None and step.kind is StepKind.HANDLE and answered and not any(o.state.open for o in main):
        route.finish(draft, "answered")


def _agree_visit(draft: Draft, command: c.AgreeVisit, _: Actor) -> None:
    """TEL-5, MFG-9: a visit agreed with the customer becomes a clock."""
    check_ahead(command.at, draft.now, "at")
    draft.emit(ev.VisitAgreed(order=command.order, at=command.at))
    draft.start_clock("visit", order=command.order, until=command.at)


def _make_visit(draft: Draft, command: c.MakeVisit, _: Actor) -> None:
    draft.emit(ev.VisitMade(order=command.order))


RULES: Rules = {
    c.Dispatch: Rule(_may_dispatch, _dispatch),
    c.TakeOrder: Rule(_may_take, _take, "order"),
    c.DeclineOrder: Rule(_may_answer, _decline, "order"),
    c.AnswerOrder: Rule(_may_answer, _answer, "order"),
    c.SendBackOrder: Rule(_may_send_back, _send_back, "order"),
    c.RecallOrder: Rule(_may_recall, _recall, "order"),
    c.AgreeVisit: Rule(_may_recall, _agree_visit, "order"),
    c.MakeVisit: Rule(_may_answer, _make_visit, "order"),
}
