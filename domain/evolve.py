"""Folding: how each fact changes the state of a complaint. No rule is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain import clocks, ledger, raising
from domain import events as ev
from domain.clockrule import ClockRule
from domain.clocks import DUE, Clock
from domain.complaint import STATUS_OF, Callback, Complaint, Order, OrderState, Status
from domain.conflict import named_in
from domain.errors import CorruptHistory
from domain.events import Event
from domain.forms import routable
from domain.guidance import GuidanceTicked
from domain.procedure import Procedure
from domain.step import StepKind


def evolve(procedure: Procedure, complaint: Complaint, event: Event) -> Complaint:
    """The complaint after ``event``.

    Raises CorruptHistory when the event does not follow the one before it.
    """
    if event.seq != complaint.seq + 1:
        raise CorruptHistory(f"{complaint.ref}: event {event.seq} cannot follow {complaint.seq}")
    change = _CHANGES.get(type(event.fact))
    changes = change(procedure, complaint, event, event.fact) if change else {}
    return complaint.changed({**changes, "seq": event.seq})


Versions = Mapping[tuple[str, str], Procedure]
"""Procedures by name and version."""


def refold(procedure: Procedure, events: Iterable[Event], versions: Versions | None = None) -> Complaint:
    """The complaint that ``events``, from the first on, lead to.

    ``versions`` are those it was handled by before ``procedure``, where it was moved (see ``versions_in``).
    """
    complaint, by = Complaint(), procedure
    for event in events:
        if versions and isinstance(event.fact, ev.Opened | ev.ProcedureMoved):
            by = versions.get((event.fact.procedure, event.fact.version), procedure)
        complaint = evolve(by, complaint, event)
    return complaint


def versions_in(events: Iterable[Event]) -> list[tuple[str, str]]:
    """Name and version of every procedure a complaint was handled by; one alone unless it was moved."""
    found = (e.fact for e in events if isinstance(e.fact, ev.Opened | ev.ProcedureMoved))
    return list(dict.fromkeys((fact.procedure, fact.version) for fact in found))


def rule_of(procedure: Procedure, clock: Clock) -> ClockRule | None:
    """The rule a clock runs by; None for promises and visits, which no rule started."""
    return procedure.clock_rule(clock.rule)


def _opened(procedure: Procedure, complaint: Complaint, event: Event, fact: ev.Opened) -> dict[str, Any]:
    return {
        "ref": fact.ref,
        "customer": fact.customer,
        "owner": fact.owner,
        "channel": fact.channel,
        "language": fact.language,
        "unit": fact.unit,
        "unit_kind": fact.unit_kind,
        "unit_above": fact.unit_above,
        **_with_facts(procedure, complaint, fact.facts),
        "opened_at": fact.received_at or event.at,
        "repeat_of": fact.repeat_of,
        "repeat_reason": fact.repeat_reason,
        "repeat_count": fact.repeat_count,
        "draw": fact.draw,
        "parent": fact.parent,
        "consequence": fact.consequence,
        "person": fact.person,
        "history": dict(fact.history),
        "unit_standing": fact.unit_standing,
        "complained_of": fact.complained_of,
    }


def _classified(_: Procedure, complaint: Complaint, __: Event, fact: ev.Classified) -> dict[str, Any]:
    return {"facts": {**complaint.facts, **fact.facts}}


def _repeat_linked(_: Procedure, complaint: Complaint, __: Event, fact: ev.RepeatLinked) -> dict[str, Any]:
    return {
        "repeat_of": fact.ref,
        "repeat_reason": fact.reason,
        "repeat_count": max(complaint.repeat_count, 1),
    }


def _step_entered(
    procedure: Procedure, complaint: Complaint, _: Event, fact: ev.StepEntered
) -> dict[str, Any]:
    outcomes = {step: outcome for step, outcome in complaint.outcomes.items() if step != fact.step}
    kind = procedure.step(fact.step).kind
    return {
        "step": fact.step,
        "ticked": (),
        "status": STATUS_OF[kind],
        "outcomes": outcomes,
        "callback": None,
        "opened_approvals": (),
    }


def _step_finished(
    procedure: Procedure, complaint: Complaint, _: Event, fact: ev.StepFinished
) -> dict[str, Any]:
    named = named_in(procedure.step(fact.step).requires, fact.answers)
    return {
        "outcomes": {**complaint.outcomes, fact.step: fact.outcome},
        **_with_facts(procedure, complaint, routable(procedure.step(fact.step).requires, fact.answers)),
        "callback": None,
        "complained_of": tuple(dict.fromkeys((*complaint.complained_of, *named))),
    }


def _with_facts(procedure: Procedure, complaint: Complaint, new: Mapping[str, str]) -> dict[str, Any]:
    """The facts with new ones, and the persons who are chosen by them to do something."""
    facts = {**complaint.facts, **new}
    if not procedure.chosen_persons:
        return {"facts": facts}
    chosen = tuple(f"person:{facts[name]}" for name in procedure.chosen_persons if facts.get(name))
    return {"facts": facts, "chosen": chosen}


def _dispatched(
    procedure: Procedure, complaint: Complaint, event: Event, fact: ev.Dispatched
) -> dict[str, Any]:
    order = Order(
        id=fact.order,
        unit=fact.unit,
        purpose=fact.purpose,
        round=complaint.round,
        state=OrderState.DISPATCHED,
        at=event.at,
        note=fact.note,
        unit_kind=fact.unit_kind,
        unit_above=fact.unit_above,
        superior=fact.superior,
        step=complaint.step if _awaited(procedure, complaint, fact.purpose) else "",
    )
    return {"orders": (*complaint.orders, order)}


def _awaited(procedure: Procedure, complaint: Complaint, purpose: str) -> bool:
    step = procedure.step(complaint.step) if complaint.step else None
    return step is not None and step.kind is StepKind.HANDLE and purpose in procedure.awaited(step)


def _order_change(complaint: Complaint, order_id: str, **changes: Any) -> dict[str, Any]:
    if complaint.order(order_id) is None:
        raise CorruptHistory(f"{complaint.ref}: there is no order {order_id}")
    orders = tuple(replace(o, **changes) if o.id == order_id else o for o in complaint.orders)
    return {"orders": orders}


def _taken(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderTaken) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.TAKEN, handler=fact.handler)


def _declined(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderDeclined) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.DECLINED, result=fact.reason)


def _sent_back(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderSentBack) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.DISPATCHED, outcome="", result="")


def _recalled(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderRecalled) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.RECALLED, result=fact.reason)


def _answered(procedure: Procedure, complaint: Complaint, _: Event, fact: ev.OrderAnswered) -> dict[str, Any]:
    changes = _order_change(
        complaint, fact.order, state=OrderState.ANSWERED, outcome=fact.outcome, result=fact.result
    )
    fields = procedure.step(complaint.step).requires if complaint.step else ()
    order = complaint.order(fact.order)
    asked = procedure.purpose(order.purpose).requires if order else ()
    known = routable((*fields, *asked), fact.answers)
    return {**changes, **_with_facts(procedure, complaint, known)}


def _clock_change(complaint: Complaint, clock_id: str, change: Callable[[Clock], Clock]) -> dict[str, Any]:
    if complaint.clock(clock_id) is None:
        raise CorruptHistory(f"{complaint.ref}: there is no clock {clock_id}")
    return {"clocks": tuple(change(c) if c.id == clock_id else c for c in complaint.clocks)}


def _extension_asked(
    _: Procedure, complaint: Complaint, __: Event, fact: ev.ExtensionAsked
) -> dict[str, Any]:
    return {"asked": {**complaint.asked, fact.clock: fact.limit}}


def _without_ask(complaint: Complaint, clock: str) -> dict[str, Any]:
    return {"asked": {name: limit for name, limit in complaint.asked.items() if name != clock}}


def _extension_granted(
    procedure: Procedure, complaint: Complaint, _: Event, fact: ev.ExtensionGranted
) -> dict[str, Any]:
    changes = _clock_change(
        complaint,
        fact.clock,
        lambda c: clocks.extended(c, fact.limit, rule_of(procedure, c), procedure.calendar),
    )
    return {**changes, **_without_ask(complaint, fact.clock)}


def _extension_refused(
    _: Procedure, complaint: Complaint, __: Event, fact: ev.ExtensionRefused
) -> dict[str, Any]:
    return _without_ask(complaint, fact.clock)


def _held(_: Procedure, complaint: Complaint, event: Event, fact: ev.Held) -> dict[str, Any]:
    standing = tuple(clocks.paused(clock, event.at) for clock in complaint.clocks)
    return {"held_at": event.at, "held_until": fact.until, "clocks": standing}


def _resumed(procedure: Procedure, complaint: Complaint, event: Event, fact: ev.Resumed) -> dict[str, Any]:
    running = tuple(
        clocks.resumed(clock, fact.until or event.at, rule_of(procedure, clock), procedure.calendar)
        for clock in complaint.clocks
    )
    return {"held_at": None, "held_until": None, "clocks": running}


def _proposed(_: Procedure, complaint: Complaint, __: Event, fact: ev.Proposed) -> dict[str, Any]:
    return {
        "options": fact.options,
        "grounds": fact.grounds,
        "proposed_round": complaint.round,
        "accepted": "",
        "beyond": fact.beyond,
        "approved": (),
    }


def _approval_opened(
    _: Procedure, complaint: Complaint, __: Event, fact: ev.ApprovalOpened
) -> dict[str, Any]:
    return {"opened_approvals": (*complaint.opened_approvals, fact.approval)}


def _approved(_: Procedure, complaint: Complaint, __: Event, fact: ev.Approved) -> dict[str, Any]:
    return {"approved": (*complaint.approved, fact.approval)}


def _accepted(_: Procedure, __: Complaint, ___: Event, fact: ev.CustomerAccepted) -> dict[str, Any]:
    return {"accepted": fact.option}


def _rejected(_: Procedure, complaint: Complaint, __: Event, ___: ev.CustomerRejected) -> dict[str, Any]:
    return {"rejections": complaint.rejections + 1}


def _callback_scheduled(
    _: Procedure, __: Complaint, ___: Event, fact: ev.CallbackScheduled
) -> dict[str, Any]:
    return {"callback": Callback(attempt=fact.attempt, at=fact.at, due=False)}


def _callback_due(_: Procedure, complaint: Complaint, event: Event, fact: ev.CallbackDue) -> dict[str, Any]:
    at = complaint.callback.at if complaint.callback else event.at
    return {"callback": Callback(attempt=fact.attempt, at=at, due=True)}


def _reopened(_: Procedure, __: Complaint, ___: Event, fact: ev.Reopened) -> dict[str, Any]:
    return {
        "round": fact.round,
        "closed_at": None,
        "closing_reason": "",
        "referred": (),
        "accepted": "",
        "approved": (),
        "callback": None,
    }


def _closed(_: Procedure, complaint: Complaint, event: Event, fact: ev.Closed) -> dict[str, Any]:
    """Closing stops every clock and takes back every open order: nothing runs on a closed complaint."""
    return {
        "status": Status.CLOSED,
        "step": "",
        "closed_at": event.at,
        "closing_reason": fact.reason,
        "referred": fact.referred,
        "callback": None,
        "held_at": None,
        "held_until": None,
        "asked": {},
        "orders": tuple(
            replace(o, state=OrderState.RECALLED) if o.state.open else o for o in complaint.orders
        ),
        "clocks": tuple(
            clocks.stopped(c, event.at, met=True) if c.stopped_at is None else c for c in complaint.clocks
        ),
    }


def _moved(procedure: Procedure, complaint: Complaint, event: Event, _: ev.ProcedureMoved) -> dict[str, Any]:
    """``procedure`` is the version moved to: running clocks keep their limits and go by its calendar."""
    return {"clocks": tuple(_moved_clock(procedure, clock, event.at) for clock in complaint.clocks)}


def _moved_clock(procedure: Procedure, clock: Clock, at: datetime) -> Clock:
    """Rungs of the new ladder that lie behind are passed over; a breach is still to be noticed.

    A clock that stands still is looked at as of the instant at which it was paused.
    """
    if clock.stopped_at is not None:
        return clock
    rule = procedure.clock_rule(clock.rule)
    breached = (DUE,) if DUE in clock.fired else ()
    moved = replace(clock, pausable=rule.pausable if rule else True, fired=breached)
    wound = clocks.wound(replace(moved, paused_at=None), rule, procedure.calendar)
    passed = tuple(
        alarm.rung
        for alarm in wound.alarms
        if alarm.rung != DUE
        and alarm.at <= (clock.paused_at or at)
        and (breached or wound.due_at is None or alarm.at < wound.due_at)
    )
    return clocks.wound(replace(moved, fired=(*breached, *passed)), rule, procedure.calendar)


def _clock_started(
    procedure: Procedure, complaint: Complaint, event: Event, fact: ev.ClockStarted
) -> dict[str, Any]:
    rule = procedure.clock_rule(fact.rule)
    clock = Clock(
        id=fact.clock,
        rule=fact.rule,
        started_at=fact.started_at,
        limit=fact.limit,
        until=fact.due_at if fact.limit is None else None,
        order=fact.order,
        round=complaint.round,
        pausable=rule.pausable if rule else True,
    )
    clock = clocks.wound(clock, rule, procedure.calendar, due=fact.due_at)
    if complaint.held_at is not None:
        clock = clocks.paused(clock, event.at)
    return {"clocks": (*complaint.clocks, clock)}


def _clock_stopped(_: Procedure, complaint: Complaint, event: Event, fact: ev.ClockStopped) -> dict[str, Any]:
    changes = _clock_change(complaint, fact.clock, lambda c: clocks.stopped(c, event.at, fact.met))
    return {**changes, **_without_ask(complaint, fact.clock)}


def _clock_warned(_: Procedure, complaint: Complaint, event: Event, fact: ev.ClockWarned) -> dict[str, Any]:
    return _clock_change(complaint, fact.clock, lambda c: clocks.fired(c, fact.rung, event.at))


def _clock_breached(
    _: Procedure, complaint: Complaint, event: Event, fact: ev.ClockBreached
) -> dict[str, Any]:
    changes = _clock_change(complaint, fact.clock, lambda c: clocks.fired(c, DUE, event.at))
    return {**changes, "breaches": complaint.breaches + 1}


def _clock_expired(_: Procedure, complaint: Complaint, event: Event, fact: ev.ClockExpired) -> dict[str, Any]:
    return _clock_change(complaint, fact.clock, lambda c: clocks.stopped(c, event.at, met=False))


def _escalated(_: Procedure, complaint: Complaint, event: Event, fact: ev.Escalated) -> dict[str, Any]:
    if not fact.clock:
        return {}
    return _clock_change(complaint, fact.clock, lambda c: clocks.fired(c, fact.rung, event.at))


_CHANGES: Mapping[type, Callable[[Procedure, Complaint, Event, Any], dict[str, Any]]] = {
    ev.Opened: _opened,
    ev.Classified: _classified,
    ev.OwnerAssigned: lambda _p, _c, _e, fact: {"owner": fact.owner},
    ev.RepeatLinked: _repeat_linked,
    ev.MajorFlagged: lambda _p, _c, _e, _f: {"major": True},
    ev.Flagged: lambda _p, c, _e, fact: {"flags": tuple(dict.fromkeys((*c.flags, fact.flag)))},
    ev.Marked: lambda _p, c, _e, fact: {"marks": tuple(dict.fromkeys((*c.marks, fact.mark)))},
    ev.StepEntered: _step_entered,
    GuidanceTicked: lambda _p, c, _e, fact: {"ticked": (*c.ticked, fact.point)},
    ev.StepFinished: _step_finished,
    ev.Dispatched: _dispatched,
    ev.OrderTaken: _taken,
    ev.OrderDeclined: _declined,
    ev.OrderSentBack: _sent_back,
    ev.OrderRecalled: _recalled,
    ev.OrderAnswered: _answered,
    ev.ExtensionAsked: _extension_asked,
    ev.ExtensionGranted: _extension_granted,
    ev.ExtensionRefused: _extension_refused,
    ev.Held: _held,
    ev.Resumed: _resumed,
    ev.Proposed: _proposed,
    ev.ApprovalOpened: _approval_opened,
    ev.Approved: _approved,
    ev.CustomerAccepted: _accepted,
    ev.CustomerRejected: _rejected,
    ev.CallbackScheduled: _callback_scheduled,
    ev.CallbackDue: _callback_due,
    ev.Reopened: _reopened,
    ev.Closed: _closed,
    ev.Archived: lambda _p, c, _e, fact: {"archived": (*c.archived, *fact.keepers)},
    ev.ClockStarted: _clock_started,
    ev.ClockStopped: _clock_stopped,
    ev.ClockWarned: _clock_warned,
    ev.ClockBreached: _clock_breached,
    ev.ClockExpired: _clock_expired,
    ev.Escalated: _escalated,
    **ledger.CHANGES,
    **raising.CHANGES,
    ev.ProcedureMoved: _moved,
}
