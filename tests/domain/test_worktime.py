"""Business time, case by case: what each law of `domain.worktime` means on a concrete calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.worktime import (
    Limit,
    LimitError,
    OutOfRangeError,
    WorktimeError,
    deadline,
    elapsed,
    explain,
    is_working,
    next_opening,
)
from tests.domain.calendars import OFFICE, SHANGHAI, WEEK, at, due, zoned


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


def test_opening_is_inside_and_closing_is_not() -> None:
    assert is_working(SHANGHAI, at("2026-09-21 09:00"))
    assert not is_working(SHANGHAI, at("2026-09-21 12:00"))
    assert next_opening(SHANGHAI, at("2026-09-21 12:00")) == at("2026-09-21 13:00")
    assert next_opening(SHANGHAI, at("2026-09-21 13:10")) == at("2026-09-21 13:10")
    assert next_opening(SHANGHAI, at("2026-09-30 18:00")) == at("2026-10-08 09:00")
