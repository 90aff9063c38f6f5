"""Answers business-time questions outside any complaint: one with its explanation, or many as JSON lines.

A line describes its own calendar and asks for one result. The answer has the form of the question: a time
without offset stays local to the line's time zone, a date stays a date, `Z` stays `Z`, another offset is
kept. A line that cannot be answered gets an error and never stops the ones after it.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, NoReturn

from domain.limits import Limit, WorktimeError
from domain.worktime import Calendar, CalendarError, DayEnd, Pause, Span, deadline, elapsed, explain
from procedures.calendars import resolve_calendar

_WRITTEN_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:([Tt ])(\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?)([Zz]|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)


# What a line calls the parts of a calendar.
_LINE_NAMES = {
    "weekly": "weekly_hours",
    "makeup_days": "extra_workdays",
    "makeup_hours": "extra_workday_hours",
}


class LineError(ValueError):
    """A line of a batch cannot be answered; the message says why."""


@dataclass(frozen=True)
class ClockAnswer:
    """One deadline and the way to it. Instants are aware UTC; `local` gives them on the calendar's clock."""

    calendar: Calendar
    limit: Limit
    day_end: DayEnd
    start_at: datetime
    due_at: datetime
    spans: tuple[Span, ...]

    def local(self, at: datetime) -> datetime:
        """`at` in the calendar's time zone."""
        return at.astimezone(self.calendar.zone)

    def to_data(self) -> dict[str, Any]:
        """Plain JSON types: instants in the calendar's time zone with offset, lengths in seconds."""
        return {
            "timezone": self.calendar.timezone,
            "limit": str(self.limit),
            "day_end": self.day_end,
            "start": self.local(self.start_at).isoformat(),
            "due": self.local(self.due_at).isoformat(),
            "known_until": self.calendar.known_until and self.calendar.known_until.isoformat(),
            "spans": [
                {
                    "from": self.local(span.start_at).isoformat(),
                    "to": self.local(span.end_at).isoformat(),
                    "kind": span.kind,
                    "counted": _number(span.counted),
                    "total": _number(span.total),
                    "note": span.note,
                    "dates": [day.isoformat() for day in span.dates],
                }
                for span in self.spans
            ],
        }


@dataclass(frozen=True)
class _Moment:
    """An instant as a line wrote it, so that the answer can be written the same way."""

    text: str
    at: datetime
    form: str  # "date", "local", "zulu" or "offset"
    separator: str

    def written(self, at: datetime, calendar: Calendar) -> str:
        if self.form == "zulu":
            return at.astimezone(UTC).replace(tzinfo=None).isoformat(self.separator) + "Z"
        if self.form == "offset":
            return at.astimezone(self.at.tzinfo).isoformat(self.separator)
        local = at.astimezone(calendar.zone)
        if self.form == "date":
            return local.date().isoformat()
        return local.replace(tzinfo=None).isoformat(self.separator)


def compute_one(
    calendar: Calendar,
    start: str | datetime,
    limit: str | Limit,
    *,
    pauses: Sequence[tuple[str | datetime, str | datetime]] = (),
    day_end: DayEnd = "close",
) -> ClockAnswer:
    """The deadline of `limit` from `start`, with the spans that lead to it.

    Times are aware datetimes, or texts as in a batch line (without offset: local to the calendar). Raises
    `LineError` for a text that is no time, otherwise as `domain.worktime.deadline`.
    """
    begun = _instant(start, calendar, "start")
    stops = [(_instant(a, calendar, "pauses"), _instant(b, calendar, "pauses")) for a, b in pauses]
    wanted = limit if isinstance(limit, Limit) else Limit.parse(limit)
    due_at = deadline(calendar, begun, wanted, pauses=stops, day_end=day_end)  # refuses years there are not
    return ClockAnswer(
        calendar=calendar,
        limit=wanted,
        day_end=day_end,
        start_at=begun.astimezone(UTC),
        due_at=due_at,
        spans=explain(calendar, begun, wanted, pauses=stops, day_end=day_end),
    )


