"""Orders: work given to units, taken, declined, answered, sent back and recalled."""

from __future__ import annotations

from domain import commands as c
from domain import events as ev
from domain import route
from domain.assignment import Given, is_chosen, is_for, units_for
from domain.commands import Actor
from domain.complaint import Complaint, Order, OrderState
from domain.conflict import check_named
from domain.draft import Draft
from domain.errors import Refused
from domain.forms import placed
from domain.purpose import MAIN
from domain.roles import AGENT, check_unit
from domain.rules import Rule, Rules, Situation, check_form, must_be_in, must_be_open, must_say
from domain.sanity import check_ahead
from domain.step import Step, StepKind


def _the_order(situation: Situation) -> Order:
    must_be_open(situation)
    order = situation.complaint.order(situation.target)
    if order is None:
        known = ", ".join(o.id for o in situation.complaint.orders) or "none"
        raise Refused("no_such_order", f"there is no order {situation.target!r}; there is {known}")
    return order


def _own_open_order(situation: Situation) -> Order:
    order = _the_order(situation)
    by = situation.procedure.purpose(order.purpose).by
    if not is_chosen(by, situation.complaint, situation.actor):
        check_unit(order.unit, situation.actor)
    if not is_for(by, situation.complaint, situation.actor):
        raise Refused("not_your_role", f"orders for {order.purpose!r} are for {', '.join(by)}")
    if not order.state.open:
        raise Refused("order_not_open", f"order {order.id} is {order.state.value}")
    return order


def _may_dispatch(situation: Situation) -> None:
    """While handling, where it is still to be verified, or for a purpose that runs beside the route."""
    must_be_open(situation)
    if _to_verify(situation.complaint, situation.step):
        return
    if all(purpose.name == MAIN for purpose in situation.procedure.purposes):
        must_be_in(situation, StepKind.HANDLE)


def _to_verify(complaint: Complaint, step: Step | None) -> bool:
    """CON-4: whether the route stands at a proposal that nobody may make before a unit has looked into it."""
    return complaint.unverified and step is not None and step.kind is StepKind.PROPOSE


def _dispatch(draft: Draft, command: c.Dispatch, _: Actor) -> None:
    """TEL-7: every hand-over is an order; the main kind only while the route is at a handling step."""
    standing = draft.standing_of(command.unit)
    if standing:
        raise Refused(standing, f"{command.unit} is {standing} and gets no orders", fields={"unit": standing})
    if command.purpose not in {purpose.name for purpose in draft.procedure.purposes}:
        known = ", ".join(purpose.name for purpose in draft.procedure.purposes)
        raise Refused("no_such_purpose", f"orders are given for one of: {known}")
    step = route.current(draft)
    handling = step is not None and step.kind is StepKind.HANDLE
    if command.purpose == MAIN and not (handling or _to_verify(draft.complaint, step)):
        where = step.name if step else "the end"
        raise Refused("wrong_step", f"the complaint is at {where!r}; handling orders go out while handling")
    policy = draft.procedure.rounds
    superior = bool(policy.superior_from and draft.complaint.round >= policy.superior_from)
    for unit in _units(draft, command):
        for order in draft.complaint.open_orders():
            if order.unit == unit.id and order.purpose == command.purpose:
                raise Refused("already_dispatched", f"{unit.id} already has the open order {order.id}")
        route.dispatch(
            draft,
            unit,
            command.purpose,
            note=command.note,
            superior=superior and command.purpose == MAIN,
        )


def _units(draft: Draft, command: c.Dispatch) -> list[Given]:
    """The unit that is named, else the ones to which orders for the purpose go."""
    if command.unit:
        return [Given(command.unit, command.unit_kind, command.unit_above)]
    to = draft.procedure.purpose(command.purpose).to
    units = units_for(to, draft.complaint, command.purpose, None)
    if not units:
        must_say(command.unit, "unit", "a unit")
    return units


def _may_take(situation: Situation) -> None:
    order = _own_open_order(situation)
    if order.state is OrderState.TAKEN:
        raise Refused("already_taken", f"order {order.id} was taken by {order.handler}")


