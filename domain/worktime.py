"""Business time: when a limit ends, how much time has counted, and the intervals and pauses behind it.

Everything here takes aware datetimes and gives aware UTC datetimes; the calendar's time zone decides what a
day and an opening hour are. The opening instant counts, the closing instant does not, so a limit that is used
up at closing time ends then and not at the next opening. Pauses may overlap, come in any order and number, be
empty or reversed (nothing), or lie outside the span (no effect there): only the instants they cover matter.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import islice
from math import isfinite
from typing import Literal, Protocol

from domain.limits import Limit, LimitError, Unit, WorktimeError, counts_working_time
from domain.timeline import DAY, OutOfRangeError, Timeline, date_of, day_of, to_datetime, to_micros
from domain.workcalendar import Calendar, CalendarError

__all__ = [
    "Calendar",
    "CalendarError",
    "DayEnd",
    "Limit",
    "LimitError",
    "OutOfRangeError",
    "Pause",
    "Span",
    "SpanKind",
    "Unit",
    "WorktimeError",
    "deadline",
    "elapsed",
    "end_of",
    "explain",
    "instant_at_share",
    "is_working",
    "next_opening",
]

DayEnd = Literal["close", "same_time"]
Pause = tuple[datetime, datetime]
SpanKind = Literal["working", "elapsed", "paused", "closed", "folded"]

FIRST_SPANS, LAST_SPANS = 40, 20
"""An explanation shows this many spans of its beginning and its end; what lies between is one span."""
_TAIL = 14 * DAY


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of an explanation, from `start_at` until `end_at` (aware UTC).

    kind:    `working` (counted in working limits), `elapsed` (counted in real-time limits), `paused`,
             `closed` (outside working hours), or `folded` (many stretches of a long limit shown as one)
    counted: how much of it counts towards the limit
    total:   how much has counted from the start of the explanation until the end of this span
    note:    what is special about the calendar here: `holiday`, `makeup_day`, `special_hours` or nothing
    dates:   the local dates the note is about
    """

    start_at: datetime
    end_at: datetime
    kind: SpanKind
    counted: timedelta
    total: timedelta
    note: str = ""
    dates: tuple[date, ...] = ()


class _Measure(Protocol):
    """A way to count time: the working time of a calendar, or real time."""

    def between(self, start: int, end: int) -> int: ...

    def advance(self, start: int, amount: int) -> int: ...


class _RealTime:
    def between(self, start: int, end: int) -> int:
        return max(end - start, 0)

    def advance(self, start: int, amount: int) -> int:
        return start + amount


_REAL_TIME = _RealTime()
_Stops = Sequence[tuple[int, int]]


def deadline(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    *,
    pauses: Sequence[Pause] = (),
    day_end: DayEnd = "close",
) -> datetime:
    """The instant at which `limit`, running since `start`, is used up (aware UTC).

    - `s m h`: real time; `ws wm wh`: working time. The earliest instant at which the amount has passed.
    - `wd`: the n-th working day after the local date of `start`, which itself never counts. `close`: the end
      of that day's last hours (also when they run past midnight); `same_time`: the clock time of `start`.
    - `d`, `w`: calendar days after the local date of `start`, whatever the working hours. `close`: the
      midnight that ends that day, as the law counts days; `same_time`: the clock time of `start`.
    - A clock time the day skips moves on by the length of the gap; of a repeated one the first is meant.
    - A zero limit ends at `start`.
    - A pause stops the count. A limit in days is first computed without pauses, then the time lost to pauses
      before that instant (`wd`: working time, `d` and `w`: real time) is made up for after it.

    Raises `WorktimeError` for a naive datetime and `OutOfRangeError` when the answer lies beyond year 9998 or
    the calendar has not that much working time.
    """
    return to_datetime(_due(calendar, to_micros(start), limit, _stops(pauses), day_end))


