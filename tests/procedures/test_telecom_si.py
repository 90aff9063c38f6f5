"""The telecom pack through the pure domain: every way a complaint can go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import commands as c
from domain.events import Remedy
from tests.drive import AGENT, CALLBACK, CUSTOMER, SUPERVISOR, Case
from tests.procedures.telecom import EXPLAINED, PACK, SI, called_back, opened, proposed


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
