"""Business time, case by case: what each law of `domain.worktime` means on a concrete calendar."""

import copy
import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.limits import counts_working_time
from domain.worktime import (
    Calendar,
    CalendarError,
    Limit,
    LimitError,
    OutOfRangeError,
    WorktimeError,
    deadline,
    elapsed,
    explain,
    instant_at_share,
    is_working,
    next_opening,
)

OFFICE = [["09:00", "12:00"], ["13:00", "18:00"]]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE)
SHANGHAI = Calendar.from_data(
    {
        "timezone": "Asia/Shanghai",
        "weekly": WEEK,
        "holidays": ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"],
        "makeup_days": ["2026-09-20", "2026-10-10"],
        "date_hours": {"2026-09-23": [["10:00", "11:00"]], "2026-09-24": []},
    }
)


def zoned(zone: str, weekly: object, **more: object) -> Calendar:
    return Calendar.from_data({"timezone": zone, "weekly": weekly, **more})


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due(text: str, limit: str, calendar: Calendar = SHANGHAI, **more: object) -> str:
    """The deadline on the calendar's clock, without offset."""
    result = deadline(calendar, at(text, calendar.timezone), Limit.parse(limit), **more)
    assert result.tzinfo is UTC
    return result.astimezone(calendar.zone).replace(tzinfo=None).isoformat(" ", "minutes")


class TestLimit:
    @pytest.mark.parametrize("text", ["24h", "8wh", "3wd", "15d", "8w", "1.5h", "90m", "30wm", "0h", "0.5ws"])
    def test_is_read_and_written_the_same(self, text: str) -> None:
        assert str(Limit.parse(text)) == text

    def test_normalises_its_amount(self) -> None:
        assert Limit.parse(" 1.50h ") == Limit(Decimal("1.5"), "h")
        assert Limit.parse("8.0wh") == Limit(8, "wh")
        assert str(Limit.parse("000100000wh")) == "100000wh"

    @pytest.mark.parametrize(
        "text",
        [
            "0.5wd",
            "1.5d",
            "0.1w",
            "-3h",
            "3x",
            "",
            "h",
            "3",
            "3 wh",
            "3H",
            "1e3h",
            "infh",
            "١h",
            "1.h",
            "3wm h",
            None,
        ],
    )
    def test_refuses_nonsense(self, text: str) -> None:
        with pytest.raises(LimitError):
            Limit.parse(text)

    @pytest.mark.parametrize(
        ("amount", "unit"),
        [(-1, "h"), (1.5, "h"), (True, "h"), (1, "y"), (Decimal("NaN"), "h"), (Decimal("Infinity"), "wh")],
    )
    def test_refuses_wrong_parts(self, amount: object, unit: str) -> None:
        with pytest.raises(LimitError):
            Limit(amount, unit)

    def test_refuses_less_than_a_microsecond(self) -> None:
        with pytest.raises(LimitError, match="microsecond"):
            Limit.parse("0.0000001s")

    def test_knows_its_length(self) -> None:
        assert Limit.parse("1.5wh").duration == timedelta(minutes=90)
        assert Limit.parse("8w").days == 56
        with pytest.raises(LimitError, match="no fixed length"):
            _ = Limit.parse("3wd").duration
        with pytest.raises(LimitError, match="too long"):
            _ = Limit.parse("999999999999999h").duration
        assert [counts_working_time(Limit.parse(t).unit) for t in ("1wh", "1wd", "1h", "1d")] == [1, 1, 0, 0]


