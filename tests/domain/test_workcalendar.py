"""Working calendars: how one is built from plain data, and what it will not take."""

import copy
import pickle
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.worktime import (
    Calendar,
    CalendarError,
    Limit,
    OutOfRangeError,
    deadline,
    elapsed,
)
from tests.domain.calendars import OFFICE, SHANGHAI, WEEK, at, due, zoned


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