def elapsed(
    calendar: Calendar, start: datetime, end: datetime, limit_unit: Unit, *, pauses: Sequence[Pause] = ()
) -> timedelta:
    """Time from `start` until `end` outside the pauses: working time for `ws wm wh wd`, else real time.

    Zero when `end` is not after `start`. Raises `WorktimeError`.
    """
    first, last = to_micros(start), to_micros(end)
    measure = _measure(calendar, limit_unit)
    return timedelta(microseconds=_counted(measure, first, last, _stops(pauses)))


def instant_at_share(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    share: float | Fraction,
    *,
    pauses: Sequence[Pause] = (),
    day_end: DayEnd = "close",
    due_at: datetime | None = None,
) -> datetime:
    """The instant at which `share` of the limit is used up (0 is `start`, 1 the deadline), for warnings.

    For limits in days the whole is the time that counts between start and deadline (`wd`: working time,
    unless there is none); so it is when `due_at` says that the limit was extended until then. A share above 1
    goes on counting beyond the deadline. Rounded to the microsecond.
    Raises `LimitError` for a share below 0 or not finite, otherwise as `deadline`.
    """
    if not isfinite(share) or share < 0:
        raise LimitError(f"a share of a limit is 0 or more, not {share}")
    exact = Fraction(str(share))  # 0.8 means four fifths, not the nearest binary fraction
    begun, stops = to_micros(start), _stops(pauses)
    due = to_micros(due_at) if due_at else _due(calendar, begun, limit, stops, day_end)
    measure = _measure(calendar, limit.unit)
    whole = _counted(measure, begun, due, stops) if limit.in_days or due_at else limit.micros
    if whole == 0:
        measure = _REAL_TIME
        whole = _counted(measure, begun, due, stops)
    if exact in (0, 1):
        return to_datetime(due if exact else begun)
    return to_datetime(_advance(measure, begun, round(whole * exact), stops))


def explain(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    *,
    pauses: Sequence[Pause] = (),
    day_end: DayEnd = "close",
) -> tuple[Span, ...]:
    """The spans that lead from `start` to the deadline, gapless and in order; empty for a zero limit.

    What they count sums to the limit exactly; for limits in days to `elapsed` between start and deadline. A
    long explanation keeps its first `FIRST_SPANS` and last spans, at most `LAST_SPANS` of the last two weeks;
    the middle becomes one `folded` span. Raises as `deadline`.
    """
    begun, stops = to_micros(start), _stops(pauses)
    due = _due(calendar, begun, limit, stops, day_end)
    measure, timeline = _measure(calendar, limit.unit), calendar.timeline
    walk = _walk(timeline, begun, due, stops, measure is timeline)
    pieces = list(islice(walk, FIRST_SPANS + LAST_SPANS + 1))
    if len(pieces) > FIRST_SPANS + LAST_SPANS:
        del pieces[FIRST_SPANS:]
        middle = pieces[-1][1]
        tail = deque(
            _walk(timeline, max(middle, due - _TAIL), due, stops, measure is timeline), maxlen=LAST_SPANS
        )
        if tail[0][0] > middle:
            pieces.append((middle, tail[0][0], "folded"))
        pieces.extend(tail)
    spans, total = [], 0
    for first, last, kind in pieces:
        counted = _counted(measure, first, last, stops) if kind == "folded" else 0
        counted = last - first if kind in ("working", "elapsed") else counted
        total += counted
        note, dates = _special(calendar, first, last, kind)
        spans.append(
            Span(
                start_at=to_datetime(first),
                end_at=to_datetime(last),
                kind=kind,
                counted=timedelta(microseconds=counted),
                total=timedelta(microseconds=total),
                note=note,
                dates=dates,
            )
        )
    return tuple(spans)


def is_working(calendar: Calendar, at: datetime) -> bool:
    """Whether `at` lies in working time (the opening instant does, the closing instant does not)."""
    instant = to_micros(at)
    return calendar.timeline.between(instant, instant + 1) > 0


