"""When an organisation works: weekly hours, holidays, make-up workdays and single dates, in one time zone."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from domain.limits import WorktimeError
from domain.timeline import Timeline, load_zone

# Seconds since the midnight that begins the day; an end after 86,400 lies in the next day.
Interval = tuple[int, int]
Hours = tuple[Interval, ...]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 86_400
_CLOCK_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class CalendarError(WorktimeError):
    """A calendar cannot be used; `field` is the path to the wrong part, such as `("weekly", "mon", 0)`."""

    code: ClassVar[str] = "calendar"

    def __init__(self, message: str, field: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.field = tuple(field)


@dataclass(frozen=True)
class Calendar:
    """Working hours of one place; immutable, comparable, hashable, and quick to ask again and again.

    timezone:     IANA name
    weekly:       the hours of Monday to Sunday, seven entries, each any number of intervals
    holidays:     dates without hours
    makeup_days:  dates worked although the week or a holiday says otherwise: with the hours of their weekday,
                  else `makeup_hours`, else those of the first weekday (from Monday) that has any
    date_hours:   (date, hours) that replace everything else for that date; no hours means closed
    known_until:  last date for which holidays are certain, None when nothing bounds it; computing goes on
                  beyond it with what is here

    Intervals and dates are sorted, and intervals of one day that overlap or touch are joined, so that equal
    calendars compare equal however they were written. Raises `CalendarError`, also when there is no working
    time at all.
    """

    timezone: str
    weekly: tuple[Hours, ...]
    holidays: tuple[date, ...] = ()
    makeup_days: tuple[date, ...] = ()
    makeup_hours: Hours = ()
    date_hours: tuple[tuple[date, Hours], ...] = ()
    known_until: date | None = None

    def __post_init__(self) -> None:
        try:
            load_zone(self.timezone)
        except (WorktimeError, TypeError) as error:
            raise CalendarError(f"unknown time zone {self.timezone!r}", ("timezone",)) from error
        if len(self.weekly) != len(WEEKDAYS):
            raise CalendarError("weekly hours have seven entries, Monday first", ("weekly",))
        weekly = tuple(
            _joined(hours, ("weekly", name)) for name, hours in zip(WEEKDAYS, self.weekly, strict=True)
        )
        by_date = dict(self.date_hours)
        date_hours = tuple((day, _joined(by_date[day], ("date_hours", str(day)))) for day in sorted(by_date))
        for name, value in (
            ("weekly", weekly),
            ("holidays", tuple(sorted(set(self.holidays)))),
            ("makeup_days", tuple(sorted(set(self.makeup_days)))),
            ("makeup_hours", _joined(self.makeup_hours, ("makeup_hours",))),
            ("date_hours", date_hours),
        ):
            object.__setattr__(self, name, value)
        if not any(weekly) and not any(self.hours_on(day) for day in self.special_dates):
            raise CalendarError("a calendar needs working time: every day is closed", ("weekly",))

    def __hash__(self) -> int:
        return self._hash

    def __getstate__(self) -> dict[str, Any]:
        """Only the fields: what was computed from them is not copied or pickled."""
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}

    @cached_property
    def _hash(self) -> int:
        return hash((self.timezone, self.weekly, self.holidays, self.makeup_days, self.date_hours))

    @cached_property
    def timeline(self) -> Timeline:
        """The calendar as instants; equal calendars share one."""
        return _shared_timeline(self)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone, for showing instants on the calendar's own clock."""
        return load_zone(self.timezone)

    @cached_property
    def special_dates(self) -> tuple[date, ...]:
        """Every date whose hours are not simply those of its weekday, in order."""
        return tuple(sorted(self._reasons))

    @cached_property
    def _reasons(self) -> dict[date, str]:
        return (
            dict.fromkeys(self.holidays, "holiday")
            | dict.fromkeys(self.makeup_days, "makeup_day")
            | {day: "special_hours" for day, _ in self.date_hours}
        )

    @cached_property
    def _replaced(self) -> dict[date, Hours]:
        return dict(self.date_hours)

    def reason(self, day: date) -> str:
        """Why that date has the hours it has: `holiday`, `makeup_day`, `special_hours` or nothing special."""
        return self._reasons.get(day, "")

    def special_between(self, first: date, last: date) -> tuple[date, ...]:
        """The special dates from `first` to `last`, both included."""
        dates = self.special_dates
        return dates[bisect_left(dates, first) : bisect_right(dates, last)]

    def hours_on(self, day: date) -> Hours:
        """Intervals that begin on that date; empty when it is not a working day."""
        reason, usual = self.reason(day), self.weekly[day.weekday()]
        if reason == "special_hours":
            return self._replaced[day]
        if reason == "makeup_day":
            return usual or self.makeup_hours or next(filter(None, self.weekly), ())
        return () if reason == "holiday" else usual

    def to_data(self) -> dict[str, Any]:
        """Plain JSON types that `from_data` reads back into an equal calendar; empty parts are left out."""
        data: dict[str, Any] = {
            "timezone": self.timezone,
            "weekly": {
                day: written(hours) for day, hours in zip(WEEKDAYS, self.weekly, strict=True) if hours
            },
            "holidays": [day.isoformat() for day in self.holidays],
            "makeup_days": [day.isoformat() for day in self.makeup_days],
            "makeup_hours": written(self.makeup_hours),
            "date_hours": {day.isoformat(): written(hours) for day, hours in self.date_hours},
            "known_until": self.known_until.isoformat() if self.known_until else None,
        }
        return {name: value for name, value in data.items() if value or name in {"timezone", "weekly"}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Calendar":
        """Read what `to_data` writes: hours are lists of `[from, to]` clock times, dates are ISO dates.

        An interval that ends at or before its beginning runs past midnight and belongs to the day it begins.
        Raises `CalendarError` with the path to what is wrong; unknown keys are wrong too.
        """
        if not isinstance(data, Mapping):
            raise CalendarError("a calendar is a table of settings")
        for key in data:
            if key not in cls.__dataclass_fields__:
                raise CalendarError(f"unknown setting {key!r}", (str(key),))
        weekly = _table(data.get("weekly", {}), ("weekly",))
        for name in weekly:
            if name not in WEEKDAYS:
                raise CalendarError(f"unknown weekday {name!r}: use {', '.join(WEEKDAYS)}", ("weekly", name))
        until = data.get("known_until")
        return cls(
            timezone=data.get("timezone", ""),
            weekly=tuple(read_hours(weekly.get(name, ()), ("weekly", name)) for name in WEEKDAYS),
            holidays=_read_dates(data.get("holidays", ()), "holidays"),
            makeup_days=_read_dates(data.get("makeup_days", ()), "makeup_days"),
            makeup_hours=read_hours(data.get("makeup_hours", ()), ("makeup_hours",)),
            date_hours=tuple(
                (read_date(day, ("date_hours", day)), read_hours(hours, ("date_hours", day)))
                for day, hours in _table(data.get("date_hours", {}), ("date_hours",)).items()
            ),
            known_until=None if until is None else read_date(until, ("known_until",)),
        )


@lru_cache(maxsize=512)
def _shared_timeline(calendar: Calendar) -> Timeline:
    return Timeline(calendar)


def read_date(value: object, field: Sequence[str | int] = ()) -> date:
    """A date, or the date that `YYYY-MM-DD` writes; raises `CalendarError`."""
    if type(value) is date:
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # a day that no month has: refused below like every other wrong date
    raise CalendarError(f"not a date (YYYY-MM-DD): {value!r}", field)


def read_interval(opens: object, closes: object, field: Sequence[str | int] = ()) -> Interval:
    """Seconds of `HH:MM` or `HH:MM:SS` clock times; raises `CalendarError`.

    An end at or before the beginning is on the next day; `24:00` can end an interval.
    """
    start, end = _read_clock(opens, field), _read_clock(closes, field)
    if start == _DAY:
        raise CalendarError("24:00 can end an interval, not begin one", field)
    return start, end + _DAY if end <= start else end


def read_hours(value: object, field: Sequence[str | int] = ()) -> Hours:
    """Intervals from a list of `[from, to]` clock times; raises `CalendarError`."""
    if not isinstance(value, list | tuple):
        raise CalendarError(f"hours are a list of intervals, not {value!r}", field)
    result = []
    for number, pair in enumerate(value):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise CalendarError(f"an interval has a beginning and an end, not {pair!r}", (*field, number))
        result.append(read_interval(pair[0], pair[1], (*field, number)))
    return tuple(result)


def written(hours: Hours) -> list[list[str]]:
    """Intervals as `read_hours` reads them."""
    return [[_write_clock(start), _write_clock(end if end <= _DAY else end - _DAY)] for start, end in hours]


def _read_clock(value: object, field: Sequence[str | int]) -> int:
    found = _CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        seconds = hour * 3600 + minute * 60 + second
        if minute < 60 and second < 60 and seconds <= _DAY:
            return seconds
    raise CalendarError(f"not a clock time from 00:00 to 24:00: {value!r}", field)


def _write_clock(seconds: int) -> str:
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def _read_dates(value: object, name: str) -> tuple[date, ...]:
    if not isinstance(value, list | tuple):
        raise CalendarError(f"{name} are a list of dates, not {value!r}", (name,))
    return tuple(read_date(day, (name, number)) for number, day in enumerate(value))


def _table(value: object, field: Sequence[str | int]) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise CalendarError(f"expected a table, not {value!r}", field)
    return value


def _joined(hours: Iterable[Interval], field: Sequence[str | int]) -> Hours:
    """Sorted intervals, joined where they overlap or touch, yet never longer than a day can be written."""
    result: list[Interval] = []
    for start, end in sorted(hours):
        if not (0 <= start < _DAY and start < end <= start + _DAY):
            raise CalendarError(
                f"an interval begins within its day and lasts at most a day: {start}, {end}", field
            )
        if result and start <= result[-1][1] and max(end, result[-1][1]) - result[-1][0] <= _DAY:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)
