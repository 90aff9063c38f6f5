"""The working time of one calendar as instants, computed year by year and kept for the next question.

One law decides what is working time: an instant counts when the local wall clock shows a time inside the
hours of that date, or of the date before when they run past midnight. Seconds that a clock change skips
therefore never count, and seconds it repeats count each time they pass.

Instants are whole microseconds since 1970-01-01 UTC, days are numbered from that date.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.limits import WorktimeError

if TYPE_CHECKING:
    from domain.workcalendar import Calendar

SECOND = 1_000_000
DAY = 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 2, 9998
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
# Zone files list single changes until 2087 at most; later years repeat one rule, so that a year is decided by
# its length and the weekday of its first day.
_STEADY_FROM = 2101


class OutOfRangeError(WorktimeError):
    """The answer lies before year 2 or after year 9998, or the calendar's working time ends before it."""

    code: ClassVar[str] = "out_of_range"


class Year(NamedTuple):
    """Working intervals within one UTC year, in microseconds since its first instant."""

    starts: list[int]
    ends: list[int]
    done: list[int]  # working time until the end of each interval
    total: int

    def worked(self, at: int) -> int:
        """Working time from the beginning of the year until `at`."""
        i = bisect_right(self.starts, at) - 1
        if i < 0:
            return 0
        beyond = self.ends[i] - at
        return self.done[i] - beyond if beyond > 0 else self.done[i]


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 UTC of an aware datetime; raises `WorktimeError` for a naive one."""
    if at.tzinfo is None:
        raise WorktimeError(f"an instant needs a time zone: {at.isoformat()}")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise OutOfRangeError(f"outside the years {FIRST_YEAR} to {LAST_YEAR}: {at.isoformat()}")
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def to_datetime(at: int) -> datetime:
    """The aware UTC datetime of `at`; raises `OutOfRangeError` outside the years that can be computed."""
    try:
        result = _EPOCH + timedelta(microseconds=at)
    except OverflowError as error:
        raise OutOfRangeError("later than any date that can be written") from error
    if not FIRST_YEAR <= result.year <= LAST_YEAR:
        raise OutOfRangeError(f"outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return result


def day_of(day: date) -> int:
    """Number of the date counted from 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    """The date with that number; raises `OutOfRangeError`."""
    try:
        return date.fromordinal(day + _EPOCH_ORDINAL)
    except (ValueError, OverflowError) as error:
        raise OutOfRangeError("later than any date that can be written") from error


@lru_cache(maxsize=1024)
def load_zone(name: str) -> ZoneInfo:
    """The IANA time zone called `name`; raises `WorktimeError` when there is none."""
    try:
        return ZoneInfo(name)
    # A folder of the zone database, or a name that leaves it, shows as OSError or ValueError.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WorktimeError(f"unknown time zone {name!r}") from error


@lru_cache(maxsize=16_384)
def year_start(year: int) -> int:
    """First instant of that UTC year."""
    return day_of(date(year, 1, 1)) * DAY


def _offset(zone: ZoneInfo, at: int) -> int:
    shift = (_EPOCH + timedelta(microseconds=at)).astimezone(zone).utcoffset()
    assert shift is not None
    return (shift.days * 86_400 + shift.seconds) * SECOND