def calendar_from_options(
    timezone: str,
    hours: Sequence[str],
    holidays: Sequence[str] = (),
    makeup: Sequence[str] = (),
    *,
    years: range,
) -> Calendar:
    """A calendar from command-line options.

    `hours` are texts such as `mon-fri 09:00-12:00,13:00-18:00` (weekdays, blank, intervals); `holidays` and
    `makeup` are dates or names as in a procedure (`cn`, `us`), resolved for `years`. Raises `CalendarError`.
    """
    weekly: dict[str, list[str]] = {}
    for text in hours:
        days, _, spans = text.strip().partition(" ")
        weekly.setdefault(days, []).extend(span.strip() for span in spans.split(","))
    data = {"timezone": timezone, "hours": weekly, "holidays": list(holidays), "makeup": list(makeup)}
    return resolve_calendar(data, years)


def run_lines(lines: Iterable[str | bytes]) -> Iterator[str]:
    """One line of JSON (without line end, ASCII only) for every line given, in order, whatever it holds."""
    for number, line in enumerate(lines, start=1):
        try:
            given = _parse(line)
        except LineError as error:
            answer: dict[str, Any] = {"id": None, "error": f"line {number}: {error}"}
        else:
            answer = run_line(given)
        yield json.dumps(answer, allow_nan=False)


def run_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """`{"id", "result"}` for one parsed line, or `{"id", "error"}` with an English sentence; never raises.

    A line has `timezone`, `weekly_hours`, optionally `holidays`, `extra_workdays`, `extra_workday_hours`,
    `date_hours`; `start`; `op`; and what the op needs: `amount` (`add_working_seconds`, `add_working_days`),
    `end` (`working_seconds_between`, `elapsed_with_pauses`), `amount` in working seconds or a `limit` such as
    `3wd` with an optional `day_end` (`deadline_with_pauses`). `pauses` is a list of `[from, to]`. Other keys
    are ignored.
    """
    identity = line.get("id") if isinstance(line, Mapping) else None
    try:
        if not isinstance(line, Mapping):
            _refuse("a line is a JSON object")
        operation = _needed(line, "op")
        run = _OPERATIONS.get(operation) if isinstance(operation, str) else None
        if run is None:
            _refuse(f"unknown op {operation!r}: use {', '.join(_OPERATIONS)}")
        return {"id": identity, "result": run(line, _calendar(line))}
    except CalendarError as error:
        place = ".".join(str(_LINE_NAMES.get(str(part), part)) for part in error.field)
        return {"id": identity, "error": f"{place}: {error}" if place else str(error)}
    except (LineError, WorktimeError) as error:
        return {"id": identity, "error": str(error)}
    except Exception as error:  # a line nobody thought of must not stop the lines after it
        return {"id": identity, "error": f"cannot be computed: {type(error).__name__}: {error}"}


def _add_working_seconds(line: Mapping[str, Any], calendar: Calendar) -> str:
    return _deadline(line, calendar, Limit(_decimal(line, "amount"), "ws"), "close")


def _add_working_days(line: Mapping[str, Any], calendar: Calendar) -> str:
    return _deadline(line, calendar, Limit(_decimal(line, "amount"), "wd"), "same_time")


def _deadline_with_pauses(line: Mapping[str, Any], calendar: Calendar) -> str:
    if "limit" not in line:
        return _add_working_seconds(line, calendar)
    limit = Limit.parse(line["limit"])
    return _deadline(line, calendar, limit, line.get("day_end", "close"))


def _deadline(line: Mapping[str, Any], calendar: Calendar, limit: Limit, day_end: DayEnd) -> str:
    start = _moment(_needed(line, "start"), calendar, "start")
    due = deadline(calendar, start.at, limit, pauses=_pauses(line, calendar), day_end=day_end)
    return start.text if limit.amount == 0 else start.written(due, calendar)


def _seconds_between(line: Mapping[str, Any], calendar: Calendar) -> int | float:
    start = _moment(_needed(line, "start"), calendar, "start")
    end = _moment(_needed(line, "end"), calendar, "end")
    return _number(elapsed(calendar, start.at, end.at, "ws", pauses=_pauses(line, calendar)))


