"""Moving along a procedure's route: entering steps, following outcomes, new rounds and the end."""

from __future__ import annotations

from collections.abc import Mapping

from domain import events as ev
from domain.approval import Needed, needed
from domain.archive import archive
from domain.assignment import Given, units_for
from domain.complaint import Complaint, Order, OrderState
from domain.draft import Draft
from domain.errors import Refused
from domain.measures import MeasureTaken
from domain.purpose import DECLINED, MAIN
from domain.step import Step, StepKind, Target


def start(draft: Draft) -> None:
    """Enter the first step of the route that applies."""
    _enter_from(draft, 0)


def current(draft: Draft) -> Step | None:
    """The step the complaint is in, or None when it is closed."""
    return draft.procedure.step(draft.complaint.step) if draft.complaint.step else None


def finish(draft: Draft, outcome: str, answers: Mapping[str, str] | None = None, note: str = "") -> None:
    """Finish the current step with ``outcome`` and go where that leads."""
    step = draft.procedure.step(draft.complaint.step)
    draft.emit(ev.StepFinished(step=step.name, outcome=outcome, answers=dict(answers or {}), note=note))
    follow(draft, step, step.outcomes.get(outcome, Target(go="next")), note or outcome)


def follow(draft: Draft, step: Step, target: Target, why: str) -> None:
    """Go where ``target`` leads from ``step``."""
    for measure in target.measures if draft.complaint.unit else ():
        draft.emit(MeasureTaken(measure=measure, unit=draft.complaint.unit, step=step.name, note=why))
    if target.put:
        draft.emit(ev.Classified(facts=dict(target.put), note=step.name))
    match target.go:
        case "next":
            _enter_from(draft, draft.procedure.steps.index(step) + 1)
        case "step":
            enter(draft, draft.procedure.step(target.name))
        case "reopen" if draft.procedure.rounds.then and rounds_used_up(draft):
            close(draft, draft.procedure.rounds.then, note=why)
        case "reopen":
            new_round(draft, why)
        case "close":
            close(draft, target.name, note=why)


def _enter_from(draft: Draft, index: int) -> None:
    facts = draft.complaint.rule_facts()
    for step in draft.procedure.steps[index:]:
        if step.when.holds(facts):
            enter(draft, step)
            return
    close(draft, default_reason(draft))


def enter(draft: Draft, step: Step) -> None:
    """Begin ``step``: its orders go out, its callback is planned, its needless approvals are passed."""
    draft.emit(ev.StepEntered(step=step.name, round=draft.complaint.round))
    match step.kind:
        case StepKind.HANDLE:
            _dispatch_on_entry(draft, step)
        case StepKind.APPROVE:
            if pending_approvals(draft.complaint, step):
                tell_open_approvals(draft, step)
            else:
                finish(draft, "approved")
        case StepKind.CALLBACK:
            _plan_callback(draft, step)
        case _:
            pass


def _dispatch_on_entry(draft: Draft, step: Step) -> None:
    """Orders that need no dispatcher; where a step plans orders and none is needed, it is passed."""
    facts = draft.complaint.rule_facts()
    planned = [order for order in step.orders if order.when.holds(facts)]
    if step.orders and not planned:
        finish(draft, "answered", note="no order is needed")
        return
    policy = draft.procedure.rounds
    superior = bool(policy.superior_from and draft.complaint.round >= policy.superior_from)
    for unit in units_for(step.to, draft.complaint, MAIN, None):
        dispatch(draft, unit, MAIN, superior=superior)
    given = [(unit, o.purpose) for o in planned for unit in units_for(o.to, draft.complaint, o.purpose, None)]
    for unit, purpose in dict.fromkeys(given):
        dispatch(draft, unit, purpose, superior=superior and not unit.superior)


def dispatch(draft: Draft, unit: Given, purpose: str, *, note: str = "", superior: bool = False) -> None:
    """Give a unit an order under the next number; ``superior``: raised to the unit above it.

    TEL-21: a unit that gets no orders gets none by rule either. The step waits then until somebody dispatches
    to another, and those who dispatch are told.
    """
    to = unit.raised() if superior else unit
    if to.id not in draft.places and to.id not in draft.standing:
        draft.unasked.add(to.id)
    standing = draft.standing_of(to.id)
    if standing:
        draft.emit(ev.OrderWithheld(unit=to.id, purpose=purpose, standing=standing, note=note))
        return
    number = str(len(draft.complaint.orders) + 1)
    draft.emit(
        ev.Dispatched(
            order=number,
            unit=to.id,
            purpose=purpose,
            note=note,
            unit_kind=to.kind,
            unit_above=to.above,
            superior=to.superior,
        )
    )


def follow_order(draft: Draft, order: Order) -> bool:
    """Give the order that follows by itself from how this one was answered, or from its being declined.

    Whether there was one.
    """
    outcome = DECLINED if order.state is OrderState.DECLINED else order.outcome
    following = draft.procedure.purpose(order.purpose).follow.get(outcome)
    if following is None:
        return False
    name, to = following
    units = units_for((to,) if to else draft.procedure.purpose(name).to, draft.complaint, name, order)
    for unit in units:
        dispatch(draft, unit, name, note=order.result)
    return bool(units)