@lru_cache(maxsize=2048)
def zone_pieces(zone_name: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """Stretches of one offset (from, until, offset) that cover the UTC year and three days either side."""
    zone = load_zone(zone_name)
    at, last = year_start(year) - 3 * DAY, year_start(year + 1) + 3 * DAY
    begun, offset = at, _offset(zone, at)
    pieces = []
    while at < last:
        after = min(at + DAY, last)
        next_offset = _offset(zone, after)
        if next_offset != offset:
            low, high = at, after  # the change lies after `low` and not after `high`
            while high - low > SECOND:
                middle = low + (high - low) // (2 * SECOND) * SECOND
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            pieces.append((begun, high, offset))
            begun, offset = high, next_offset
        at = after
    pieces.append((begun, last, offset))
    return tuple(pieces)


class Timeline:
    """Answers how much working time lies between instants, and where an amount of it is reached."""

    def __init__(self, calendar: "Calendar") -> None:
        self._zone_name = calendar.timezone
        self._zone = load_zone(calendar.timezone)
        self._weekly = [[(s * SECOND, e * SECOND) for s, e in hours] for hours in calendar.weekly]
        self._special = {
            day_of(day): [(s * SECOND, e * SECOND) for s, e in calendar.hours_on(day)]
            for day in calendar.special_dates
        }
        self._unsteady = {date_of(day + n).year for day in self._special for n in (-3, 3)}
        self._last_year = LAST_YEAR if any(self._weekly) else max(self._unsteady)
        self._years: dict[int | tuple[int, int], Year] = {}
        self._working_days: dict[int | tuple[int, int], list[int]] = {}

    def local(self, at: int) -> datetime:
        """The local wall clock of the calendar at that instant."""
        return to_datetime(at).astimezone(self._zone)

    def instant(self, wall: datetime) -> int:
        """Instant of a naive local time: the first of two; a skipped one moves on by the gap."""
        return to_micros(wall.replace(tzinfo=self._zone, fold=0))

    def hours(self, day: int) -> list[tuple[int, int]]:
        """Working intervals that begin on that day, in microseconds since its midnight."""
        special = self._special.get(day)
        return self._weekly[(day + 3) % 7] if special is None else special

    def between(self, start: int, end: int) -> int:
        """Working time from `start` until `end`; 0 when `end` is not later."""
        if end <= start:
            return 0
        first, last = _year_of(start), _year_of(end)
        total = self._year(last).worked(end - year_start(last)) - self._year(first).worked(
            start - year_start(first)
        )
        for year in range(first, last):
            total += self._year(year).total
        return total

    def advance(self, start: int, amount: int) -> int:
        """Earliest instant at which `amount` (more than 0) of working time has passed since `start`."""
        number = _year_of(start)
        year = self._year(number)
        needed = year.worked(start - year_start(number)) + amount
        while needed > year.total:
            needed -= year.total
            number += 1
            if number > self._last_year:
                raise OutOfRangeError("the calendar has not that much working time left")
            year = self._year(number)
        i = bisect_left(year.done, needed)
        return year_start(number) + year.ends[i] - (year.done[i] - needed)

    def intervals(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Working intervals from `start` until `end`, cut to that span, in order, touching ones joined."""
        held: tuple[int, int] | None = None
        for number in range(_year_of(start), _year_of(end) + 1):
            year, origin = self._year(number), year_start(number)
            for i in range(bisect_right(year.ends, start - origin), len(year.starts)):
                a, b = max(year.starts[i] + origin, start), min(year.ends[i] + origin, end)
                if a >= b:
                    break
                if held is not None and held[1] == a:
                    held = (held[0], b)
                else:
                    if held is not None:
                        yield held
                    held = (a, b)
        if held is not None:
            yield held

    def working_day_after(self, day: int, count: int) -> int:
        """The `count`-th (1 or more) working day after `day`: a date that exists and has hours."""
        number = date_of(day).year
        days, first = self._days(number), day_of(date(number, 1, 1))
        index = bisect_right(days, day - first) + count - 1
        while index >= len(days):
            index -= len(days)
            number += 1
            if number > self._last_year:
                raise OutOfRangeError("the calendar has not that many working days left")
            days, first = self._days(number), day_of(date(number, 1, 1))
        return first + days[index]

    def closing(self, day: int) -> int:
        """Instant at which the last hours that begin on the working day `day` end."""
        opens, closes = max(self.hours(day), key=lambda interval: interval[1])
        pieces = zone_pieces(self._zone_name, date_of(day).year)
        ends = [
            min(day * DAY + closes - offset, over)
            for begun, over, offset in pieces
            if max(day * DAY + opens - offset, begun) < min(day * DAY + closes - offset, over)
        ]
        # Hours that fall wholly into skipped time end where the clock jumps.
        return max(ends) if ends else next(b for b, _, offset in pieces if b + offset >= day * DAY + closes)

    def _key(self, year: int) -> int | tuple[int, int]:
        if year < _STEADY_FROM or year in self._unsteady:
            return year
        first = date(year, 1, 1)
        return (date(year + 1, 1, 1).toordinal() - first.toordinal(), first.weekday())

    def _year(self, number: int) -> Year:
        found = self._years.get(number)
        if found is None:
            key = self._key(number)
            found = self._years.get(key)
            if found is None:
                found = self._years[key] = self._build_year(number)
            self._years[number] = found
        return found

    def _build_year(self, number: int) -> Year:
        origin, limit = year_start(number), year_start(number + 1)
        found: list[tuple[int, int]] = []
        for begun, over, offset in zone_pieces(self._zone_name, number):
            low, high = max(begun, origin), min(over, limit)
            if low >= high:
                continue
            for day in range((low + offset) // DAY - 1, (high - 1 + offset) // DAY + 1):
                midnight = day * DAY - offset
                for opens, closes in self.hours(day):
                    a, b = max(midnight + opens, low), min(midnight + closes, high)
                    if a < b:
                        found.append((a - origin, b - origin))
        found.sort()
        starts: list[int] = []
        ends: list[int] = []
        for a, b in found:
            if ends and a <= ends[-1]:
                ends[-1] = max(ends[-1], b)
            else:
                starts.append(a)
                ends.append(b)
        done, total = [], 0
        for a, b in zip(starts, ends, strict=True):
            total += b - a
            done.append(total)
        return Year(starts, ends, done, total)

    def _days(self, number: int) -> list[int]:
        key = self._key(number)
        found = self._working_days.get(key)
        if found is None:
            pieces = zone_pieces(self._zone_name, number)
            skipped = {
                day
                for (_, turn, before), (_, _, after) in pairwise(pieces)
                for day in range(-((turn + before) // -DAY), (turn + after) // DAY)
            }
            first, last = day_of(date(number, 1, 1)), day_of(date(number, 12, 31))
            found = [d - first for d in range(first, last + 1) if self.hours(d) and d not in skipped]
            self._working_days[key] = found
        return found


def _year_of(at: int) -> int:
    year = date_of(at // DAY).year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutOfRangeError(f"outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return year
