"""Calendars and instants as the tests of business time write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain.worktime import (
    Calendar,
    Limit,
    deadline,
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
