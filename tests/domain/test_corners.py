"""Where two rules meet: what is legal once time has passed, shares of an extended limit, calls at night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain import commands as c
from domain.commands import Actor
from domain.events import Option
from domain.worktime import Calendar, Limit, deadline, elapsed
from tests.domain.test_route import small
from tests.drive import CUSTOMER, SUPERVISOR, Case, handler_of

EXPIRING = """\
  wait:
    title: {en: Customer}
    starts: entered:decide
    stops: [accepted, rejected]
    limit: 4wh
    expires: expired
"""
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""The calendar of the small procedure is open from 9 to 17 in UTC."""


def decided(case: Case) -> None:
    case.do(c.AnswerOrder(case.order, "Checked."))
    case.do(c.Propose((Option("1", "Sorry."),)))


def test_a_refusal_says_what_is_legal_after_what_fell_due_before_it():
    """The offer expires at the very instant at which the customer accepts it: now they may reopen."""
    procedure = small(
        ("notices:\n", EXPIRING + "notices:\n"),
        ("outcomes: {rejected: reopen}", "outcomes: {rejected: reopen, expired: {close: gone}}"),
    )
    case = Case(procedure, at=MONDAY)
    decided(case)
    case.now = case.clock("wait").due_at
    refusal = case.refused(c.Accept(), CUSTOMER)
    assert refusal.code == "closed"
    assert "accept" not in refusal.legal
    assert "reopen" in refusal.legal


def test_a_visit_to_one_unit_is_not_agreed_by_another():
    case = Case(small(("to: [unit:north, same]", "to: [unit:north, unit:south]")), at=MONDAY)
    north, south = (order.id for order in case.complaint.orders)
    visit = c.AgreeVisit(north, MONDAY + timedelta(days=1))
    assert case.refused(visit, handler_of("south")).code == "not_your_unit"
    case.do(visit, handler_of("north"))
    case.do(c.AgreeVisit(south, MONDAY + timedelta(days=1)))  # the desk agrees visits for every unit


@pytest.mark.parametrize(
    ("called", "retry", "again"),
    [
        (10, "1wd", "2026-03-03T10:00"),
        (10, "3d", "2026-03-05T10:00"),
        (10, "5d", "2026-03-09T09:00"),
        (17, "1wd", "2026-03-04T09:00"),  # closing time is not working time
        (20, "1wd", "2026-03-04T09:00"),
        (9, "8wh", "2026-03-03T09:00"),
        (20, "24h", "2026-03-04T09:00"),
    ],
)
def test_a_call_that_would_fall_outside_working_hours_waits_for_the_next_opening(called, retry, again):
    case = Case(small(("retry_after: 1wd", f"retry_after: {retry}\n    in_hours: true")), at=MONDAY)
    decided(case)
    case.do(c.Accept())
    case.now = MONDAY.replace(hour=called)
    case.do(c.RecordCallback("unreached"))
    assert case.facts("callback_scheduled")[-1].at == datetime.fromisoformat(again).replace(tzinfo=UTC)


def two_units() -> Case:
    case = Case(small(("to: [unit:north, same]", "to: [unit:north, unit:south]")), at=MONDAY)
    assert [order.unit for order in case.complaint.orders] == ["north", "south"]
    return case


@pytest.mark.parametrize("declined_first", [True, False])
def test_a_declined_order_waits_for_the_dispatcher_whoever_answers_first(declined_first: bool):
    """TEL-2: declining sends the order back to the dispatcher, who gives it to another or does without."""
    for settled in (c.Dispatch("west"), c.RecallOrder("2", "north has found it all")):
        case = two_units()
        answer, decline = c.AnswerOrder("1", "found"), c.DeclineOrder("2", "not ours")
        for command in (decline, answer) if declined_first else (answer, decline):
            case.do(command)
        assert case.complaint.step == "handle", "nobody has looked at what the south was asked"
        case.do(settled)
        if isinstance(settled, c.Dispatch):
            case.do(c.AnswerOrder("3", "found too"))
        assert case.complaint.step == "propose"


def test_what_was_declined_and_given_to_another_is_not_recalled():
    case = two_units()
    case.do(c.DeclineOrder("2", "not ours"))
    case.do(c.Dispatch("west"))
    assert case.refused(c.RecallOrder("2", "too late")).code == "order_not_open"


def test_one_answer_is_enough_where_any_is_even_when_others_decline():
    case = Case(small(("to: [unit:north, same]", "to: [unit:north, unit:south]\n    join: any")), at=MONDAY)
    case.do(c.DeclineOrder("2", "not ours"))
    case.do(c.AnswerOrder("1", "found"))
    assert case.complaint.step == "propose"


def reply(limit: str = "4wh") -> Case:
    plain = f"    limit: {limit}\n"
    limits = "    limits:\n      - {limit: 4wh, when: {kind: parcel}}\n      - 8wh\n"
    return Case(small((limits, plain)), at=MONDAY)


def half_way(case: Case) -> datetime:
    return next(alarm.at for alarm in case.clock("reply").alarms if alarm.rung == 0)


def test_a_share_of_an_extended_limit_counts_working_time():
    """4 and 8 working hours: half of them have passed at 15:00, not in the middle of the night."""
    case = reply()
    case.do(c.GrantExtension(case.clock("reply").id, "8wh"))
    assert case.clock("reply").due_at == datetime(2026, 3, 3, 13, tzinfo=UTC)
    assert half_way(case) == datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_a_share_of_an_extended_limit_never_falls_into_a_pause():
    case = reply()
    case.pass_time(timedelta(hours=1))
    case.do(c.Hold("the customer looks for the slip"))
    case.pass_time(timedelta(days=9, hours=1))
    case.do(c.Resume())
    case.do(c.GrantExtension(case.clock("reply").id, "4wh"))
    assert case.facts("clock_warned") == []
    assert half_way(case) == case.now + timedelta(hours=3)  # 1 of 8 working hours was used up before


@pytest.mark.parametrize("more", ["3wh", "1wd", "20h", "2d"])
def test_shares_of_extended_limits_are_shares_of_the_time_that_counts(more: str):
    case = reply("10wh")
    clock = case.clock("reply")
    case.do(c.GrantExtension(clock.id, more))
    due = case.clock("reply").due_at
    whole = elapsed(case.procedure.calendar, MONDAY, due, "wh")
    assert elapsed(case.procedure.calendar, MONDAY, half_way(case), "wh") == whole / 2


def test_a_limit_that_is_extended_past_a_calendar_s_end_is_refused_and_changes_nothing():
    last = Calendar("UTC", ((),) * 7, date_hours=((MONDAY.date(), ((32_400, 61_200),)),))
    assert deadline(last, MONDAY, Limit(8, "wh")) == MONDAY + timedelta(hours=8)
    case = reply()
    assert case.refused(c.GrantExtension(case.clock("reply").id, "99999wd"), SUPERVISOR).code in (
        "time", "too_far",
    )  # fmt: skip


def test_an_actor_of_no_unit_moves_nothing_of_an_order():
    case = two_units()
    stranger = Actor("person:x", ("handler",), ("east",))
    assert case.refused(c.AgreeVisit("1", MONDAY + timedelta(days=1)), stranger).code == "not_found"