def end_of(calendar: Calendar, day: date) -> datetime:
    """When a day ends (aware UTC): with its working hours, or at midnight where there are none."""
    timeline = calendar.timeline
    hours = timeline.hours(day_of(day))
    closes = timedelta(microseconds=hours[-1][1]) if hours else timedelta(days=1)
    return to_datetime(timeline.instant(datetime.combine(day, time()) + closes))


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """`at` itself when it lies in working time, else the next instant that does (aware UTC)."""
    instant = to_micros(at)
    return to_datetime(calendar.timeline.advance(instant, 1) - 1)


def _measure(calendar: Calendar, unit: Unit) -> _Measure:
    return calendar.timeline if counts_working_time(unit) else _REAL_TIME


def _stops(pauses: Sequence[Pause]) -> _Stops:
    """The instants the pauses cover, as disjoint stretches in order."""
    result: list[tuple[int, int]] = []
    for first, last in sorted((to_micros(a), to_micros(b)) for a, b in pauses):
        if first >= last:
            continue
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def _counted(measure: _Measure, start: int, end: int, stops: _Stops) -> int:
    return measure.between(start, end) - _lost(measure, start, end, stops)


def _lost(measure: _Measure, start: int, end: int, stops: _Stops) -> int:
    return sum(measure.between(max(a, start), min(b, end)) for a, b in stops if a < end and b > start)


def _advance(measure: _Measure, start: int, amount: int, stops: _Stops) -> int:
    """Earliest instant at which `amount` has been counted outside the stops."""
    if amount == 0:
        return start
    for first, last in stops:
        if last <= start:
            continue
        gain = measure.between(start, first)
        if gain >= amount:
            break
        amount -= gain
        start = last
    return measure.advance(start, amount)


def _due(calendar: Calendar, begun: int, limit: Limit, stops: _Stops, day_end: DayEnd) -> int:
    if day_end not in ("close", "same_time"):
        raise LimitError(f"a day ends at 'close' or at the 'same_time', not {day_end!r}")
    if limit.amount == 0:
        return begun
    measure, timeline = _measure(calendar, limit.unit), calendar.timeline
    if not limit.in_days:
        return _advance(measure, begun, limit.micros, stops)
    wall = timeline.local(begun)
    day = day_of(wall.date())
    if limit.unit == "wd":
        day = timeline.working_day_after(day, limit.days)
    else:
        day += limit.days
    if day_end == "same_time":
        due = timeline.instant(datetime.combine(date_of(day), wall.time()))
    elif limit.unit == "wd":
        due = timeline.closing(day)
    else:
        due = timeline.instant(datetime.combine(date_of(day + 1), time.min))
    return _advance(measure, due, _lost(measure, begun, due, stops), stops)


def _walk(
    timeline: Timeline, start: int, end: int, stops: _Stops, working: bool
) -> Iterator[tuple[int, int, SpanKind]]:
    """Gapless stretches from `start` until `end` with their kind."""
    cursor = start
    for stop, resumption in (*stops, (end, end)):
        if resumption <= cursor and stop != end:
            continue
        first, last = min(max(stop, cursor), end), min(resumption, end)
        if not working and cursor < first:
            yield cursor, first, "elapsed"
        elif working:
            for opens, closes in timeline.intervals(cursor, first):
                if cursor < opens:
                    yield cursor, opens, "closed"
                yield opens, closes, "working"
                cursor = closes
            if cursor < first:
                yield cursor, first, "closed"
        if first < last:
            yield first, last, "paused"
        cursor = last
        if cursor >= end:
            return


def _special(calendar: Calendar, first: int, last: int, kind: SpanKind) -> tuple[str, tuple[date, ...]]:
    """What the calendar says about a span: the dates that open it specially, or keep it closed."""
    if kind not in ("working", "closed") or not calendar.special_dates:
        return "", ()
    timeline = calendar.timeline
    begins, ends = timeline.local(first).date(), timeline.local(last - 1).date()
    if kind == "working":
        reason = calendar.reason(begins)
        return (reason, (begins,)) if reason else ("", ())
    dates = tuple(
        day
        for day in calendar.special_between(begins, ends)
        if calendar.reason(day) == "holiday" or not calendar.hours_on(day)
    )
    return (calendar.reason(dates[0]), dates) if dates else ("", ())
