"""The courier pack through the pure domain: each rule it carries, and every way a complaint can go."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain import commands as c
from domain.events import Option, Remedy
from procedures.loader import load_pack
from tests.drive import APPROVER, CUSTOMER, SUPERVISOR, Case, handler_of

PACK = load_pack("courier")
DEPOT = "depot-west"
VERIFIED = {"responsibility": "company", "degree": "full"}
HEAD = handler_of(DEPOT, "unit_head")


def opened(**facts):
    return Case(PACK, {**PACK.defaults, **facts})


def answered(case):
    if not case.complaint.open_orders():
        case.do(c.Dispatch(unit=DEPOT))
    case.do(c.AnswerOrder(order=case.order, result="The parcel was left in the rain.", answers=VERIFIED))
    return case


def offered(case, *remedies):
    answered(case).do(planned(*remedies))
    return case


def planned(*remedies, text="As follows."):
    """The plan, with the date the procedure asks for when something has to be carried out."""
    quick = {remedy.type for remedy in remedies} <= {"explanation", "apology"}
    answers = {} if quick else {"arrives_by": "2026-03-20"}
    return c.Propose(options=(Option("1", text, remedies),), answers=answers)


def cash(amount):
    return Remedy("compensation", "", Decimal(amount), "CNY")


def test_the_shortest_way_takes_five_commands():
    case = offered(opened(), Remedy("explanation"))
    case.do(c.Accept())
    case.do(c.RecordCallback("satisfied", score=10))
    assert case.complaint.closing_reason == "satisfied"
    assert [m.template for m in case.told] == ["opened", "dispatched", "proposal", "closed"]


@pytest.mark.rule("CRR-1", "CRR-2")
def test_channels_and_types_are_those_of_the_trade():
    assert set(PACK.vocabulary["channel"]) == {"hotline", "web", "app", "email", "social", "outlet"}
    assert set(PACK.vocabulary["type"]) == {"delay", "loss", "damage", "wrong_delivery", "attitude", "fee"}


@pytest.mark.rule("CRR-3")
def test_the_record_asks_for_what_is_needed_and_keeps_people_private():
    fields = {field.name: field for field in PACK.fields}
    assert {"waybill", "sender", "recipient", "goods", "happened_on", "place", "demand"} <= fields.keys()
    assert [name for name, field in fields.items() if field.required] == ["waybill", "goods", "demand"]
    assert [name for name, field in fields.items() if field.personal] == ["sender", "recipient"]


@pytest.mark.rule("CRR-4")
def test_the_customer_is_told_at_once():
    (told,) = opened().told
    assert (told.template, told.to, told.seq) == ("opened", ("customer",), 1)


@pytest.mark.rule("CRR-5")
def test_the_record_reaches_the_unit_in_time_and_evidence_is_gathered_beside():
    case = opened()
    case.pass_time("2wh")
    assert [f.clock for f in case.facts("clock_breached")] == ["hand_over#1"]
    case.do(c.Dispatch(unit=DEPOT))
    case.do(c.Dispatch(unit="sorting", purpose="evidence"))
    case.do(c.AnswerOrder(order="2", result="Scanned at 09:12.", outcome="confirmed"))
    assert case.complaint.step == "handle"


def due_in(case, rule):
    """The due instant of the newest clock of a rule, as the date and time of the desk."""
    return case.clock(rule).due_at.astimezone(PACK.calendar.zone).strftime("%d %H:%M")


@pytest.mark.rule("CRR-5")
@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({}, "04 20:00"),
        ({"type": "loss"}, "03 20:00"),
        ({"type": "attitude"}, "03 20:00"),
        ({"type": "loss", "complexity": "complex"}, "05 20:00"),
    ],
)
def test_verification_has_a_limit_by_type_and_complexity(facts, due):
    case = opened(**facts)  # Monday the 2nd
    case.do(c.Dispatch(unit=DEPOT))
    assert due_in(case, "verification") == due
    case.do(c.Dispatch(unit="sorting", purpose="evidence"))
    assert due_in(case, "verification") == "03 09:00"


@pytest.mark.rule("CRR-8")
@pytest.mark.parametrize(("complexity", "due"), [("ordinary", "07 20:00"), ("complex", "09 20:00")])
def test_the_result_is_due_by_complexity(complexity, due):
    assert due_in(opened(complexity=complexity), "result") == due


def test_a_declined_order_is_dispatched_again_in_time():
    case = opened()
    case.do(c.Dispatch(unit=DEPOT))
    case.do(c.DeclineOrder("1", "Not our parcel."))
    assert due_in(case, "redispatch") == "02 11:00"
    case.pass_time("2wh")
    assert case.messages("escalated")[-1].to == ("supervisor",)


def ladder(case, rule):
    """Whom the newest clock of a rule told, with how long after its start."""
    return [(at - case.clock(rule).started_at, to) for at, to in case.ladder(rule)]


@pytest.mark.rule("CRR-8")
def test_a_late_result_climbs_to_the_supervisor():
    case = opened()
    case.pass_time("8wd")
    assert [to for _, to in ladder(case, "result")] == [("owner",), ("owner", "unit_head"), ("supervisor",)]
    last = ladder(case, "result")[-1][0]
    assert last == timedelta(days=6, hours=11)  # the evening of the sixth day after


@pytest.mark.rule("CRR-6")
@pytest.mark.parametrize("missing", ["responsibility", "degree"])
def test_an_answer_names_responsibility_and_degree(missing):
    case = opened()
    case.do(c.Dispatch(unit=DEPOT))
    answers = {name: value for name, value in VERIFIED.items() if name != missing}
    assert case.refused(c.AnswerOrder("1", "Checked.", answers=answers)).fields.keys() == {missing}
    case.do(c.AnswerOrder("1", "Checked.", answers=VERIFIED))
    assert case.complaint.facts["responsibility"] == "company"


@pytest.mark.rule("CRR-7")
def test_complex_cases_are_decided_by_several_departments_at_once():
    case = offered(opened(complexity="complex"), Remedy("redelivery"))
    assert case.complaint.step == "approve_jointly"
    case.do(c.Approve(), SUPERVISOR)
    assert case.complaint.step == "approve_jointly"
    case.do(c.Approve(), HEAD)
    assert case.complaint.step == "decide"


@pytest.mark.rule("CRR-7")
def test_a_plan_sent_back_is_worked_over_and_approved_anew():
    case = offered(opened(complexity="complex"), Remedy("redelivery"))
    case.do(c.Approve(), SUPERVISOR)
    case.do(c.SendBackProposal("Which courier?"), HEAD)
    assert case.complaint.step == "propose"
    case.do(planned(Remedy("redelivery"), text="Courier 7 delivers."))
    assert case.complaint.approved == ()


@pytest.mark.rule("CON-2", "CRR-7")
@pytest.mark.parametrize(("amount", "approvals"), [("0.01", 1), ("4999.99", 1), ("5000", 2)])
def test_cash_is_approved_whatever_the_amount(amount, approvals):
    case = offered(opened(), cash(amount))
    assert case.complaint.step == "approve_cash"
    assert case.messages("approval_needed", "approver")
    assert not case.messages("proposal")
    case.do(c.Approve(), APPROVER)
    if approvals == 2:
        assert case.refused(c.Approve(), APPROVER).code == "not_your_role"
        case.do(c.Approve(), SUPERVISOR)
    assert case.complaint.step == "decide"
    assert case.messages("proposal", "customer")


@pytest.mark.rule("CRR-8")
def test_a_promised_time_becomes_a_deadline_and_the_result_has_one_of_its_own():
    case = opened()
    case.do(c.Dispatch(unit=DEPOT))
    case.do(c.PromiseReply(until=case.now + timedelta(hours=3), text="We call you."))
    assert case.messages("informed", "customer")
    case.pass_time("3h")
    assert [f.clock for f in case.facts("clock_breached")] == ["promise#1"]
    case.pass_time("5wd")
    assert "result#1" not in [f.clock for f in case.facts("clock_breached")]
    case.pass_time("4wh")
    case.pass_time(case.clock("result").due_at)
    assert "result#1" in [f.clock for f in case.facts("clock_breached")]


@pytest.mark.rule("CRR-8")
def test_a_promise_is_kept_by_telling_the_result():
    case = opened()
    case.do(c.PromiseReply(until=case.now + timedelta(hours=3)))
    offered(case, Remedy("explanation"))
    assert case.clock("promise").met and case.clock("result").met


@pytest.mark.rule("CRR-9")
def test_a_refusal_records_the_new_demand_and_is_verified_again():
    case = offered(opened(), Remedy("apology"))
    assert case.refused(c.Reject(reason="")).code == "missing"
    case.do(c.Reject(reason="Too little.", demand="Replace the vase."))
    assert case.facts("customer_rejected")[-1].demand == "Replace the vase."
    assert (case.complaint.round, case.complaint.step) == (2, "handle")
    assert [(o.unit, o.superior) for o in case.complaint.open_orders()] == [(DEPOT, False)]
    assert not case.messages("third_round")


@pytest.mark.rule("CRR-9")
def test_from_the_third_round_on_the_superior_unit_and_the_supervisor_have_it():
    case = opened()
    for _ in range(2):
        offered(case, Remedy("apology"))
        if case.complaint.step == "approve_jointly":
            case.do(c.Approve(), SUPERVISOR), case.do(c.Approve(), HEAD)
        case.do(c.Reject(reason="No."))
    assert [(o.round, o.superior) for o in case.complaint.orders] == [(1, False), (2, False), (3, True)]
    assert case.messages("third_round", "supervisor")
    assert case.complaint.major


@pytest.mark.rule("CRR-10")
def test_principle_is_held_by_a_supervisor_only_and_with_a_reason():
    case = offered(opened(), Remedy("explanation"))
    held = c.Close("principle_held", "Ten times the value is beyond the law.")
    assert case.refused(held, handler_of(DEPOT)).code == "not_your_role"
    assert case.refused(c.Close("principle_held"), SUPERVISOR).code == "missing"
    case.do(held)
    assert case.complaint.closing_reason == "principle_held"


@pytest.mark.rule("CRR-11")
def test_everything_said_and_done_is_on_record_in_order():
    case = offered(opened(), Remedy("explanation"))
    case.do(c.AddNote("Friendly customer."))
    case.do(c.Accept(comment="Fine."))
    case.do(c.RecordCallback("satisfied", comment="Thanks."))
    assert [event.seq for event in case.events] == list(range(1, len(case.events) + 1))
    assert {
        "opened",
        "order_answered",
        "proposed",
        "note_added",
        "customer_accepted",
        "callback_made",
        "closed",
    } <= set(case.kinds())


@pytest.mark.rule("CON-1")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_messages_to_customers_begin_with_thanks_and_apology(language):
    for name in {n.template for n in PACK.notices if "customer" in n.to}:
        text = PACK.texts[name][language]
        assert text.thanks and text.apology


CALL = "0d3c2f4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"


@pytest.mark.rule("CON-3")
def test_an_unreasonable_demand_is_flagged_answered_with_our_position_and_the_ways_open():
    case = opened()
    assert case.refused(c.Flag("unreasonable", "")).code == "missing"
    case.files = {CALL: "recording"}
    assert case.refused(c.Flag("unreasonable", "Asks for a car.")).code == "missing"
    case.do(c.Flag("unreasonable", "Asks for a car, see the recording.", (CALL,)))
    assert case.messages("unreasonable", "supervisor")
    offered(case, Remedy("explanation"))
    assert case.messages("position", "customer") and not case.messages("proposal")
    assert "external_ways" in PACK.texts["position"]["en"].closing


@pytest.mark.rule("CON-4")
def test_nothing_is_promised_before_verification():
    assert opened().refused(c.Propose(options=(Option("1", "Money."),))).code == "not_verified"


def test_payment_is_carried_out_in_time():
    case = offered(opened(), cash("80"))
    case.do(c.Approve())
    case.do(c.Accept())
    assert case.complaint.step == "fulfil"
    case.pass_time("6wd")
    assert "fulfilment#1" in [f.clock for f in case.facts("clock_breached")]
    assert [to for _, to in ladder(case, "fulfilment")] == [("owner",), ("supervisor",)]
    case.do(c.Fulfil())
    assert case.complaint.step == "callback"


def test_a_breach_climbs_the_full_ladder():
    case = opened()
    case.do(c.Dispatch(unit=DEPOT))
    case.pass_time("6wd")
    due = case.clock("verification").due_at - case.clock("verification").started_at
    assert ladder(case, "verification") == [
        (timedelta(days=2, hours=2, minutes=15), ("handler",)),  # 26 h 15 min of 35 h
        (due, ("unit_head",)),
        (due + timedelta(days=1), ("superior_head",)),
        (due + timedelta(days=2), ("supervisor",)),
    ]
    assert [f.clock for f in case.facts("clock_breached")].count("verification#1") == 1


@pytest.mark.parametrize(("value", "major"), [("19999.99", False), ("20000", True)])
def test_a_valuable_parcel_is_major(value, major):
    assert opened(declared_value=value).complaint.major is major


def test_callback_unreached_three_times_ends_as_unreached():
    case = offered(opened(), Remedy("explanation"))
    case.do(c.Accept())
    for _ in range(2):
        case.do(c.RecordCallback("unreached"))
        case.pass_time("1wd")
        assert case.complaint.callback.due
    case.do(c.RecordCallback("unreached"))
    assert case.complaint.closing_reason == "unreached"


def test_dissatisfied_at_the_callback_opens_the_next_round():
    case = offered(opened(), Remedy("explanation"))
    case.do(c.Accept())
    case.do(c.RecordCallback("dissatisfied", comment="Still broken."))
    assert (case.complaint.round, case.complaint.step) == (2, "handle")
    assert case.clock("result").stopped_at is None


def test_paused_clocks_stand_still():
    case = opened()
    case.do(c.Hold(reason="Customer looks for the waybill."))
    case.pass_time("20d")
    assert not case.facts("clock_breached")
    case.do(c.Resume())
    assert case.clock("hand_over").due_at > case.now


def test_withdrawn_by_the_customer():
    case = opened()
    case.do(c.Withdraw(reason="It arrived."), CUSTOMER)
    assert (case.complaint.closing_reason, case.complaint.running()) == ("withdrawn", ())


@pytest.mark.rule("CRR-5")
@pytest.mark.parametrize(
    ("kind", "field", "good", "bad"),
    [("damage", "photos", "photo", "recording"), ("loss", "records", "document", "photo")],
)
def test_what_is_verified_is_shown(kind, field, good, bad):
    case = opened(type=kind)
    case.do(c.Dispatch(unit=DEPOT))
    ids = [f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2)]
    case.files = dict(zip(ids, (good, bad), strict=True))
    bare = c.AnswerOrder("1", "It was wet.", answers=VERIFIED)
    assert set(case.refused(bare).fields) == {field}
    wrong = c.AnswerOrder("1", "It was wet.", answers={**VERIFIED, field: ids[1]})
    assert bad in case.refused(wrong).fields[field]
    case.do(c.AnswerOrder("1", "It was wet.", answers={**VERIFIED, field: ids[0]}))
    assert case.complaint.step == "propose"


@pytest.mark.rule("CRR-7")
def test_a_plan_that_has_to_be_carried_out_says_until_when():
    case = answered(opened())
    bare = c.Propose(options=(Option("1", "We pay.", (cash("80"),)),))
    assert set(case.refused(bare).fields) == {"arrives_by"}
    case.do(planned(cash("80")))
    assert case.complaint.facts["arrives_by"] == "2026-03-20"


@pytest.mark.parametrize(("at_fault", "entries"), [("company", 1), ("partner", 2)])
def test_a_compensation_is_paid_once_and_recovered_from_a_partner_at_fault(at_fault, entries):
    case = opened()
    case.do(c.Dispatch(unit=DEPOT))
    case.do(c.AnswerOrder("1", "Left in the rain.", answers={**VERIFIED, "responsibility": at_fault}))
    case.do(planned(cash("80")))
    case.do(c.Approve())
    case.do(c.Accept())
    booked = [(f.entry, f.source, f.target, f.amount, f.pay) for f in case.facts("posted")]
    assert len(booked) == entries
    assert booked[0] == ("compensation", "organisation", "customer:1", Decimal("80"), True)
    if entries == 2:
        assert booked[1] == ("recovery", f"unit:{DEPOT}", "organisation", Decimal("80"), False)
