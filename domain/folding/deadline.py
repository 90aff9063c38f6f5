"""Deadlines: clocks started, stopped, rung, extended; complaints put on hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain import clocks
from domain import events as ev
from domain.clocks import DUE, Clock
from domain.complaint import Complaint
from domain.errors import CorruptHistory
from domain.events import Event
from domain.folding import Changes
from domain.procedure import Procedure


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


def _extension_asked(
    _: Procedure, complaint: Complaint, __: Event, fact: ev.ExtensionAsked
) -> dict[str, Any]:
    return {"asked": {**complaint.asked, fact.clock: fact.limit}}


def _extension_granted(
    procedure: Procedure, complaint: Complaint, _: Event, fact: ev.ExtensionGranted
) -> dict[str, Any]:
    changes = _clock_change(
        complaint,
        fact.clock,
        lambda c: clocks.extended(c, fact.limit, procedure.clock_rule(c.rule), procedure.calendar),
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
        clocks.resumed(clock, fact.until or event.at, procedure.clock_rule(clock.rule), procedure.calendar)
        for clock in complaint.clocks
    )
    return {"held_at": None, "held_until": None, "clocks": running}


def _clock_change(complaint: Complaint, clock_id: str, change: Callable[[Clock], Clock]) -> dict[str, Any]:
    if complaint.clock(clock_id) is None:
        raise CorruptHistory(f"{complaint.ref}: there is no clock {clock_id}")
    return {"clocks": tuple(change(c) if c.id == clock_id else c for c in complaint.clocks)}


def _without_ask(complaint: Complaint, clock: str) -> dict[str, Any]:
    return {"asked": {name: limit for name, limit in complaint.asked.items() if name != clock}}


CHANGES: Changes = {
    ev.ClockStarted: _clock_started,
    ev.ClockStopped: _clock_stopped,
    ev.ClockWarned: _clock_warned,
    ev.ClockBreached: _clock_breached,
    ev.ClockExpired: _clock_expired,
    ev.Escalated: _escalated,
    ev.ExtensionAsked: _extension_asked,
    ev.ExtensionGranted: _extension_granted,
    ev.ExtensionRefused: _extension_refused,
    ev.Held: _held,
    ev.Resumed: _resumed,
}