def _take(draft: Draft, command: c.TakeOrder, actor: Actor) -> None:
    draft.emit(ev.OrderTaken(order=command.order, handler=actor.id))


def _may_answer(situation: Situation) -> None:
    _own_open_order(situation)


def _decline(draft: Draft, command: c.DeclineOrder, _: Actor) -> None:
    """TEL-2: declining needs a reason and sends the order back to the dispatcher, or on where it says so."""
    must_say(command.reason, "reason", "a reason")
    draft.emit(ev.OrderDeclined(order=command.order, reason=command.reason))
    declined = draft.complaint.order(command.order)
    if declined is not None:
        route.follow_order(draft, declined)


def _answer(draft: Draft, command: c.AnswerOrder, _: Actor) -> None:
    must_say(command.result, "result", "a result")
    order = draft.complaint.order(command.order)
    if order is None:
        raise AssertionError("the guard has found the order")
    purpose = draft.procedure.purpose(order.purpose)
    outcomes = purpose.outcomes
    if outcomes and command.outcome not in outcomes:
        wanted = f"one of {', '.join(outcomes)}"
        raise Refused("outcome", "the answer must say how it went", fields={"outcome": wanted})
    if command.outcome and not outcomes:
        raise Refused(
            "outcome", "this order has no outcomes to choose from", fields={"outcome": "leave it out"}
        )
    step = route.current(draft)
    fields = (*(step.requires if order.purpose == MAIN and step is not None else ()), *purpose.requires)
    if command.answers and not fields:
        raise Refused("form", "this order has no form", fields=dict.fromkeys(command.answers, "unknown"))
    facts = {**draft.complaint.rule_facts(order), "order_outcome": command.outcome} if fields else {}
    check_form(fields, command.answers, facts, draft.files)
    check_named(fields, command.answers, draft.complaint.complained_of)
    draft.emit(
        ev.OrderAnswered(
            order=order.id,
            result=command.result,
            outcome=command.outcome,
            answers=placed(fields, command.answers, draft.places),
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
    step, order = route.current(draft), draft.complaint.order(command.order)
    if step is None or order is None:
        return
    handling = _waited_for_at(draft, order)
    if handling is not None and handling.name != step.name:
        draft.emit(ev.StepEntered(step=handling.name, round=draft.complaint.round))


def _waited_for_at(draft: Draft, order: Order) -> Step | None:
    """The handling step that waits for the order; None when it runs beside the route."""
    if order.step:
        return draft.procedure.step(order.step)
    handling = (s for s in draft.procedure.steps if s.kind is StepKind.HANDLE)
    return next((s for s in handling if order.purpose == MAIN and MAIN in draft.procedure.awaited(s)), None)


def _may_recall(situation: Situation) -> None:
    """An order its unit has declined can be taken back too: then nobody is to do it."""
    order = _the_order(situation)
    if not order.state.open and not order.unsettled:
        raise Refused("order_not_open", f"order {order.id} is {order.state.value}")


def _recall(draft: Draft, command: c.RecallOrder, _: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    draft.emit(ev.OrderRecalled(order=command.order, reason=command.reason))
    step = route.current(draft)
    if step is None or step.kind is not StepKind.HANDLE:
        return
    awaited, round_ = draft.procedure.awaited(step), draft.complaint.round
    answered = [o for o in draft.complaint.orders if o.state is OrderState.ANSWERED and o.round == round_]
    if any(order.purpose in awaited for order in answered):
        route.finish_if_joined(draft, step)


def _may_agree_visit(situation: Situation) -> None:
    """The desk agrees visits for every unit, a unit for its own orders."""
    order = _the_order(situation)
    if AGENT not in situation.actor.roles:
        _own_open_order(situation)
    elif not order.state.open:
        raise Refused("order_not_open", f"order {order.id} is {order.state.value}")


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
    c.AgreeVisit: Rule(_may_agree_visit, _agree_visit, "order"),
    c.MakeVisit: Rule(_may_answer, _make_visit, "order"),
}