class TestCalendar:
    def test_joins_and_sorts_so_that_equal_calendars_are_equal(self) -> None:
        one = zoned("UTC", {"mon": [["13:00", "18:00"], ["09:00", "10:00"], ["10:00", "13:30"]]})
        other = zoned("Etc/UTC", {"mon": [["09:00", "18:00"]]})
        assert one.weekly[0] == ((9 * 3600, 18 * 3600),)
        assert replace(other, timezone="UTC") == one
        assert hash(replace(other, timezone="UTC")) == hash(one)
        assert replace(other, timezone="UTC").timeline is one.timeline

    def test_survives_copying_pickling_and_plain_data(self) -> None:
        deadline(SHANGHAI, at("2026-09-21 10:00"), Limit.parse("8wh"))
        for twin in (
            copy.deepcopy(SHANGHAI),
            pickle.loads(pickle.dumps(SHANGHAI)),
            Calendar.from_data(SHANGHAI.to_data()),
        ):
            assert twin == SHANGHAI
            assert due("2026-09-21 10:00", "8wh", twin) == due("2026-09-21 10:00", "8wh")
        assert len(pickle.dumps(SHANGHAI)) < 2000

    def test_writes_intervals_past_midnight(self) -> None:
        calendar = zoned(
            "UTC",
            {
                "mon": [["22:00", "06:00"]],
                "tue": [["00:00", "24:00"]],
                "wed": [["09:00", "09:00"]],
                "thu": [["08:00:30", "24:00"]],
            },
            known_until="2026-12-31",
        )
        assert calendar.to_data()["weekly"] == {
            "mon": [["22:00", "06:00"]],
            "tue": [["00:00", "24:00"]],
            "wed": [["09:00", "09:00"]],
            "thu": [["08:00:30", "24:00"]],
        }
        assert Calendar.from_data(calendar.to_data()) == calendar

    def test_never_joins_into_more_than_a_day(self) -> None:
        calendar = zoned("UTC", {"mon": [["18:00", "21:00"], ["20:00", "19:00"]]})
        assert Calendar.from_data(calendar.to_data()) == calendar
        week = elapsed(calendar, at("2026-03-02 00:00", "UTC"), at("2026-03-09 00:00", "UTC"), "wh")
        assert week == timedelta(hours=25)

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"timezone": "Mars/Olympus", "weekly": WEEK}, ("timezone",)),
            ({"timezone": "Europe", "weekly": WEEK}, ("timezone",)),
            ({"timezone": "../etc/passwd", "weekly": WEEK}, ("timezone",)),
            ({"timezone": "", "weekly": WEEK}, ("timezone",)),
            ({"timezone": 8, "weekly": WEEK}, ("timezone",)),
            ({"weekly": WEEK}, ("timezone",)),
            ({"timezone": "UTC", "weekly": {}}, ("weekly",)),
            ({"timezone": "UTC"}, ("weekly",)),
            ({"timezone": "UTC", "weekly": {"mon": []}, "date_hours": {"2026-01-01": []}}, ("weekly",)),
            ({"timezone": "UTC", "weekly": {}, "makeup_days": ["2026-01-01"]}, ("weekly",)),
            ({"timezone": "UTC", "weekly": {"monday": OFFICE}}, ("weekly", "monday")),
            ({"timezone": "UTC", "weekly": {"mon": [["09:00", "25:00"]]}}, ("weekly", "mon", 0)),
            ({"timezone": "UTC", "weekly": {"mon": [["24:00", "01:00"]]}}, ("weekly", "mon", 0)),
            ({"timezone": "UTC", "weekly": {"mon": [["09:60", "10:00"]]}}, ("weekly", "mon", 0)),
            ({"timezone": "UTC", "weekly": {"mon": [["09:00"]]}}, ("weekly", "mon", 0)),
            ({"timezone": "UTC", "weekly": {"mon": [["9", "10"]]}}, ("weekly", "mon", 0)),
            ({"timezone": "UTC", "weekly": {"mon": "09:00-10:00"}}, ("weekly", "mon")),
            ({"timezone": "UTC", "weekly": [OFFICE]}, ("weekly",)),
            ({"timezone": "UTC", "weekly": WEEK, "holidays": ["2026-02-30"]}, ("holidays", 0)),
            ({"timezone": "UTC", "weekly": WEEK, "holidays": "2026-02-03"}, ("holidays",)),
            ({"timezone": "UTC", "weekly": WEEK, "date_hours": {"today": []}}, ("date_hours", "today")),
            ({"timezone": "UTC", "weekly": WEEK, "date_hours": []}, ("date_hours",)),
            ({"timezone": "UTC", "weekly": WEEK, "known_until": "soon"}, ("known_until",)),
            ({"timezone": "UTC", "weekly": WEEK, "hollidays": []}, ("hollidays",)),
            ([], ()),
        ],
    )
    def test_refuses_what_cannot_be_meant(self, data: object, field: tuple[object, ...]) -> None:
        with pytest.raises(CalendarError) as refused:
            Calendar.from_data(data)
        assert refused.value.field == field

    @pytest.mark.parametrize("weekly", [((),) * 6, (((5, 3),),) + ((),) * 6, (((-1, 3),),) + ((),) * 6])
    def test_refuses_wrong_fields(self, weekly: object) -> None:
        with pytest.raises(CalendarError):
            Calendar("UTC", weekly)

    def test_may_have_working_time_on_single_dates_only(self) -> None:
        calendar = zoned("UTC", {}, date_hours={"2026-03-04": [["09:00", "10:00"]]})
        assert due("2026-03-01 00:00", "1wh", calendar) == "2026-03-04 10:00"
        assert due("2026-03-01 00:00", "1wd", calendar) == "2026-03-04 10:00"
        with pytest.raises(OutOfRangeError):
            due("2026-03-01 00:00", "2wh", calendar)
        with pytest.raises(OutOfRangeError):
            due("2026-03-01 00:00", "2wd", calendar)


