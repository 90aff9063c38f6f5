"""Time in the telecom pack through the pure domain: limits, ladders, visits, pauses and extensions."""

from datetime import UTC, datetime, timedelta

import pytest

from domain import commands as c
from tests.drive import Case, handler_of
from tests.procedures.telecom import PACK, SI, answered, dispatched, opened, proposed


@pytest.mark.rule("TEL-4")
@pytest.mark.parametrize("channel", ["email", "web"])
def test_a_written_request_is_answered_within_a_working_day(channel):
    case = Case(PACK, {**PACK.defaults, "severity": "urgent"}, channel=channel)
    assert case.clock("written_reply").due_at == datetime(2026, 3, 3, 10, tzinfo=UTC)  # Tuesday 18:00
    case.do(c.InformCustomer(text="We are looking into it."))
    assert case.clock("written_reply").met


@pytest.mark.rule("TEL-4")
def test_a_call_needs_no_written_answer():
    assert not opened().has_clock("written_reply")


@pytest.mark.rule("TEL-5")
def test_a_visit_within_a_working_day_and_higher_support_within_three():
    case = opened()
    case.do(c.Dispatch(unit=SI, purpose="visit"))
    assert case.clock("visit_arrival").due_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    case.do(c.MakeVisit(order="1"))
    assert case.clock("visit_arrival").met
    case.do(c.AnswerOrder(order="1", result="Not possible here.", outcome="unsolved"))
    second = case.complaint.orders[-1]
    assert (second.purpose, second.unit, second.superior) == ("second_visit", SI, True)
    assert case.clock("visit_arrival").due_at == datetime(2026, 3, 5, 10, tzinfo=UTC)


@pytest.mark.rule("TEL-5")
def test_an_agreed_visit_is_a_deadline_of_its_own():
    case = opened()
    case.do(c.Dispatch(unit=SI, purpose="visit"))
    case.do(c.AgreeVisit(order="1", at=case.now + timedelta(hours=5)))
    assert case.messages("visit_agreed", "customer")
    case.pass_time("5h")
    assert [f.clock for f in case.facts("clock_breached")] == ["visit#1"]


@pytest.mark.rule("TEL-12")
@pytest.mark.parametrize(
    ("facts", "reply_hours", "resolve_hours"),
    [
        ({}, 12, 24),
        ({"severity": "urgent"}, 24, None),
        ({"severity": "difficult"}, 72, None),
        ({"received_by": "si"}, 12, 24),
        ({"received_by": "si", "severity": "urgent"}, 12, 24),
        ({"kind": "service_request"}, 12, 24),
    ],
)
def test_limits_of_orders_and_of_what_the_si_can_solve(facts, reply_hours, resolve_hours):
    case = opened(**facts)
    case.do(c.Dispatch(unit=SI))
    assert case.clock("reply").due_at == case.now + timedelta(hours=reply_hours)
    assert case.has_clock("resolve") is (resolve_hours is not None)
    if resolve_hours:
        assert case.clock("resolve").due_at == case.now + timedelta(hours=resolve_hours)


@pytest.mark.rule("TEL-12")
def test_two_units_have_a_clock_each():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    case.pass_time("1h")
    case.do(c.Dispatch(unit="si-south"))
    case.do(c.AnswerOrder(order="1", result="Done."))
    assert [(k.order, k.stopped_at is None) for k in case.complaint.clocks if k.rule == "reply"] == [
        ("1", False),
        ("2", True),
    ]
    assert case.complaint.step == "handle", "both units have to answer"


@pytest.mark.rule("TEL-12")
def test_an_answer_that_is_sent_back_is_owed_again_within_the_limit():
    case = answered(opened())
    case.pass_time("1h")
    case.do(c.SendBackOrder(order="1", reason="Which invoice?"))
    assert case.complaint.step == "handle"
    assert case.clock("reply").due_at == case.now + timedelta(hours=12)
    assert case.messages("order_sent_back", "handler")


@pytest.mark.parametrize("facts", [{"severity": "urgent"}, {"kind": "consultation"}])
def test_what_has_no_limit_yet_is_dispatched_in_time(facts):
    case = opened(**facts)
    case.pass_time("2wh")
    assert [f.clock for f in case.facts("clock_breached")] == ["first_dispatch#1"]
    assert case.messages("escalated", "supervisor")


@pytest.mark.rule("TEL-13")
@pytest.mark.parametrize(("severity", "hours"), [("general", 12), ("important", 4), ("severe", 2)])
def test_faults_are_repaired_by_their_class(severity, hours):
    case = opened(kind="fault", severity=severity)
    assert case.clock("repair").due_at == case.now + timedelta(hours=hours)
    answered(case)
    assert case.clock("repair").met
    assert not case.has_clock("resolve")


def test_a_breach_climbs_the_full_ladder_and_every_rung_is_told_once():
    case = opened(severity="urgent")
    case.do(c.Dispatch(unit=SI))
    case.pass_time("3d")
    climbed = [
        (f.kind, f.to)
        for e in case.events
        for f in (e.fact,)
        if getattr(f, "clock", "") == "reply#1" and hasattr(f, "to")
    ]
    assert climbed == [
        ("clock_warned", ("handler",)),
        ("escalated", ("unit_head",)),
        ("escalated", ("superior_head",)),
        ("escalated", ("supervisor",)),
    ]
    start = case.clock("reply").started_at
    at = [
        e.at - start
        for e in case.events
        if getattr(e.fact, "to", None) and e.fact.kind in ("clock_warned", "escalated")
    ]
    assert at == [timedelta(hours=h) for h in (18, 24, 28, 48)]
    assert len(case.facts("clock_breached")) == 1
    assert [m.to for m in case.messages("escalated")] == [("unit_head",), ("superior_head",), ("supervisor",)]
    answered(case)
    assert case.clock("reply").met is False


