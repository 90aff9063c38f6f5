"""What the passing of time does: alarms of clocks, callbacks that come due, holds that end."""

from __future__ import annotations

from datetime import datetime

from domain import events as ev
from domain import route
from domain.clocks import DUE, Clock
from domain.complaint import Complaint
from domain.draft import Draft


def next_due(complaint: Complaint) -> datetime | None:
    """The earliest instant at which anything will happen by itself; None when nothing will."""
    instants = [clock.alarms[0].at for clock in complaint.running() if clock.alarms]
    if complaint.callback is not None and not complaint.callback.due:
        instants.append(complaint.callback.at)
    if complaint.held_until is not None:
        instants.append(complaint.held_until)
    return min(instants, default=None)


def first_deadline(complaint: Complaint) -> datetime | None:
    """The earliest deadline that runs, which lies in the past once it is missed; None when none runs.

    What happens next by itself (``next_due``) is often a warning long before.
    """
    return min((clock.due_at for clock in complaint.running() if clock.due_at is not None), default=None)


def tick(draft: Draft) -> None:
    """Let everything happen that is due by ``draft.now``, in the order in which it fell due.

    After an outage the instants lie in the past: the events carry both when they were planned and,
    as their own instant, when they were noticed.
    """
    while (due := next_due(draft.complaint)) is not None and due <= draft.now:
        complaint = draft.complaint
        if complaint.held_until is not None and complaint.held_until <= due:
            draft.emit(ev.Resumed(note="the hold ended by itself", until=complaint.held_until))
            continue
        ringing = [c for c in complaint.running() if c.alarms and c.alarms[0].at <= due]
        if ringing:
            _ring(draft, min(ringing, key=lambda clock: clock.alarms[0]))
        elif complaint.callback is not None:
            draft.emit(ev.CallbackDue(attempt=complaint.callback.attempt))


def _ring(draft: Draft, clock: Clock) -> None:
    alarm = clock.alarms[0]
    rule = draft.procedure.clock_rule(clock.rule)
    if alarm.rung == DUE:
        if rule is not None and rule.expires:
            draft.emit(ev.ClockExpired(clock=clock.id, due_at=alarm.at))
            step = route.current(draft)
            if step is not None and rule.expires in step.outcomes:
                route.finish(draft, rule.expires)
        else:
            draft.emit(ev.ClockBreached(clock=clock.id, due_at=alarm.at))
        return
    if rule is None or clock.due_at is None:
        raise AssertionError(f"clock {clock.id} has a rung but no rule")
    to = rule.ladder[alarm.rung].to
    if alarm.at < clock.due_at:
        draft.emit(
            ev.ClockWarned(clock=clock.id, rung=alarm.rung, to=to, due_at=clock.due_at, planned_at=alarm.at)
        )
    else:
        draft.emit(
            ev.Escalated(clock=clock.id, rung=alarm.rung, to=to, reason="breached", planned_at=alarm.at)
        )