_OPERATIONS: dict[str, Callable[[Mapping[str, Any], Calendar], str | int | float]] = {
    "add_working_seconds": _add_working_seconds,
    "add_working_days": _add_working_days,
    "working_seconds_between": _seconds_between,
    "deadline_with_pauses": _deadline_with_pauses,
    "elapsed_with_pauses": _seconds_between,
}


def _parse(line: str | bytes) -> Mapping[str, Any]:
    def number(name: str) -> NoReturn:
        _refuse(f"not a finite number: {name}")

    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line.removeprefix("\ufeff")
        given = json.loads(text, parse_constant=number)
    except LineError:
        raise
    except (ValueError, RecursionError) as error:
        raise LineError(f"not JSON: {error}") from error
    if not isinstance(given, dict):
        _refuse("a line is a JSON object")
    if not isinstance(given.get("id"), str | int | type(None)):
        try:
            json.dumps(given["id"], allow_nan=False)
        except ValueError:  # a number beyond what JSON can carry back
            given["id"] = str(given["id"])
    return given


def _calendar(line: Mapping[str, Any]) -> Calendar:
    """The calendar of a line; lines that describe the same one share it."""
    weekly = _needed(line, "weekly_hours")
    if not isinstance(weekly, Mapping):
        _refuse("weekly_hours is an object of weekdays")
    data = {
        "timezone": _needed(line, "timezone"),
        "weekly": weekly,
        "holidays": line.get("holidays") or [],
        "makeup_days": line.get("extra_workdays") or [],
        # Without hours of their own, make-up workdays take those of the first weekday the line lists.
        "makeup_hours": line.get("extra_workday_hours") or next(filter(None, weekly.values()), []),
        "date_hours": line.get("date_hours") or {},
    }
    return _calendar_from(json.dumps(data))


@lru_cache(maxsize=256)
def _calendar_from(text: str) -> Calendar:
    return Calendar.from_data(json.loads(text))


def _pauses(line: Mapping[str, Any], calendar: Calendar) -> list[Pause]:
    pauses = line.get("pauses") or []
    if not isinstance(pauses, list | tuple):
        _refuse("pauses are a list of [from, to]")
    result = []
    for pause in pauses:
        if not isinstance(pause, list | tuple) or len(pause) != 2:
            _refuse(f"a pause is [from, to], not {pause!r}")
        result.append((_moment(pause[0], calendar, "pauses").at, _moment(pause[1], calendar, "pauses").at))
    return result


def _instant(value: str | datetime, calendar: Calendar, field: str) -> datetime:
    return value if isinstance(value, datetime) else _moment(value, calendar, field).at


def _moment(value: object, calendar: Calendar, field: str) -> _Moment:
    """Reads a date (its local midnight), a local time or a time with offset; raises `LineError`."""
    found = _WRITTEN_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise LineError(f"{field} is not a date or time: {value!r}")
    day, separator, clock, offset = found.groups()
    try:
        if clock is None:
            midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), calendar.zone)
            return _Moment(found[0], midnight, "date", "T")
        at = datetime.fromisoformat(f"{day}T{clock}{(offset or '').upper()}")
    except ValueError as error:
        raise LineError(f"{field} is not a date or time: {value!r}") from error
    if offset is None:
        return _Moment(found[0], at.replace(tzinfo=calendar.zone), "local", separator)
    return _Moment(found[0], at, "zulu" if offset in "Zz" else "offset", separator)


def _decimal(line: Mapping[str, Any], name: str) -> Decimal:
    value = _needed(line, name)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, float) or not isfinite(value):
        _refuse(f"{name} is not a number: {value!r}")
    return round(Decimal(repr(value)), 6)


def _needed(line: Mapping[str, Any], name: str) -> Any:
    value = line.get(name)
    if value is None:
        _refuse(f"{name} is missing")
    return value


def _number(length: timedelta) -> int | float:
    """Seconds: a whole number where it is one."""
    whole, part = divmod(length, timedelta(seconds=1))
    return length.total_seconds() if part else whole


def _refuse(message: str) -> NoReturn:
    raise LineError(message)