def join(draft: Draft, answered: Order) -> None:
    """After an answer: give what follows from it, and finish the handling step when it is joined."""
    followed = follow_order(draft, answered)
    step = current(draft)
    if step is None or step.kind is not StepKind.HANDLE:
        return
    if answered.purpose not in draft.procedure.awaited(step):
        return
    if step.join == "any" and not followed:
        for order in _waiting(draft, step):
            draft.emit(ev.OrderRecalled(order=order.id, reason="another unit has answered"))
    finish_if_joined(draft, step)


def finish_if_joined(draft: Draft, step: Step) -> None:
    """Finish a handling step when nobody owes it an answer any more.

    TEL-2: a declined order is not a done one. Unless one answer is enough, the dispatcher gives it to another
    unit or takes it back first.
    """
    if not _waiting(draft, step) and (step.join == "any" or not _unsettled(draft, step)):
        finish(draft, "answered")


def _waiting(draft: Draft, step: Step) -> list[Order]:
    awaited = draft.procedure.awaited(step)
    return [order for order in draft.complaint.open_orders() if order.purpose in awaited]


def _unsettled(draft: Draft, step: Step) -> bool:
    """Whether an order was declined or withheld and neither a rule nor the dispatcher has seen to it."""
    awaited, complaint = draft.procedure.awaited(step), draft.complaint
    return bool(awaited.intersection(complaint.withheld)) or any(
        order.unsettled
        and order.round == complaint.round
        and order.purpose in awaited
        and DECLINED not in draft.procedure.purpose(order.purpose).follow
        for order in complaint.orders
    )


def needed_approvals(complaint: Complaint, step: Step) -> list[Needed]:
    """The approvals the step needs, in order, given ones included."""
    answered: list[Order] = []
    if any(rule.each for rule in step.approvals):
        answered = [
            order
            for order in complaint.orders
            if (order.purpose == MAIN or order.step)
            and order.round == complaint.round
            and order.state is OrderState.ANSWERED
        ]
    return needed(step.approvals, complaint.rule_facts(), answered)


def pending_approvals(complaint: Complaint, step: Step) -> list[Needed]:
    """The approvals of the step still needed, in order; only the first is open unless in parallel."""
    return [one for one in needed_approvals(complaint, step) if one.name not in complaint.approved]


def open_approvals(complaint: Complaint, step: Step) -> list[Needed]:
    """The approvals that can be given now: all that are pending, or the next one of a sequence."""
    pending = pending_approvals(complaint, step)
    return pending if step.in_parallel else pending[:1]


def tell_open_approvals(draft: Draft, step: Step) -> None:
    """Approvals that have become open are told where the procedure has a clock or a notice for them."""
    for asked in open_approvals(draft.complaint, step):
        told = asked.name in draft.complaint.opened_approvals
        if not told and draft.procedure.hears(f"approval:{asked.rule.name}"):
            draft.emit(ev.ApprovalOpened(approval=asked.name, order=asked.order))


def keep_approvals(draft: Draft) -> None:
    """What a command or the time has changed may have made an approval needless, or another one needed.

    Where none is needed any more the step is passed: otherwise nobody could ever finish it.
    """
    step = current(draft)
    if not draft.events or step is None or step.kind is not StepKind.APPROVE:
        return
    if pending_approvals(draft.complaint, step):
        tell_open_approvals(draft, step)
    else:
        finish(draft, "approved")


def _plan_callback(draft: Draft, step: Step) -> None:
    """TEL-8: every case is called, or the share that was drawn at intake; no draw, no call."""
    policy = step.callback
    if policy is None or draft.complaint.draw >= policy.sample * 100:
        finish(draft, "satisfied", note="not in the sample")
        return
    at = draft.call_after(policy.first_after, policy) if policy.first_after else draft.now
    draft.emit(ev.CallbackScheduled(attempt=1, at=at))
    if at <= draft.now:
        draft.emit(ev.CallbackDue(attempt=1))


def rounds_used_up(draft: Draft) -> bool:
    """Whether the procedure limits the rounds and the complaint is in the last one."""
    limit = draft.procedure.rounds.limit
    return bool(limit and draft.complaint.round >= limit)


def new_round(draft: Draft, reason: str) -> None:
    """Begin the next round; open orders of the old one are recalled first.

    Raises Refused("no_more_rounds") when the procedure limits them.
    """
    policy = draft.procedure.rounds
    following = draft.complaint.round + 1
    if rounds_used_up(draft):
        raise Refused("no_more_rounds", f"this procedure allows {policy.limit} rounds")
    for order in draft.complaint.open_orders():
        draft.emit(ev.OrderRecalled(order=order.id, reason="a new round begins"))
    draft.emit(ev.Reopened(round=following, reason=reason))
    index = next(i for i, step in enumerate(draft.procedure.steps) if step.name == policy.start_at)
    _enter_from(draft, index)


def default_reason(draft: Draft) -> str:
    """The closing reason at the natural end of the route: the one the procedure marks satisfied."""
    return next(reason.name for reason in draft.procedure.reasons if reason.satisfied)


def close(draft: Draft, reason: str, note: str = "", referred: tuple[str, ...] = ()) -> None:
    """End the complaint; evolving stops every clock and takes back every open order.

    A reason that refers names every way outside that is open, unless one was chosen.
    """
    if not referred and draft.procedure.reason(reason).refer:
        ways = draft.procedure.ways_outside(draft.complaint.rule_facts())
        referred = tuple(way.name for way in ways)
    draft.emit(ev.Closed(reason=reason, note=note, referred=referred))
    archive(draft)
