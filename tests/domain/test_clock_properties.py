"""A clock that is paused and extended, in any order: it falls due, and warns, where a plain count says."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clocks
from domain.clockrule import ClockRule, Rung
from domain.clocks import Clock
from domain.worktime import Calendar, Limit
from tests.domain.test_worktime_properties import MINUTE, calendars, instants, open_minutes

RULE = ClockRule(
    name="reply",
    title={"en": "Reply"},
    starts=("opened",),
    stops=("closed",),
    limits=(),
    ladder=(Rung(("handler",), share=50), Rung(("unit_head",)), Rung(("owner",), after=Limit(2, "wh"))),
)
DAYS = 21
steps = st.lists(
    st.tuples(st.integers(0, 900), st.one_of(st.none(), st.integers(1, 6))), max_size=6
)  # fmt: skip


def lived(clock: Clock, calendar: Calendar, plan: list[tuple[int, int | None]]) -> tuple[Clock, int]:
    """The clock after pauses, resumptions and extensions (a number of hours), and the hours it was given."""
    now, given_hours = clock.started_at, 0
    for minutes, hours in plan:
        now += minutes * MINUTE
        if hours is not None:
            clock, given_hours = (
                clocks.extended(clock, Limit(hours, "wh"), RULE, calendar),
                given_hours + hours,
            )
        elif clock.running:
            clock = clocks.paused(clock, now)
        else:
            clock = clocks.resumed(clock, now, RULE, calendar)
    if clock.paused_at is not None:
        clock = clocks.resumed(clock, now + MINUTE, RULE, calendar)
    return clock, given_hours


@settings(max_examples=60, deadline=None)
@given(calendars(), instants, st.integers(1, 12), steps)
def test_an_extended_and_paused_clock_agrees_with_counting_minutes(
    calendar: Calendar, start, hours: int, plan: list[tuple[int, int | None]]
) -> None:
    clock = clocks.wound(Clock("reply#1", "reply", start, limit=Limit(hours, "wh")), RULE, calendar)
    clock, more = lived(clock, calendar, plan)
    counted = [
        minute
        for minute in open_minutes(calendar, start, start + timedelta(days=DAYS))
        if not any(first <= minute < last for first, last in clock.pauses)
    ]
    whole = (hours + more) * 60
    if len(counted) < whole:
        return  # it falls due beyond what is counted here
    assert clock.due_at == counted[whole - 1] + MINUTE
    at = {alarm.rung: alarm.at for alarm in clock.alarms}
    assert at[0] == counted[whole // 2 - 1] + MINUTE
    assert at[1] == at[clocks.DUE] == clock.due_at
    spans = clocks.why(clock, RULE, calendar)
    assert sum((span.counted for span in spans), timedelta()) == timedelta(hours=hours + more)
    assert (spans[0].start_at, spans[-1].end_at) == (start, clock.due_at)
    assert all(one.end_at == following.start_at for one, following in pairwise(spans))
