"""The telecom pack through the pure domain: each rule it carries, and every way a complaint can go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain import commands as c
from domain.events import Option, Remedy
from procedures.loader import load_pack
from tests.drive import AGENT, CALLBACK, CUSTOMER, SUPERVISOR, Case, handler_of

PACK = load_pack("telecom-si")
SI = "si-north"
EXPLAINED = (Option("1", "We explain the charge.", (Remedy("explanation"),)),)


def opened(**facts):
    """A complaint about an SI, received by the operator; ``facts`` replace the defaults."""
    return Case(PACK, {**PACK.defaults, **facts})


def answered(case, unit=SI):
    """Dispatch to ``unit`` unless it has the order already, and answer."""
    if not any(order.unit == unit for order in case.complaint.open_orders()):
        case.do(c.Dispatch(unit=unit))
    case.do(c.AnswerOrder(order=case.order, result="The charge was checked."))
    return case


def proposed(case, *remedies):
    """Answered and proposed, with an explanation unless other remedies are given."""
    answered(case)
    options = (Option("1", "As follows.", remedies),) if remedies else EXPLAINED
    case.do(c.Propose(options=options))
    return case


def called_back(case, outcome="satisfied", **more):
    case.do(c.RecordCallback(outcome, **more))
    return case


def test_the_shortest_way_to_a_satisfied_customer_takes_five_commands_and_four_messages():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    case.do(c.AnswerOrder(order="1", result="Checked."))
    case.do(c.Propose(options=EXPLAINED))
    case.do(c.Accept())
    case.do(c.RecordCallback("satisfied", score=9))
    assert (case.complaint.closing_reason, case.complaint.round) == ("satisfied", 1)
    assert [(m.template, m.to) for m in case.told] == [
        ("opened", ("customer",)),
        ("dispatched", ("handler",)),
        ("proposal", ("customer",)),
        ("closed", ("customer",)),
    ]
    assert all(clock.met for clock in case.complaint.clocks)


@pytest.mark.rule("TEL-2")
def test_declining_needs_a_reason_goes_to_the_dispatcher_and_never_to_the_customer():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    assert case.refused(c.DeclineOrder(order="1", reason=" ")).code == "missing"
    before = len(case.told)
    case.do(c.DeclineOrder(order="1", reason="network matter"))
    assert [(m.template, m.to) for m in case.told[before:]] == [("declined", ("dispatcher",))]
    assert case.complaint.step == "handle"
    case.pass_time("2wh")
    assert [f.clock for f in case.facts("clock_breached")] == ["redispatch#1"]
    case.do(c.Dispatch(unit="network"))
    assert not case.has_clock("redispatch")


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


@pytest.mark.rule("TEL-6")
def test_refused_twice_it_comes_back_to_the_same_unit_until_the_customer_accepts():
    case = opened()
    for _ in range(2):
        proposed(case)
        case.do(c.Reject(reason="Not enough."))
    assert (case.complaint.round, case.complaint.rejections) == (3, 2)
    assert [o.unit for o in case.complaint.orders] == [SI] * 3
    proposed(case).do(c.Accept())
    case.do(c.FinishTask("done", {"cause": "service", "analysis": "The bill was unclear."}))
    called_back(case)
    assert case.complaint.closing_reason == "satisfied"


@pytest.mark.rule("TEL-7")
def test_every_hand_over_is_an_order_and_the_unit_is_told():
    case = opened()
    case.do(c.Dispatch(unit=SI, note="Please check the bill."))
    assert [(o.id, o.unit, o.note) for o in case.complaint.orders] == [("1", SI, "Please check the bill.")]
    (told,) = case.messages("dispatched", "handler")
    assert told.order == "1"


@pytest.mark.rule("TEL-8")
@pytest.mark.parametrize(("draw", "called"), [(2_999, True), (3_000, False)])
def test_sampling_asks_the_share_that_was_drawn(draw, called):
    steps = tuple(
        replace(s, callback=replace(s.callback, sample=30)) if s.callback else s for s in PACK.steps
    )
    case = Case(replace(PACK, steps=steps), PACK.defaults, draw=draw)
    proposed(case).do(c.Accept())
    assert (case.complaint.status == "callback") is called
    assert (case.complaint.closing_reason == "satisfied") is not called


@pytest.mark.rule("TEL-8")
def test_every_case_is_asked_as_shipped():
    case = Case(PACK, PACK.defaults, draw=9_999)
    proposed(case).do(c.Accept())
    assert case.complaint.status == "callback"


@pytest.mark.rule("TEL-9")
def test_a_repeat_is_linked_to_the_first_and_says_why():
    assert PACK.repeat.match == ("matter",)
    case = Case(PACK, PACK.defaults, repeat_of="TEL-2026-000001", repeat_reason="late_reply", repeat_count=1)
    assert (case.complaint.repeat_of, case.complaint.repeat_reason) == ("TEL-2026-000001", "late_reply")
    assert case.complaint.rule_facts()["repeat"] is True


@pytest.mark.rule("TEL-10")
@pytest.mark.parametrize(
    ("facts", "major"),
    [
        ({"kind": "fault", "severity": "severe"}, True),
        ({"kind": "fault", "severity": "important"}, False),
        ({"severity": "urgent"}, False),
    ],
)
def test_a_serious_gap_is_major_at_once(facts, major):
    case = opened(**facts)
    assert case.complaint.major is major
    assert bool(case.messages("major", "supervisor")) is major


@pytest.mark.rule("TEL-10")
def test_handled_twice_without_success_is_major():
    case = opened()
    proposed(case).do(c.Reject(reason="No."))
    assert not case.complaint.major
    proposed(case).do(c.Reject(reason="Still no."))
    assert case.complaint.major


@pytest.mark.rule("TEL-11")
def test_the_owner_owes_an_analysis_of_major_and_difficult_cases_in_time():
    case = opened(severity="difficult")
    proposed(case).do(c.Accept())
    assert case.complaint.step == "analysis"
    other = replace(AGENT, id="person:other")
    done = c.FinishTask("done", {"cause": "rules", "analysis": "The tariff page misleads."})
    assert case.refused(done, other).code == "not_your_role"
    assert "finish_task" not in case.verbs(other)
    assert case.refused(c.FinishTask("done", {"cause": "rules"})).fields.keys() == {"analysis"}
    case.pass_time("4wd")
    assert "analysis#1" in [f.clock for f in case.facts("clock_breached")]
    case.do(done)  # by the agent who accepted the complaint
    assert case.complaint.step == "callback"


@pytest.mark.rule("TEL-11")
def test_an_ordinary_case_needs_no_analysis_and_ownership_can_be_handed_over():
    case = opened()
    case.do(c.AssignOwner(owner="person:new"))
    assert case.complaint.owner == "person:new"
    assert case.messages("owner_assigned", "owner")
    proposed(case).do(c.Accept())
    assert case.complaint.step == "callback"


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


def dispatched(purpose="handle", **facts):
    case = opened(**facts)
    case.do(c.Dispatch(unit=SI, purpose=purpose))
    return case


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


@pytest.mark.rule("TEL-10")
def test_the_third_round_is_major_however_it_came():
    case = opened()
    for round_ in (2, 3):
        proposed(case).do(c.Accept())
        called_back(case, "dissatisfied", comment="It is back.")
        assert (case.complaint.round, case.complaint.major) == (round_, round_ == 3)


@pytest.mark.rule("TEL-14")
def test_dissatisfied_at_the_callback_goes_back_to_the_same_unit_to_verify_again():
    case = opened()
    proposed(case).do(c.Accept())
    assert case.refused(c.RecordCallback("dissatisfied")).code == "missing"
    called_back(case, "dissatisfied", comment="The charge is back.")
    assert (case.complaint.round, case.complaint.step) == (2, "handle")
    assert [(o.unit, o.state) for o in case.complaint.open_orders()] == [(SI, "dispatched")]
    assert case.messages("reopened", "customer")
    assert case.has_clock("resolve"), "the limit runs afresh"
    proposed(case).do(c.Accept())
    called_back(case)
    assert case.complaint.closing_reason == "satisfied"


@pytest.mark.rule("TEL-14")
def test_a_customer_who_cannot_be_reached_is_called_three_times():
    case = opened()
    proposed(case).do(c.Accept())
    assert case.refused(c.RecordCallback("satisfied"), CUSTOMER).code == "not_your_role"
    for attempt in (1, 2):
        called_back(case, "unreached")
        assert not case.complaint.callback.due
        case.pass_time("4wh")
        assert (case.complaint.callback.attempt, case.complaint.callback.due) == (attempt + 1, True)
    called_back(case, "unreached")
    assert case.complaint.closing_reason == "unreached"


@pytest.mark.rule("TEL-15")
def test_an_explanation_that_is_accepted_is_noted_and_nothing_is_dispatched():
    case = opened(kind="consultation")
    case.do(c.FinishTask("explained"))
    assert (case.complaint.closing_reason, case.complaint.orders) == ("noted", ())


@pytest.mark.rule("TEL-15")
def test_an_explanation_that_is_not_accepted_becomes_a_difficult_complaint():
    case = opened(kind="consultation")
    assert case.refused(c.Dispatch(unit=SI)).code == "wrong_step"
    case.do(c.FinishTask("not_accepted"))
    assert (case.complaint.facts["kind"], case.complaint.facts["severity"]) == ("complaint", "difficult")
    case.do(c.Dispatch(unit=SI))
    assert case.clock("reply").due_at == case.now + timedelta(hours=72)


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


def test_what_was_promised_is_carried_out_before_the_callback():
    case = proposed(opened(), Remedy("refund", "", amount=None), Remedy("apology"))
    case.do(c.Accept())
    assert case.complaint.step == "fulfil"
    case.do(c.Fulfil(note="Credited."))
    assert case.complaint.step == "callback"


@pytest.mark.rule("CON-4")
def test_nothing_is_proposed_before_the_facts_are_verified():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    assert case.refused(c.Propose(options=EXPLAINED)).code == "not_verified"


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


def test_withdrawn_ends_everything_and_can_be_opened_again():
    case = opened()
    case.do(c.Dispatch(unit=SI))
    case.do(c.Withdraw(reason="Solved by itself."))
    assert case.complaint.closing_reason == "withdrawn"
    assert not case.complaint.running() and not case.complaint.open_orders()
    case.do(c.Reopen(reason="It is back."), CUSTOMER)
    assert (case.complaint.round, case.complaint.step) == (2, "handle")
    assert case.has_clock("resolve")


def test_satisfaction_is_never_declared_by_hand():
    case = opened()
    assert case.refused(c.Close("satisfied"), SUPERVISOR).code == "no_such_reason"
    assert case.refused(c.Close("duplicate", "As TEL-1"), AGENT).code == "not_your_role"
    assert case.refused(c.Close("duplicate"), SUPERVISOR).code == "missing"
    case.do(c.Close("duplicate", "As TEL-2026-000001."))
    assert case.complaint.closing_reason == "duplicate"


def test_the_callback_desk_may_record_calls_and_nothing_of_the_route_besides():
    case = proposed(opened())
    case.do(c.Accept())
    assert "record_callback" in case.verbs(CALLBACK)
    assert not case.verbs(CALLBACK) & {"dispatch", "propose", "answer_order", "close"}
