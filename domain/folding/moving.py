"""Moving to another version of the procedure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain import clocks
from domain import events as ev
from domain.clocks import DUE, Clock
from domain.complaint import Complaint
from domain.events import Event
from domain.folding import Changes, with_facts
from domain.procedure import Procedure


def _moved(procedure: Procedure, complaint: Complaint, event: Event, _: ev.ProcedureMoved) -> dict[str, Any]:
    """``procedure`` is the version moved to: running clocks keep their limits and go by its calendar."""
    return {
        **with_facts(procedure, complaint, {}),
        "clocks": tuple(_moved_clock(procedure, clock, event.at) for clock in complaint.clocks),
    }


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


CHANGES: Changes = {
    ev.ProcedureMoved: _moved,
}
