"""Business time in general: laws that hold for any calendar, and agreement with a plain count of minutes."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.worktime import (
    Calendar,
    CalendarError,
    Limit,
    OutOfRangeError,
    deadline,
    elapsed,
    explain,
    instant_at_share,
)

ZONES = (
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # moves by half an hour
    "Asia/Tehran",  # moved at midnight
    "America/Sao_Paulo",
    "Pacific/Apia",  # left out a day
    "Africa/Casablanca",  # four changes a year
)
# Around clock changes of the zones above, the day left out, and the turn of a year.
ANCHORS = (
    datetime(2011, 12, 27, tzinfo=UTC),
    datetime(2015, 3, 20, tzinfo=UTC),
    datetime(2018, 2, 16, tzinfo=UTC),
    datetime(2026, 3, 7, tzinfo=UTC),
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 10, 31, tzinfo=UTC),
    datetime(2026, 12, 30, tzinfo=UTC),
)
MINUTE = timedelta(minutes=1)
WORKING_UNITS = ("wh", "wm")

quarter_hours = st.integers(0, 95).map(lambda n: n * 900)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[int, int]:
    start = draw(quarter_hours)
    return start, start + draw(st.integers(1, 96)) * 900


hours = st.lists(intervals(), max_size=3).map(tuple)
instants = st.builds(
    lambda anchor, minutes: anchor + timedelta(minutes=minutes),
    st.sampled_from(ANCHORS),
    st.integers(-3 * 1440, 3 * 1440),
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    dates = st.builds(lambda at, n: at.date() + timedelta(n), st.sampled_from(ANCHORS), st.integers(-3, 9))
    try:
        return Calendar(
            timezone=draw(st.sampled_from(ZONES)),
            weekly=tuple(draw(hours) for _ in range(7)),
            holidays=tuple(draw(st.lists(dates, max_size=4))),
            makeup_days=tuple(draw(st.lists(dates, max_size=3))),
            makeup_hours=draw(hours),
            date_hours=tuple(draw(st.dictionaries(dates, hours, max_size=2)).items()),
        )
    except CalendarError:  # every day drawn closed
        return Calendar("Europe/Berlin", (((32_400, 61_200),),) * 7)


limits = st.builds(Limit, st.integers(0, 60), st.sampled_from(("h", "wh", "m", "wm", "d", "wd", "w")))
time_units = st.sampled_from(("h", "wh", "m", "wm"))
pauses = st.lists(st.tuples(instants, instants), max_size=5)
ends = st.sampled_from(("close", "same_time"))


def due_or_none(*arguments: object, **more: object) -> datetime | None:
    """The deadline, or nothing when a calendar of single dates has no more time."""
    try:
        return deadline(*arguments, **more)
    except OutOfRangeError:
        return None


def open_minutes(calendar: Calendar, start: datetime, end: datetime) -> list[datetime]:
    """The oracle: every minute from start to end whose local clock time lies in the hours of its date, or in
    those of the date before that run past midnight."""
    zone, found, at = ZoneInfo(calendar.timezone), [], start
    while at < end:
        local = at.astimezone(zone)
        second = local.hour * 3600 + local.minute * 60
        today = plain_hours(calendar, local.date())
        yesterday = plain_hours(calendar, local.date() - timedelta(days=1))
        if any(a <= second < b for a, b in today) or any(a <= second + 86_400 < b for a, b in yesterday):
            found.append(at)
        at += MINUTE
    return found


def plain_hours(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    replaced = dict(calendar.date_hours)
    if day in replaced:
        return replaced[day]
    usual = calendar.weekly[day.weekday()]
    if day in calendar.makeup_days:
        listed = [h for h in calendar.weekly if h]
        return usual or calendar.makeup_hours or (listed[0] if listed else ())
    return () if day in calendar.holidays else usual


@settings(max_examples=40, deadline=None)
@given(calendars(), instants, st.integers(1, 2160), pauses)
def test_agrees_with_counting_minutes(
    calendar: Calendar, start: datetime, length: int, stops: list[tuple[datetime, datetime]]
) -> None:
    end = start + length * MINUTE
    minutes = [
        minute
        for minute in open_minutes(calendar, start, end)
        if not any(first <= minute < last for first, last in stops)
    ]
    assert elapsed(calendar, start, end, "wh", pauses=stops) == len(minutes) * MINUTE
    if minutes:
        last = deadline(calendar, start, Limit(len(minutes), "wm"), pauses=stops)
        assert last == minutes[-1] + MINUTE


@settings(deadline=None)
@given(calendars(), instants, limits, pauses)
def test_deadline_is_the_first_instant_at_which_the_limit_has_elapsed(
    calendar: Calendar, start: datetime, limit: Limit, stops: list[tuple[datetime, datetime]]
) -> None:
    due = due_or_none(calendar, start, limit, pauses=stops)
    assume(due is not None)
    assert due >= start
    if not limit.in_days:
        assert elapsed(calendar, start, due, limit.unit, pauses=stops) == limit.duration
        if due > start:
            before = due - timedelta(microseconds=1)
            assert elapsed(calendar, start, before, limit.unit, pauses=stops) < limit.duration


@settings(deadline=None)
@given(calendars(), instants, instants, limits, pauses)
def test_a_later_start_never_ends_earlier(
    calendar: Calendar, one: datetime, other: datetime, limit: Limit, stops: list[tuple[datetime, datetime]]
) -> None:
    # Days that end at different hours, or overnight, may end in another order than they began.
    assume(not limit.in_days or limit.unit != "wd")
    first, second = sorted((one, other))
    if limit.in_days:
        stops = []
    a = due_or_none(calendar, first, limit, pauses=stops)
    b = due_or_none(calendar, second, limit, pauses=stops)
    assume(a is not None and b is not None)
    if limit.amount:
        assert a <= b


@settings(deadline=None)
@given(instants, instants, st.integers(0, 30), st.sampled_from(ZONES))
def test_working_days_keep_their_order(one: datetime, other: datetime, days: int, zone: str) -> None:
    calendar = Calendar(zone, (((32_400, 61_200),),) * 5 + ((), ()), holidays=(date(2026, 10, 26),))
    first, second = sorted((one, other))
    if days:
        assert deadline(calendar, first, Limit(days, "wd")) <= deadline(calendar, second, Limit(days, "wd"))


@settings(deadline=None)
@given(calendars(), instants, time_units | st.just("d"), st.integers(0, 60), st.integers(0, 60), pauses)
def test_a_longer_limit_never_ends_earlier(
    calendar: Calendar,
    start: datetime,
    unit: str,
    shorter: int,
    more: int,
    stops: list[tuple[datetime, datetime]],
) -> None:
    a = due_or_none(calendar, start, Limit(shorter, unit), pauses=stops)
    b = due_or_none(calendar, start, Limit(shorter + more, unit), pauses=stops)
    assume(a is not None and b is not None)
    assert a <= b


@settings(deadline=None)
@given(calendars(), instants, time_units, st.integers(0, 60), st.integers(0, 60))
def test_limits_of_time_add_up(calendar: Calendar, start: datetime, unit: str, one: int, other: int) -> None:
    due = due_or_none(calendar, start, Limit(one + other, unit))
    assume(due is not None)
    half_way = deadline(calendar, start, Limit(one, unit))
    assert deadline(calendar, half_way, Limit(other, unit)) == due


@settings(deadline=None)
@given(calendars(), instants, limits, pauses, ends, st.data())
def test_how_pauses_are_cut_and_ordered_changes_nothing(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    stops: list[tuple[datetime, datetime]],
    day_end: str,
    data: st.DataObject,
) -> None:
    pieces = []
    for first, last in stops:
        cut = first + (last - first) * data.draw(st.integers(0, 10)) / 10
        pieces += [(cut, last), (first, cut), (first, last)]
    shuffled = data.draw(st.permutations(pieces))
    kwargs = {"day_end": day_end}
    assert due_or_none(calendar, start, limit, pauses=stops, **kwargs) == due_or_none(
        calendar, start, limit, pauses=shuffled, **kwargs
    )
    end = start + timedelta(days=3)
    assert elapsed(calendar, start, end, limit.unit, pauses=stops) == elapsed(
        calendar, start, end, limit.unit, pauses=shuffled
    )


@settings(deadline=None)
@given(calendars(), instants, limits, pauses, ends)
def test_the_explanation_is_gapless_and_sums_exactly(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    stops: list[tuple[datetime, datetime]],
    day_end: str,
) -> None:
    due = due_or_none(calendar, start, limit, pauses=stops, day_end=day_end)
    assume(due is not None)
    spans = explain(calendar, start, limit, pauses=stops, day_end=day_end)
    if due == start:
        assert spans == ()
        return
    assert (spans[0].start_at, spans[-1].end_at) == (start, due)
    assert all(a.end_at == b.start_at and a.total <= b.total for a, b in pairwise(spans))
    assert all(span.start_at < span.end_at for span in spans)
    total = sum((span.counted for span in spans), timedelta(0))
    assert total == spans[-1].total == elapsed(calendar, start, due, limit.unit, pauses=stops)
    if not limit.in_days:
        assert total == limit.duration
    for span in spans:
        inside = elapsed(calendar, span.start_at, span.end_at, limit.unit, pauses=stops)
        assert span.counted == inside


@settings(deadline=None)
@given(calendars(), instants, limits, pauses, ends, st.fractions(0, 1), st.fractions(0, 1))
def test_shares_lie_in_order_between_start_and_deadline(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    stops: list[tuple[datetime, datetime]],
    day_end: str,
    one: Fraction,
    other: Fraction,
) -> None:
    due = due_or_none(calendar, start, limit, pauses=stops, day_end=day_end)
    assume(due is not None)
    shares = [0, *sorted((one, other)), 1]
    points = [
        instant_at_share(calendar, start, limit, share, pauses=stops, day_end=day_end) for share in shares
    ]
    assert points == sorted(points)
    assert (points[0], points[-1]) == (start, due)


@settings(deadline=None)
@given(calendars())
def test_plain_data_gives_the_calendar_back(calendar: Calendar) -> None:
    assert Calendar.from_data(calendar.to_data()) == calendar


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(ZONES), st.integers(2101, 2600), st.integers(0, 365))
def test_far_years_built_from_a_pattern_are_those_built_alone(zone: str, year: int, day: int) -> None:
    weekly = (((79_200, 108_000),), ((32_400, 61_200),), (), ((0, 86_400),), (), ((7_200, 9_000),), ())
    start = datetime(year, 1, 1, 5, tzinfo=UTC) + timedelta(days=day)
    usual = Calendar(zone, weekly)
    # A holiday on a day that is closed anyway changes nothing, yet the year is then computed by itself.
    closed = next(d for d in (date(year, 1, 1) + timedelta(days=n) for n in range(9)) if d.weekday() == 2)
    alone = Calendar(zone, weekly, holidays=(closed,))
    for limit in ("30wh", "7wd", "2000wh"):
        assert deadline(usual, start, Limit.parse(limit)) == deadline(alone, start, Limit.parse(limit))
