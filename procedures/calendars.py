"""Turns the calendar section of a procedure into a calendar whose resolved dates travel with it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from domain.workcalendar import WEEKDAYS, Hours, read_date, read_interval
from domain.worktime import Calendar, CalendarError

_KEYS = ("timezone", "hours", "holidays", "makeup", "makeup_hours", "date_hours")
_REGION = re.compile(r"([a-z]{2})(?:-([a-z0-9]{1,3}))?", re.ASCII | re.IGNORECASE)
_NAMES = {name: number for number, name in enumerate(WEEKDAYS)}


def resolve_calendar(data: Mapping[str, Any], years: range) -> Calendar:
    """The calendar that `data` describes, with named holidays resolved into the dates of `years`.

    `data` has these keys, all but the first two optional:

    - `timezone`: IANA name
    - `hours`: weekdays to intervals, `{mon-fri: ["09:00-12:00", "13:00-18:00"], sat,sun: ["22:00-02:00"]}`;
      an interval that ends at or before its beginning runs past midnight
    - `holidays`: `cn` (State Council schedule), another country or region by its code (`us`, `de-by`), a
      date, or a list of these
    - `makeup`: `cn`, a date, or a list of these: days worked although the week or a holiday says otherwise
    - `makeup_hours`: intervals of make-up workdays on weekdays that have no hours
    - `date_hours`: dates to the intervals that replace theirs, `[]` for closed

    `known_until` of the result is the last day whose named holidays are certain. For China that ends with the
    last year the State Council has published; beyond it the statutory festivals are used without the days
    shifted around them and without make-up workdays. It is None when nothing named was used.

    Raises `CalendarError` with the path to what is wrong.
    """
    if not isinstance(data, Mapping):
        raise CalendarError("a calendar is a table with a timezone and hours")
    for key in data:
        if key not in _KEYS:
            raise CalendarError(f"unknown key {key!r}: use {', '.join(_KEYS)}", (str(key),))
    for key in ("timezone", "hours"):
        if key not in data:
            raise CalendarError(f"a calendar needs {key}", (key,))
    off, off_until = _dates(data.get("holidays", ()), "holidays", years, _holidays_of)
    made_up, made_up_until = _dates(data.get("makeup", ()), "makeup", years, _makeup_of)
    return Calendar(
        timezone=data["timezone"],
        weekly=_weekly(data["hours"]),
        holidays=tuple(off),
        makeup_days=tuple(made_up),
        makeup_hours=read_spans(data.get("makeup_hours", ()), ("makeup_hours",)),
        date_hours=_date_hours(data.get("date_hours", {})),
        known_until=min((day for day in (off_until, made_up_until) if day), default=None),
    )


def read_spans(value: object, field: Sequence[str | int]) -> Hours:
    """Intervals from `"09:00-12:00"` or a list of such texts; raises `CalendarError`."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        raise CalendarError(f'hours are a list such as ["09:00-18:00"], not {value!r}', field)
    result = []
    for number, text in enumerate(texts):
        opens, dash, closes = text.partition("-") if isinstance(text, str) else ("", "", "")
        if not dash:
            raise CalendarError(f'an interval is written "09:00-18:00", not {text!r}', (*field, number))
        result.append(read_interval(opens.strip(), closes.strip(), (*field, number)))
    return tuple(result)


def read_weekdays(text: object, field: Sequence[str | int]) -> tuple[int, ...]:
    """Numbers (Monday 0) of `mon`, `mon-fri`, `sat,sun`; a range may run over the weekend: `fri-mon`."""
    days: list[int] = []
    for part in str(text).lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if first not in _NAMES or (dash and last not in _NAMES):
            raise CalendarError(f"unknown weekday in {text!r}: use {', '.join(WEEKDAYS)}", field)
        start, end = _NAMES[first], _NAMES[last] if dash else _NAMES[first]
        days += [(start + n) % 7 for n in range((end - start) % 7 + 1)]
    return tuple(days)


def _weekly(value: object) -> tuple[Hours, ...]:
    if not isinstance(value, Mapping):
        raise CalendarError("hours are a table of weekdays", ("hours",))
    weekly: list[Hours | None] = [None] * 7
    for key, spans in value.items():
        field = ("hours", str(key))
        hours = read_spans(spans, field)
        for day in read_weekdays(key, field):
            if weekly[day] is not None:
                raise CalendarError(f"{WEEKDAYS[day]} has hours twice", field)
            weekly[day] = hours
    return tuple(hours or () for hours in weekly)


def _date_hours(value: object) -> tuple[tuple[date, Hours], ...]:
    if not isinstance(value, Mapping):
        raise CalendarError("date_hours is a table of dates", ("date_hours",))
    return tuple(
        (read_date(day, ("date_hours", str(day))), read_spans(spans, ("date_hours", str(day))))
        for day, spans in value.items()
    )


_Source = Callable[[str, range, Sequence[str | int]], tuple[set[date], date]]


def _dates(value: object, name: str, years: range, source: _Source) -> tuple[set[date], date | None]:
    """Dates written out or named, and the last day for which the named ones are certain."""
    entries = value if isinstance(value, list | tuple) else [value]
    result: set[date] = set()
    until: date | None = None
    for number, entry in enumerate(entries):
        field = (name, number) if entries is value else (name,)
        if isinstance(entry, str) and not entry[:1].isdigit():
            found, known = source(entry, years, field)
            result |= found
            until = known if until is None else min(until, known)
        else:
            result.add(read_date(entry, field))
    return result, until


def _holidays_of(name: str, years: range, field: Sequence[str | int]) -> tuple[set[date], date]:
    last_day = date(years[-1], 12, 31)
    if name.lower() == "cn":
        published = _published_by_china()
        known = {day for day in _chinese_tables().holidays if day.year in years}
        guessed = _country_holidays("CN", None, [year for year in years if year not in published])
        return known | guessed, _until(published, years)
    code = _REGION.fullmatch(name)
    try:
        if code is None:
            raise NotImplementedError
        return _country_holidays(code[1].upper(), code[2] and code[2].upper(), list(years)), last_day
    except NotImplementedError as error:
        raise CalendarError(
            f"no holidays known for {name!r}: use cn, us or another country's code", field
        ) from error


def _makeup_of(name: str, years: range, field: Sequence[str | int]) -> tuple[set[date], date]:
    if name.lower() != "cn":
        raise CalendarError(f"make-up workdays are known for cn only, not {name!r}", field)
    known = {day for day in _chinese_tables().workdays if day.year in years}
    return known, _until(_published_by_china(), years)


def _published_by_china() -> range:
    days = _chinese_tables().holidays
    return range(min(days).year, max(days).year + 1)


def _chinese_tables() -> Any:
    """The library of China's holidays; imported late, since only compiling a procedure needs it."""
    import chinese_calendar

    return chinese_calendar


def _until(published: range, years: range) -> date:
    """Last certain day; the day before `years` begin when not even their first is."""
    if years[0] not in published:
        return date(years[0], 1, 1) - timedelta(days=1)
    return date(min(published[-1], years[-1]), 12, 31)


def _country_holidays(country: str, region: str | None, years: list[int]) -> set[date]:
    if not years:
        return set()
    # Imported late: it takes a fifth of a second, and only compiling a procedure needs it.
    import holidays

    table = holidays.country_holidays(country, subdiv=region, years=years, expand=False)
    return {day for day in table if day.year in years}
