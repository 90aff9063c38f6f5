"""Deadlines per second, against the PyPI library businesstimedelta on the same inputs.

Both sides get the same calendar (an office week with lunch in New York and the federal holidays), the same
starts and the same limits in working hours, and must give the same answers. Rounds alternate between the two.
"""

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter

import businesstimedelta
import holidays
import pytz

from domain.worktime import Calendar, Limit, deadline

TARGET = 10.0
ROUNDS = 3
QUESTIONS = 1000
ZONE = "America/New_York"
YEARS = (2024, 2025, 2026)

Question = tuple[datetime, int]


def questions() -> list[Question]:
    """Starts over a year and limits of 1 to 80 working hours: what complaints ask; the same in every run."""
    chance = random.Random(20260301)
    first = datetime(2025, 1, 1, tzinfo=UTC)
    return [
        (first + timedelta(minutes=chance.randrange(365 * 1440)), chance.choice((1, 2, 4, 8, 16, 24, 40, 80)))
        for _ in range(QUESTIONS)
    ]


def federal_holidays() -> dict[date, str]:
    """Dates to names, as businesstimedelta wants them."""
    return dict(holidays.country_holidays("US", years=YEARS))


def ours() -> Callable[[Question], datetime]:
    """Our side: one calendar, asked again and again."""
    hours = [["09:00", "12:00"], ["13:00", "18:00"]]
    calendar = Calendar.from_data(
        {
            "timezone": ZONE,
            "weekly": {day: list(hours) for day in ("mon", "tue", "wed", "thu", "fri")},
            "holidays": [day.isoformat() for day in federal_holidays()],
        }
    )
    limits = {hours: Limit(hours, "wh") for hours in range(1, 81)}
    return lambda question: deadline(calendar, question[0], limits[question[1]])


def theirs() -> Callable[[Question], datetime]:
    """The library's side: its own rules for the same hours."""
    zone = pytz.timezone(ZONE)
    rules = businesstimedelta.Rules(
        [
            businesstimedelta.WorkDayRule(time(9), time(18), [0, 1, 2, 3, 4], tz=zone),
            businesstimedelta.LunchTimeRule(time(12), time(13), [0, 1, 2, 3, 4], tz=zone),
            businesstimedelta.HolidayRule(federal_holidays(), tz=zone),
        ]
    )
    return lambda question: question[0] + businesstimedelta.BusinessTimeDelta(rules, hours=question[1])


def rate(answer: Callable[[Question], datetime], asked: list[Question]) -> float:
    """Deadlines per second."""
    begun = perf_counter()
    for question in asked:
        answer(question)
    return len(asked) / (perf_counter() - begun)


def run(rounds: int = ROUNDS) -> list[dict[str, object]]:
    """Measure both sides in turn, `rounds` times; raises `AssertionError` when their answers differ."""
    asked = questions()
    us, them = ours(), theirs()
    for question in asked[:200]:
        mine, other = us(question), them(question)
        assert mine == other, f"{question}: {mine} is not {other.astimezone(UTC)}"
    measured = [(rate(us, asked), rate(them, asked)) for _ in range(rounds)]
    ratios = [mine / other for mine, other in measured]
    return [
        {
            "name": "deadlines per second against businesstimedelta",
            "value": round(median(ratios), 1),
            "unit": "x",
            "target": f">= {TARGET:g}",
            "ok": median(ratios) >= TARGET,
            "rounds": [round(ratio, 1) for ratio in ratios],
        },
        {
            "name": "deadlines per second",
            "value": round(median(mine for mine, _ in measured)),
            "unit": "1/s",
            "target": None,
            "ok": True,
            "rounds": [round(mine) for mine, _ in measured],
        },
        {
            "name": "deadlines per second, businesstimedelta",
            "value": round(median(other for _, other in measured)),
            "unit": "1/s",
            "target": None,
            "ok": True,
            "rounds": [round(other) for _, other in measured],
        },
    ]


if __name__ == "__main__":
    for figure in run():
        print(json.dumps(figure))