def second_visit():
    case = dispatched("visit")
    case.do(c.AnswerOrder("1", "Not possible here.", outcome="unsolved"))
    return case


def confirmed():
    case = dispatched("it_coordination")
    case.do(c.AnswerOrder("1", "Down.", outcome="confirmed"))
    return case


def under_analysis():
    case = proposed(opened(severity="difficult"))
    case.do(c.Accept())
    return case


def declined():
    case = dispatched()
    case.do(c.DeclineOrder("1", "Not ours."))
    return case


@pytest.mark.parametrize(
    ("begin", "rule", "told"),
    [
        (
            opened,
            "resolve",
            [("1d 03:00", ["owner"]), ("1d 09:00", ["owner", "unit_head"]), ("2d 09:00", ["supervisor"])],
        ),
        (
            lambda: opened(kind="fault", severity="severe"),
            "repair",
            [
                ("10:00", ["handler"]),
                ("11:00", ["unit_head"]),
                ("12:00", ["superior_head"]),
                ("15:00", ["supervisor"]),
            ],
        ),
        (
            lambda: Case(PACK, PACK.defaults, channel="email"),
            "written_reply",
            [("1d 13:30", ["owner"]), ("1d 18:00", ["supervisor"])],
        ),
        (lambda: opened(severity="urgent"), "first_dispatch", [("11:00", ["owner", "supervisor"])]),
        (lambda: answered(opened(severity="urgent")), "proposal", [("1d 18:00", ["owner", "supervisor"])]),
        (declined, "redispatch", [("11:00", ["supervisor"])]),
        (
            lambda: dispatched("visit"),
            "visit_arrival",
            [("1d 13:30", ["handler"]), ("1d 18:00", ["unit_head"]), ("2d 18:00", ["superior_head"])],
        ),
        (
            second_visit,
            "visit_arrival",
            [("2d 18:00", ["handler"]), ("3d 18:00", ["unit_head"]), ("4d 18:00", ["superior_head"])],
        ),
        (confirmed, "announcement", [("09:30", ["duty"]), ("10:00", ["supervisor"])]),
        (under_analysis, "analysis", [("2d 18:00", ["owner"]), ("3d 18:00", ["supervisor"])]),
    ],
)
def test_every_ladder_tells_the_right_people_at_the_right_time(begin, rule, told):
    case = begin()  # on Monday at 09:00
    case.pass_time("5d")
    zone = PACK.calendar.zone
    monday = case.events[0].at.astimezone(zone).date()
    seen = []
    for at, to in case.ladder(rule):
        local = at.astimezone(zone)
        days = (local.date() - monday).days
        seen.append((f"{days}d {local:%H:%M}" if days else f"{local:%H:%M}", list(to)))
    assert seen == told


@pytest.mark.rule("TEL-16")
def test_an_announcement_follows_within_an_hour_once_it_confirms_the_failure():
    case = opened(kind="fault", severity="severe")
    case.do(c.Dispatch(unit="it", purpose="it_coordination", note="Hotline desk down"))
    assert case.messages("it_down", "duty")
    case.do(c.AnswerOrder(order="1", result="Confirmed.", outcome="confirmed"))
    assert case.clock("announcement").due_at == case.now + timedelta(hours=1)
    case.do(c.Mark("announced"))
    assert case.clock("announcement").met


@pytest.mark.rule("TEL-16")
def test_no_announcement_is_owed_when_it_finds_no_failure():
    case = opened(kind="fault", severity="severe")
    case.do(c.Dispatch(unit="it", purpose="it_coordination"))
    case.do(c.AnswerOrder(order="1", result="All is well.", outcome="no_failure"))
    assert not case.has_clock("announcement")


def test_a_pause_moves_the_deadline_by_as_much():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    due = case.clock("reply").due_at
    case.pass_time("2h")
    case.do(c.Hold(reason="The customer looks for the bill."))
    assert case.clock("reply").due_at is None
    case.pass_time("3d")
    assert not case.facts("clock_breached")
    case.do(c.Resume())
    assert case.clock("reply").due_at == due + timedelta(days=3)


def test_a_pause_after_a_breach_holds_the_ladder_up_too():
    case = dispatched(severity="urgent")
    case.pass_time("25h")
    case.do(c.Hold(reason="The customer travels."))
    case.pass_time("2d")
    case.do(c.Resume())
    assert len(case.ladder("reply")) == 2
    case.pass_time("3h")
    assert case.ladder("reply")[-1] == (case.now, ("superior_head",))


def test_a_pause_with_an_end_ends_by_itself():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    due = case.clock("reply").due_at
    case.do(c.Hold(reason="The customer travels.", until=case.now + timedelta(days=2)))
    case.pass_time("2d")
    assert (case.complaint.held_at, case.clock("reply").due_at) == (None, due + timedelta(days=2))


def test_more_time_is_asked_for_and_granted():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    due = case.clock("reply").due_at
    case.do(c.AskExtension("reply#1", "6h", "The log is large."), handler_of(SI))
    assert case.messages("extension_asked", "supervisor")
    case.do(c.GrantExtension("reply#1"))
    assert case.clock("reply").due_at == due + timedelta(hours=6)
