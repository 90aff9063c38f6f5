"""Calendars of procedures: weekday ranges, named holidays, and how far they are certain."""

from datetime import date
from typing import Any

import pytest

from domain.worktime import Calendar, CalendarError
from procedures.calendars import resolve_calendar

WEEK = {"mon-fri": ["09:00-12:00", "13:00-18:00"]}
OFFICE = ((32_400, 43_200), (46_800, 64_800))


def resolved(years: range = range(2025, 2027), **data: Any) -> Calendar:
    return resolve_calendar({"timezone": "Asia/Shanghai", "hours": WEEK} | data, years)


def test_weekdays_and_intervals() -> None:
    hours = {"mon, wed": "09:00-12:00", "fri-sun": [" 22:00 - 02:00 "], "tue": []}
    calendar = resolved(hours=hours)
    night = ((79_200, 93_600),)
    assert calendar.weekly == (((32_400, 43_200),), (), ((32_400, 43_200),), (), night, night, night)
    assert resolved(hours={"sat-mon": ["09:00-10:00"]}).weekly[1:5] == ((), (), (), ())


def test_chinese_holidays_and_makeup_days_are_dates_of_the_published_schedule() -> None:
    calendar = resolved(holidays="cn", makeup="cn")
    assert date(2025, 10, 6) in calendar.holidays
    assert {day.year for day in calendar.holidays} == {2025, 2026}
    assert calendar.hours_on(date(2025, 9, 28)) == OFFICE  # a Sunday worked for the National Day week
    assert calendar.hours_on(date(2025, 10, 8)) == ()
    assert calendar.known_until == date(2026, 12, 31)
    assert Calendar.from_data(calendar.to_data()) == calendar


def test_years_nobody_has_published_fall_back_to_the_statutory_festivals() -> None:
    calendar = resolved(range(2026, 2041), holidays="cn", makeup="cn")
    assert calendar.known_until is not None
    assert date(2026, 12, 31) <= calendar.known_until < date(2039, 12, 31)
    assert {date(2040, 1, 1), date(2040, 5, 1), date(2040, 10, 1), date(2040, 10, 3)} <= set(
        calendar.holidays
    )
    assert date(2040, 2, 12) in calendar.holidays  # spring festival
    assert all(day <= calendar.known_until for day in calendar.makeup_days)
    assert resolved(range(2039, 2041), holidays="cn").known_until == date(2038, 12, 31)


def test_holidays_of_other_countries_and_single_dates() -> None:
    calendar = resolved(holidays=["us", "2026-03-02", date(2026, 3, 3)], makeup=["2026-07-04"])
    assert {date(2026, 7, 3), date(2026, 11, 26), date(2026, 3, 2), date(2026, 3, 3)} <= set(
        calendar.holidays
    )
    assert calendar.makeup_days == (date(2026, 7, 4),)
    assert calendar.known_until == date(2026, 12, 31)
    assert date(2026, 1, 6) in resolved(holidays="de-by").holidays
    assert date(2026, 1, 6) not in resolved(holidays="de").holidays
    assert resolved(holidays=["2026-03-02"]).known_until is None


def test_hours_of_makeup_days_and_single_dates() -> None:
    calendar = resolved(
        makeup="2026-03-07",
        makeup_hours=["10:00-11:00"],
        date_hours={date(2026, 3, 2): [], "2026-03-03": "09:00-10:00"},
    )
    assert calendar.hours_on(date(2026, 3, 7)) == ((36_000, 39_600),)
    assert calendar.hours_on(date(2026, 3, 2)) == ()
    assert calendar.hours_on(date(2026, 3, 3)) == ((32_400, 36_000),)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Asia/Nowhere"}, ("timezone",)),
        ({"hours": {"mon-xyz": ["09:00-10:00"]}}, ("hours", "mon-xyz")),
        ({"hours": {"mon": ["09:00-10:00"], "mon-tue": []}}, ("hours", "mon-tue")),
        ({"hours": {"mon": ["09:00"]}}, ("hours", "mon", 0)),
        ({"hours": {"mon": ["09:00-25:00"]}}, ("hours", "mon", 0)),
        ({"hours": {"mon": 9}}, ("hours", "mon")),
        ({"hours": "mon-fri"}, ("hours",)),
        ({"hours": {}}, ("weekly",)),
        ({"holidays": "atlantis"}, ("holidays",)),
        ({"holidays": ["us", "us-zz"]}, ("holidays", 1)),
        ({"holidays": ["2026-02-30"]}, ("holidays", 0)),
        ({"holidays": 3}, ("holidays",)),
        ({"makeup": "us"}, ("makeup",)),
        ({"makeup": [None]}, ("makeup", 0)),
        ({"makeup_hours": ["x"]}, ("makeup_hours", 0)),
        ({"date_hours": {"soon": []}}, ("date_hours", "soon")),
        ({"date_hours": ["2026-01-01"]}, ("date_hours",)),
        ({"hollidays": "us"}, ("hollidays",)),
    ],
)
def test_errors_name_the_place(change: dict[str, Any], field: tuple[object, ...]) -> None:
    with pytest.raises(CalendarError) as refused:
        resolved(**change)
    assert refused.value.field == field


@pytest.mark.parametrize("data", [{}, {"timezone": "UTC"}, {"hours": WEEK}, [], None])
def test_timezone_and_hours_are_needed(data: Any) -> None:
    with pytest.raises(CalendarError):
        resolve_calendar(data, range(2026, 2027))
