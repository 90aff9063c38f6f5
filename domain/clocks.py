"""A clock: one running deadline, the fold of its starts, pauses, resumes and extensions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from domain.clockrule import ClockRule
from domain.worktime import Calendar, DayEnd, Limit, Pause, Span, deadline, elapsed, explain, instant_at_share

DUE = -1
"""The alarm number of the due instant itself; rungs of the ladder count from 0."""


class Alarm(NamedTuple):
    """An instant at which a clock makes something happen: a rung of its ladder, or ``DUE``."""

    at: datetime
    rung: int


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline of one complaint. Instants are aware UTC.

    ``limit`` and ``until`` are alternatives: a length on the calendar, or an agreed instant.
    ``due_at`` is None while the clock is paused: it cannot be known before the pause ends.
    ``alarms`` are the instants still to come, in order; ``fired`` the alarms that went off.
    """

    id: str
    rule: str
    started_at: datetime
    limit: Limit | None = None
    until: datetime | None = None
    order: str = ""
    round: int = 1
    pausable: bool = True
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    paused_at: datetime | None = None
    extensions: tuple[Limit, ...] = ()
    due_at: datetime | None = None
    alarms: tuple[Alarm, ...] = ()
    fired: tuple[int, ...] = ()
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    met: bool | None = None

    @property
    def running(self) -> bool:
        """Started, not stopped, not paused."""
        return self.stopped_at is None and self.paused_at is None


def wound(clock: Clock, rule: ClockRule | None, calendar: Calendar, *, due: datetime | None = None) -> Clock:
    """The clock with its due instant (unless ``due`` is known already) and remaining alarms computed afresh.

    ``rule`` is None for promises and visits, which have no ladder but their due instant.
    """
    if not clock.running:
        return replace(clock, due_at=None, alarms=())
    due = due or due_at(clock, rule, calendar)
    alarms = [] if DUE in clock.fired else [Alarm(due, DUE)]
    for number, rung in enumerate(rule.ladder if rule else ()):
        if number in clock.fired:
            continue
        if rung.share is not None:
            at = _share_at(clock, rule, calendar, due, rung.share)
        elif rung.after is not None:
            at = _onward(calendar, due, rung.after, clock.pauses, "close")
        else:
            at = due
        alarms.append(Alarm(at, number))
    return replace(clock, due_at=due, alarms=tuple(sorted(alarms)))


def due_at(clock: Clock, rule: ClockRule | None, calendar: Calendar) -> datetime:
    """When a clock that is not paused falls due: its limit on the calendar, then its extensions.

    An extension counts on from the due instant before it, so time granted is never lost to a pause
    that lay earlier.
    """
    if clock.until is not None:
        due = clock.until
    else:
        if clock.limit is None:
            raise ValueError(f"clock {clock.id} has neither a limit nor an instant")
        due = deadline(calendar, clock.started_at, clock.limit, pauses=clock.pauses, day_end=_day_end(rule))
    for extension in clock.extensions:
        due = _onward(calendar, due, extension, clock.pauses, _day_end(rule))
    return due


def paused(clock: Clock, at: datetime) -> Clock:
    """The clock standing still from ``at``; unchanged if it may not pause or does not run."""
    if not clock.pausable or not clock.running:
        return clock
    return replace(clock, paused_at=at, due_at=None, alarms=())


def left(clock: Clock, rule: ClockRule | None, calendar: Calendar) -> tuple[datetime, timedelta | None]:
    """When a paused clock would have been due without this pause, and how much of its time is left.

    Working time for a limit in working time, else real time. None: the pause does not change when it is due,
    because that had passed before, or is an agreed instant.
    """
    due = due_at(clock, rule, calendar)
    if clock.limit is None or clock.paused_at is None or due <= clock.paused_at:
        return due, None
    return due, elapsed(calendar, clock.paused_at, due, clock.limit.unit)


def resumed(clock: Clock, at: datetime, rule: ClockRule | None, calendar: Calendar) -> Clock:
    """The clock running again from ``at``, with the pause remembered."""
    if clock.paused_at is None or clock.stopped_at is not None:
        return clock
    pauses = (*clock.pauses, (clock.paused_at, at))
    return wound(replace(clock, pauses=pauses, paused_at=None), rule, calendar)


def extended(clock: Clock, limit: Limit, rule: ClockRule | None, calendar: Calendar) -> Clock:
    """The clock with ``limit`` added. A breach that has happened stays on record."""
    return wound(replace(clock, extensions=(*clock.extensions, limit)), rule, calendar)


def stopped(clock: Clock, at: datetime, met: bool) -> Clock:
    """The clock at its end; ``met``: what it waited for came, and it had not been breached."""
    return replace(clock, stopped_at=at, met=met and clock.breached_at is None, alarms=())


def fired(clock: Clock, rung: int, at: datetime) -> Clock:
    """The clock after one alarm went off; at ``DUE`` the breach is noted."""
    alarms = tuple(alarm for alarm in clock.alarms if alarm.rung != rung)
    breached_at = at if rung == DUE else clock.breached_at
    return replace(clock, alarms=alarms, fired=(*clock.fired, rung), breached_at=breached_at)


def why(clock: Clock, rule: ClockRule | None, calendar: Calendar) -> tuple[Span, ...]:
    """The working intervals and pauses that lead from the start to the due instant.

    A paused clock is explained as if it resumed at the instant it was paused. Each extension is
    explained after the limit it prolongs. An agreed instant has nothing to explain.
    """
    if clock.limit is None:
        return ()
    day_end = _day_end(rule)
    spans = list(explain(calendar, clock.started_at, clock.limit, pauses=clock.pauses, day_end=day_end))
    due = deadline(calendar, clock.started_at, clock.limit, pauses=clock.pauses, day_end=day_end)
    for extension in clock.extensions:
        start, later = _last_moment(due, extension, day_end), _later(clock.pauses, due)
        spans += (
            replace(span, start_at=max(span.start_at, due))
            for span in explain(calendar, start, extension, pauses=later, day_end=day_end)
            if span.end_at > due
        )
        due = _onward(calendar, due, extension, clock.pauses, day_end)
    return tuple(spans)


def _onward(
    calendar: Calendar, due: datetime, limit: Limit, pauses: tuple[Pause, ...], day_end: DayEnd
) -> datetime:
    """When ``limit`` has passed after ``due``; pauses before that have been counted already."""
    start = _last_moment(due, limit, day_end)
    return deadline(calendar, start, limit, pauses=_later(pauses, due), day_end=day_end)


def _last_moment(due: datetime, limit: Limit, day_end: DayEnd) -> datetime:
    """Where counting days on from a due instant begins.

    A limit that ends with its day is due at midnight (or when a calendar open all night closes), which is
    the first moment of the day after: 15 days more would be 16 if that day were taken for the start day.
    """
    return due - timedelta(microseconds=1) if limit.in_days and day_end == "close" else due


def _later(pauses: tuple[Pause, ...], due: datetime) -> tuple[Pause, ...]:
    return tuple((max(start, due), end) for start, end in pauses if end > due)


def _share_at(
    clock: Clock, rule: ClockRule | None, calendar: Calendar, due: datetime, percent: int
) -> datetime:
    if clock.limit is None:
        return clock.started_at + (due - clock.started_at) * percent / 100
    return instant_at_share(
        calendar,
        clock.started_at,
        clock.limit,
        Fraction(percent, 100),
        pauses=clock.pauses,
        day_end=_day_end(rule),
        due_at=due if clock.extensions else None,
    )


def _day_end(rule: ClockRule | None) -> DayEnd:
    return rule.day_end if rule else "same_time"