class TestWorkingHours:
    @pytest.mark.parametrize(
        ("start", "limit", "expected"),
        [
            ("2026-09-21 10:00", "1wh", "2026-09-21 11:00"),
            ("2026-09-21 10:00", "2wh", "2026-09-21 12:00"),  # closing time, not the next opening
            ("2026-09-21 10:00", "121wm", "2026-09-21 13:01"),
            ("2026-09-21 12:30", "0wh", "2026-09-21 12:30"),  # a zero limit moves nothing
            ("2026-09-21 12:00", "1ws", "2026-09-21 13:00"),
            ("2026-09-21 09:00", "8wh", "2026-09-21 18:00"),
            ("2026-09-22 17:00", "2wh", "2026-09-23 11:00"),  # hours of that date are 10 to 11
            ("2026-09-22 17:00", "3wh", "2026-09-25 10:00"),  # and the 24th is closed
            ("2026-09-19 10:00", "1wh", "2026-09-20 10:00"),  # a make-up Sunday has the first weekday's hours
            ("2026-09-30 17:30", "1wh", "2026-10-08 09:30"),  # over the national holiday
            ("2026-10-09 17:00", "2wh", "2026-10-10 10:00"),  # into a make-up Saturday
        ],
    )
    def test_counts_open_time_only(self, start: str, limit: str, expected: str) -> None:
        assert due(start, limit) == expected

    def test_result_does_not_depend_on_the_zone_the_start_is_written_in(self) -> None:
        start = datetime(2026, 9, 21, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
        assert deadline(SHANGHAI, start, Limit.parse("3wh")) == datetime(2026, 9, 21, 6, tzinfo=UTC)

    def test_keeps_microseconds(self) -> None:
        start = datetime(2026, 9, 21, 2, 0, 0, 7, tzinfo=UTC)
        assert deadline(SHANGHAI, start, Limit.parse("2wh")) == datetime(2026, 9, 21, 5, 0, 0, 7, tzinfo=UTC)

    def test_makeup_days_win_over_holidays_and_dates_over_both(self) -> None:
        calendar = zoned(
            "UTC",
            {"mon": [["09:00", "17:00"]]},
            holidays=["2026-03-02", "2026-03-07", "2026-03-08"],
            makeup_days=["2026-03-02", "2026-03-07", "2026-03-08"],
            makeup_hours=[["10:00", "12:00"]],
            date_hours={"2026-03-08": [["20:00", "21:00"]]},
        )
        assert [calendar.hours_on(date(2026, 3, day)) for day in (2, 3, 7, 8)] == [
            ((32400, 61200),),
            (),
            ((36000, 43200),),
            ((72000, 75600),),
        ]

    def test_overnight_hours_belong_to_the_day_they_begin(self) -> None:
        night = zoned(
            "UTC", {"fri": [["22:00", "06:00"]], "mon": [["09:00", "17:00"]]}, holidays=["2026-03-13"]
        )
        assert due("2026-03-06 23:00", "7wh", night) == "2026-03-07 06:00"
        assert due("2026-03-06 23:00", "8wh", night) == "2026-03-09 10:00"
        assert (
            due("2026-03-12 23:00", "1wh", night) == "2026-03-16 10:00"
        )  # a holiday night is off as a whole
        assert due("2026-03-05 23:00", "1wd", night) == "2026-03-07 06:00"

    def test_nights_that_meet_the_next_day_count_once(self) -> None:
        both = zoned("UTC", {"mon": [["20:00", "10:00"]], "tue": [["08:00", "12:00"]]})
        total = elapsed(both, at("2026-03-02 00:00", "UTC"), at("2026-03-04 00:00", "UTC"), "wh")
        assert total == timedelta(hours=16)
        spans = explain(both, at("2026-03-02 20:00", "UTC"), Limit.parse("16wh"))
        assert [span.kind for span in spans] == ["working"]

    def test_the_turn_of_the_year_is_no_seam(self) -> None:
        always = zoned(
            "Asia/Shanghai",
            {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        )
        start = at("2025-12-30 12:00")
        assert deadline(always, start, Limit.parse("48wh")) == start + timedelta(hours=48)
        assert len(explain(always, start, Limit.parse("48wh"))) == 1
        assert elapsed(always, start, start + timedelta(days=900), "wh") == timedelta(days=900)

    def test_runs_over_many_years(self) -> None:
        plain = zoned("Europe/Berlin", WEEK)
        days = 260 * 800 + 1000
        far = deadline(plain, at("2026-01-01 00:00", "Europe/Berlin"), Limit(days * 8, "wh"))
        assert far == deadline(plain, at("2025-12-31 23:00", "Europe/Berlin"), Limit(days, "wd"))
        assert elapsed(plain, at("2025-12-31 23:00", "Europe/Berlin"), far, "wh") == timedelta(hours=days * 8)
        assert far.year > 2800

    @pytest.mark.parametrize(
        "limit", ["999999999999wh", "9999999999wd", "99999999999h", "99999999999d", "99999999d"]
    )
    def test_refuses_to_run_off_the_calendar(self, limit: str) -> None:
        with pytest.raises(OutOfRangeError):
            due("2026-01-01 00:00", limit)

    def test_refuses_naive_and_impossible_instants(self) -> None:
        with pytest.raises(WorktimeError, match="time zone"):
            deadline(SHANGHAI, datetime(2026, 1, 1), Limit.parse("1h"))  # noqa: DTZ001
        with pytest.raises(OutOfRangeError):
            deadline(SHANGHAI, datetime.max.replace(tzinfo=UTC), Limit.parse("1wh"))
        with pytest.raises(LimitError, match="same_time"):
            due("2026-01-01 00:00", "1wd", day_end="noon")


class TestClockChanges:
    """Berlin springs forward 2026-03-29 02:00 and falls back 2026-10-25 03:00."""

    @pytest.mark.parametrize(
        ("hours", "day", "expected"),
        [
            (["00:00", "24:00"], "2026-03-29", 23 * 60),
            (["00:00", "24:00"], "2026-10-25", 25 * 60),
            (["02:00", "03:00"], "2026-03-29", 0),
            (["02:15", "02:45"], "2026-03-29", 0),
            (["02:30", "04:00"], "2026-03-29", 60),
            (["01:00", "02:30"], "2026-03-29", 60),
            (["02:00", "03:00"], "2026-10-25", 120),
            (["01:00", "04:00"], "2026-10-25", 240),
            (["02:15", "02:45"], "2026-10-25", 60),  # the wall clock shows it twice
            (["01:00", "02:30"], "2026-10-25", 120),
            (["02:30", "04:00"], "2026-10-25", 120),
        ],
    )
    def test_real_minutes_whose_clock_time_is_inside(self, hours: list[str], day: str, expected: int) -> None:
        calendar = zoned("Europe/Berlin", {"sun": [hours]})
        start = at(f"{day} 00:00", "Europe/Berlin")
        end = at((date.fromisoformat(day) + timedelta(days=1)).isoformat(), "Europe/Berlin")
        assert elapsed(calendar, start, end, "wh") == timedelta(minutes=expected)

    def test_elapsed_hours_ignore_the_clock(self) -> None:
        plain = zoned("Europe/Berlin", WEEK)
        assert due("2026-03-28 12:00", "24h", plain) == "2026-03-29 13:00"
        assert due("2026-03-28 12:00", "1d", plain, day_end="same_time") == "2026-03-29 12:00"

    def test_a_skipped_clock_time_moves_on_and_a_repeated_one_is_the_first(self) -> None:
        plain = zoned("Europe/Berlin", {"sun": OFFICE})
        skipped = deadline(
            plain, at("2026-03-28 02:30", "Europe/Berlin"), Limit.parse("1d"), day_end="same_time"
        )
        assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
        repeated = deadline(
            plain, at("2026-10-24 02:30", "Europe/Berlin"), Limit.parse("1wd"), day_end="same_time"
        )
        assert repeated == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_hours_close_at_the_jump_when_it_swallows_them(self) -> None:
        calendar = zoned("Europe/Berlin", {"sun": [["02:15", "02:45"]]})
        assert due("2026-03-28 12:00", "1wd", calendar) == "2026-03-29 03:00"
        assert due("2026-10-24 12:00", "1wd", calendar) == "2026-10-25 02:45"
        twice = deadline(calendar, at("2026-10-24 12:00", "Europe/Berlin"), Limit.parse("1wd"))
        assert twice == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)

    def test_a_date_that_never_was_is_no_working_day(self) -> None:
        samoa = zoned("Pacific/Apia", WEEK)  # 2011-12-30, a Friday, was left out
        assert due("2011-12-29 10:00", "1wd", samoa) == "2012-01-02 18:00"
        total = elapsed(
            samoa, at("2011-12-26 00:00", "Pacific/Apia"), at("2012-01-02 00:00", "Pacific/Apia"), "wh"
        )
        assert total == timedelta(hours=32)

    def test_midnight_jumps(self) -> None:
        tehran = zoned("Asia/Tehran", {"sun": [["00:00", "24:00"]]})  # 2015-03-22 00:00 does not exist
        start, end = at("2015-03-21 00:00", "Asia/Tehran"), at("2015-03-24 00:00", "Asia/Tehran")
        assert elapsed(tehran, start, end, "wh") == timedelta(hours=23)


class TestDays:
    @pytest.mark.parametrize(
        ("start", "limit", "close", "same_time"),
        [
            ("2026-09-21 10:00", "1wd", "2026-09-22 18:00", "2026-09-22 10:00"),
            ("2026-09-21 10:00", "2wd", "2026-09-23 11:00", "2026-09-23 10:00"),
            ("2026-09-21 10:00", "3wd", "2026-09-25 18:00", "2026-09-25 10:00"),
            ("2026-09-18 23:00", "1wd", "2026-09-20 18:00", "2026-09-20 23:00"),
            ("2026-09-30 03:00", "2wd", "2026-10-09 18:00", "2026-10-09 03:00"),
            ("2026-10-03 03:00", "3wd", "2026-10-10 18:00", "2026-10-10 03:00"),
            ("2026-09-21 10:00", "0wd", "2026-09-21 10:00", "2026-09-21 10:00"),
            ("2026-09-21 10:00", "15d", "2026-10-07 00:00", "2026-10-06 10:00"),
            ("2026-09-21 10:00", "2w", "2026-10-06 00:00", "2026-10-05 10:00"),
            ("2026-09-21 10:00", "0d", "2026-09-21 10:00", "2026-09-21 10:00"),
        ],
    )
    def test_ends_of_days(self, start: str, limit: str, close: str, same_time: str) -> None:
        assert due(start, limit) == close
        assert due(start, limit, day_end="same_time") == same_time


class TestPauses:
    def pause(self, *texts: str) -> tuple[datetime, datetime]:
        return at(texts[0]), at(texts[1])

    @pytest.mark.parametrize(
        ("limit", "pauses", "expected"),
        [
            (
                "3wh",
                [("2026-09-21 11:00", "2026-09-21 14:00")],
                "2026-09-21 16:00",
            ),  # 2 of its 3 hours worked
            ("3wh", [("2026-09-21 12:00", "2026-09-21 13:00")], "2026-09-21 14:00"),  # lunch costs nothing
            (
                "3wh",
                [("2026-09-21 08:00", "2026-09-21 10:30")],
                "2026-09-21 14:30",
            ),  # only what is after the start
            ("3wh", [("2026-09-21 14:00", "2026-09-21 15:00")], "2026-09-21 14:00"),  # due as it begins
            ("3wh", [("2026-09-21 13:59", "2026-09-21 15:00")], "2026-09-21 15:01"),
            ("3wh", [("2026-09-21 11:00", "2026-09-21 11:00")], "2026-09-21 14:00"),
            ("3wh", [("2026-09-21 11:30", "2026-09-21 10:30")], "2026-09-21 14:00"),  # reversed is nothing
            (
                "8wh",
                [("2026-09-21 15:00", "2026-09-22 10:00"), ("2026-09-21 14:00", "2026-09-21 16:00")],
                "2026-09-22 16:00",
            ),
            ("3h", [("2026-09-21 11:00", "2026-09-21 14:00")], "2026-09-21 16:00"),
            ("1wd", [("2026-09-21 11:00", "2026-09-21 14:00")], "2026-09-25 10:00"),  # two hours made up
            ("1wd", [("2026-09-21 12:00", "2026-09-21 13:00")], "2026-09-22 18:00"),
            ("1wd", [("2026-09-22 17:00", "2026-09-25 10:00")], "2026-09-25 11:00"),
            ("1d", [("2026-09-21 11:00", "2026-09-21 14:00")], "2026-09-23 03:00"),
        ],
    )
    def test_stop_the_count(self, limit: str, pauses: list[tuple[str, str]], expected: str) -> None:
        assert due("2026-09-21 10:00", limit, pauses=[self.pause(*p) for p in pauses]) == expected

    def test_elapsed_leaves_them_out(self) -> None:
        pauses = [
            self.pause("2026-09-21 11:00", "2026-09-21 14:00"),
            self.pause("2026-09-21 13:00", "2026-09-21 13:30"),
        ]
        span = at("2026-09-21 10:00"), at("2026-09-21 18:00")
        assert elapsed(SHANGHAI, *span, "wh", pauses=pauses) == timedelta(hours=5)
        assert elapsed(SHANGHAI, *span, "wd", pauses=pauses) == timedelta(hours=5)
        assert elapsed(SHANGHAI, *span, "h", pauses=pauses) == timedelta(hours=5)
        assert elapsed(SHANGHAI, span[1], span[0], "h", pauses=pauses) == timedelta(0)
        assert elapsed(SHANGHAI, span[1], span[0], "wh", pauses=pauses) == timedelta(0)


class TestShare:
    @pytest.mark.parametrize(
        ("limit", "share", "expected"),
        [
            ("8wh", 0, "2026-09-21 10:00"),
            ("8wh", 0.5, "2026-09-21 15:00"),
            ("8wh", Fraction(3, 4), "2026-09-21 17:00"),
            ("8wh", 1.0, "2026-09-22 10:00"),
            ("8wh", 1.25, "2026-09-22 12:00"),
            ("10h", 0.8, "2026-09-21 18:00"),
            ("1wd", 0.5, "2026-09-21 18:00"),  # 7 of the 15 hours until the close, and half an hour
            ("1wd", 1, "2026-09-22 18:00"),
            ("1d", 0.5, "2026-09-22 05:00"),
        ],
    )
    def test_is_measured_as_the_limit_is(self, limit: str, share: float | Fraction, expected: str) -> None:
        result = instant_at_share(SHANGHAI, at("2026-09-21 10:00"), Limit.parse(limit), share)
        wanted = at(expected) + (timedelta(0) if (limit, share) != ("1wd", 0.5) else timedelta(hours=15.5))
        assert result == wanted

    def test_without_working_time_in_between_real_time_is_shared(self) -> None:
        night = zoned("UTC", {"sun": [["23:00", "24:00"]]})
        start = at("2026-03-02 10:00", "UTC")
        half = instant_at_share(night, start, Limit.parse("1wd"), 0.5, day_end="same_time")
        assert half == start + timedelta(days=3)
        assert instant_at_share(night, start, Limit.parse("0wd"), 0.5) == start

    @pytest.mark.parametrize("share", [-0.1, float("nan"), float("inf")])
    def test_refuses_no_share(self, share: float) -> None:
        with pytest.raises(LimitError):
            instant_at_share(SHANGHAI, at("2026-09-21 10:00"), Limit.parse("1h"), share)


class TestExplanation:
    def test_tells_the_way_to_the_deadline(self) -> None:
        spans = explain(
            SHANGHAI,
            at("2026-09-30 16:00"),
            Limit.parse("4wh"),
            pauses=[(at("2026-09-30 17:00"), at("2026-09-30 17:30"))],
        )
        told = [
            (
                s.start_at.astimezone(SHANGHAI.zone).strftime("%d %H:%M"),
                s.kind,
                s.counted.seconds // 60,
                s.note,
            )
            for s in spans
        ]
        assert told == [
            ("30 16:00", "working", 60, ""),
            ("30 17:00", "paused", 0, ""),
            ("30 17:30", "working", 30, ""),
            ("30 18:00", "closed", 0, "holiday"),
            ("08 09:00", "working", 150, ""),
        ]
        assert spans[3].dates[0] == date(2026, 10, 1)
        assert len(spans[3].dates) == 5
        assert spans[-1].total == timedelta(hours=4)

    def test_names_special_working_days(self) -> None:
        spans = explain(SHANGHAI, at("2026-09-19 10:00"), Limit.parse("28wh"))
        notes = {(s.note, s.dates[0].isoformat()) for s in spans if s.note}
        assert notes == {
            ("makeup_day", "2026-09-20"),
            ("special_hours", "2026-09-23"),
            ("special_hours", "2026-09-24"),
        }

    def test_real_time_is_one_stretch_between_pauses(self) -> None:
        pauses = [(at("2026-09-21 11:00"), at("2026-09-21 12:00"))]
        spans = explain(SHANGHAI, at("2026-09-21 10:00"), Limit.parse("2h"), pauses=pauses)
        assert [s.kind for s in spans] == ["elapsed", "paused", "elapsed"]
        assert explain(SHANGHAI, at("2026-09-21 10:00"), Limit.parse("0h")) == ()

    def test_a_long_one_is_folded_and_still_sums(self) -> None:
        limit = Limit(100_000, "wh")
        many = [
            (at("2026-09-21 10:00") + timedelta(hours=n), at("2026-09-21 10:05") + timedelta(hours=n))
            for n in range(500)
        ]
        for pauses in ((), many):
            spans = explain(SHANGHAI, at("2026-09-21 10:00"), limit, pauses=pauses)
            assert len(spans) <= 61
            assert [s.kind for s in spans].count("folded") == 1
            assert sum((s.counted for s in spans), timedelta(0)) == limit.duration
            assert all(a.end_at == b.start_at for a, b in pairwise(spans))


def test_opening_is_inside_and_closing_is_not() -> None:
    assert is_working(SHANGHAI, at("2026-09-21 09:00"))
    assert not is_working(SHANGHAI, at("2026-09-21 12:00"))
    assert next_opening(SHANGHAI, at("2026-09-21 12:00")) == at("2026-09-21 13:00")
    assert next_opening(SHANGHAI, at("2026-09-21 13:10")) == at("2026-09-21 13:10")
    assert next_opening(SHANGHAI, at("2026-09-30 18:00")) == at("2026-10-08 09:00")
