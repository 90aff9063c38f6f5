"""Messages: what people read, from real cases, in both languages, safe and in the right order."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain import commands as c
from domain import conditions as cond
from domain.conditions import Condition, Op
from domain.events import MajorFlagged, Option, Remedy
from domain.facts import Facts
from procedures.loader import load_pack, packs
from procedures.spoken import spoken
from procedures.texts import VARIABLES, TextError, render, sample_variables, title_of
from procedures.variables import clock_title, variables
from tests.drive import Case

TELECOM, COURIER = load_pack("telecom-si"), load_pack("courier")


def rendered(case, template, language="en", place=-1, **names):
    """The newest message of a template as it is sent, or the one at ``place``."""
    notify = case.messages(template)[place]
    event = case.events[notify.seq - 1]
    values = variables(
        case.procedure, case.complaint, event.fact, language, order=notify.order, clock=notify.clock, **names
    )
    assert values.keys() == VARIABLES.keys()
    return render(case.procedure, template, language, values)


def test_an_order_as_its_handler_reads_it():
    case = Case(TELECOM, TELECOM.defaults)
    case.do(c.Dispatch(unit="si-north", note="Check the bill."))
    message = rendered(case, "dispatched", unit_names={"si-north": "Northern Integrators"})
    assert message.subject == "TEST-1: order 1 for Northern Integrators"
    assert message.body == "Check the bill.\nDue: 2026-03-02 21:00\nPlease take it and answer."
    assert "时限：2026-03-02 21:00" in rendered(case, "dispatched", "zh").body


@pytest.mark.rule("CON-1")
@pytest.mark.parametrize("name", packs())
@pytest.mark.parametrize("language", ["en", "zh"])
def test_customers_read_thanks_then_apology_then_the_rest(name, language):
    pack = load_pack(name)
    for template in {n.template for n in pack.notices if "customer" in n.to}:
        text = pack.texts[template][language]
        body = render(pack, template, language, sample_variables(pack, language)).body
        paragraphs = body.split("\n\n")
        assert paragraphs[0].endswith(text.thanks.partition("}}")[2]), template
        assert paragraphs[1] == text.apology, template
        assert len(paragraphs) >= 3


def test_an_offer_lists_the_solutions_with_amounts():
    case = Case(COURIER, COURIER.defaults)
    case.do(c.Dispatch(unit="depot"))
    case.do(c.AnswerOrder("1", "True.", answers={"responsibility": "company", "degree": "full"}))
    offers = (
        Option("1", "We pay for the vase.", (Remedy("compensation", "", Decimal("80.50"), "CNY"),)),
        Option("2", "We send a new one.", (Remedy("apology"),)),
    )
    plan = c.Propose(options=offers, grounds="Photos show it.", answers={"arrives_by": "2026-03-20"})
    case.do(plan)
    case.do(c.Approve())
    english = rendered(case, "proposal", customer_name="Li Na", portal_link="https://example.org/c/1").body
    assert "Dear Li Na" in english and "https://example.org/c/1" in english
    assert "1. We pay for the vase. (Compensation 80.50 CNY)\n2. We send a new one. (Apology)" in english
    assert "Why: Photos show it." in english and "By 2026-03-20 it will be done." in english
    assert "（赔偿 80.50 CNY）" in rendered(case, "proposal", "zh").body


def test_the_end_says_why_and_where_else_to_turn():
    case = Case(COURIER, COURIER.defaults)
    case.do(c.Withdraw(reason="It came."))
    body = rendered(case, "closed").body
    assert "Your complaint is closed: withdrawn by you." in body
    assert "Postal complaints 12305; Consumer hotline 12315" in body


def test_a_warning_and_an_escalation_name_the_deadline():
    case = Case(TELECOM, TELECOM.defaults)
    case.do(c.Dispatch(unit="si"))
    case.pass_time("13h")
    assert rendered(case, "warned").subject == "TEST-1: Reply to the order is due 2026-03-02 21:00"
    assert rendered(case, "escalated", place=0).body == "Reply to the order was due 2026-03-02 21:00."
    case.do(c.Escalate("supervisor", "The customer is a hospital."))
    assert rendered(case, "escalated").body == "The customer is a hospital."


def test_an_agreed_visit_and_a_promise_name_the_instant():
    case = Case(TELECOM, TELECOM.defaults)
    case.do(c.Dispatch(unit="si", purpose="visit"))
    case.do(c.AgreeVisit("1", case.now + timedelta(hours=5)))
    assert "visit you by 2026-03-02 14:00" in rendered(case, "visit_agreed").body
    case.do(c.PromiseReply(until=case.now + timedelta(hours=2), text="We check."))
    assert rendered(case, "informed").body.endswith("We check. You will hear from us by 2026-03-02 11:00.")
    assert [clock_title(TELECOM, rule, "zh") for rule in ("visit", "promise", "reply")] == [
        "约定上门",
        "承诺答复",
        "工单回复",
    ]


def told_of(case, rule, language, **names):
    """What a text can say of a deadline now."""
    values = variables(case.procedure, case.complaint, case.events[-1].fact, language, **names)
    return values["due"][rule], values["order"]["due"], values["clock"]["due"]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "11 hours 30 minutes after the pause ends"), ("zh", "暂停结束后11小时30分钟")],
)
def test_while_a_clock_stands_still_a_text_says_how_much_is_left(language, told):
    case = Case(TELECOM, TELECOM.defaults)
    case.do(c.Dispatch(unit="si"))
    case.pass_time("30m")
    case.do(c.Hold("The customer looks for the bill."))
    case.pass_time("3d")
    case.do(c.AddNote("Still looking."))
    clock = case.clock("reply")
    assert told_of(case, "reply", language, order="1", clock=clock.id) == (told,) * 3
    case.do(c.Resume())
    due = "2026-03-05 21:00"
    assert told_of(case, "reply", language, order="1", clock=clock.id) == (due,) * 3


def test_working_time_is_called_so_and_what_no_pause_moves_is_told_as_it_is():
    pack = load_pack("enterprise")
    case = Case(pack, pack.defaults)
    case.do(c.PromiseReply(case.now + timedelta(hours=2)))
    case.do(c.Hold("The customer travels."))
    assert told_of(case, "acceptance", "en")[0] == "15 working hours after the pause ends"
    assert told_of(case, "acceptance", "zh")[0] == "暂停结束后15个工作小时"
    assert told_of(case, "promise", "en")[0] == "2026-03-02 11:00"
    case.pass_time("7d")
    case.do(c.Resume())
    assert told_of(case, "acceptance", "en")[0] == "2026-03-10 18:00"  # two days of 7.5 hours on


def test_what_was_overdue_when_the_pause_began_is_told_as_it_was_due():
    case = Case(TELECOM, TELECOM.defaults)
    case.do(c.Dispatch(unit="si"))
    case.pass_time("13h")
    case.do(c.Hold("The customer travels."))
    assert told_of(case, "reply", "en")[0] == "2026-03-02 21:00"


@pytest.mark.parametrize("name", packs())
def test_every_notice_has_a_text_that_renders_in_every_language(name):
    pack = load_pack(name)
    for language in pack.languages:
        for template in {n.template for n in pack.notices} | {"warned", "escalated"}:
            message = render(pack, template, language, sample_variables(pack, language))
            assert message.subject and message.body and "{{" not in message.subject + message.body


def test_what_a_customer_writes_is_never_run_as_a_template():
    case = Case(TELECOM, TELECOM.defaults)
    case.do(c.AddInformation("{{ 7 * 7 }} {% for x in y %}"))
    assert rendered(case, "information_added").body == "{{ 7 * 7 }} {% for x in y %}"


def test_a_subject_stays_on_one_line():
    case = Case(TELECOM, TELECOM.defaults)
    case.do(c.Dispatch(unit="si\nBcc: everybody@example.org"))
    assert "\n" not in rendered(case, "dispatched").subject


@pytest.mark.parametrize(
    "source",
    [
        "{{ ref.__class__ }}",
        "{{ nothing }}",
        "{{ facts.nothing }}",
        "{{ range(3) }}",
        "{{ ref.x.y }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_text_can_reach_nothing_but_its_variables(source):
    english = replace(TELECOM.texts["opened"]["en"], body=source)
    pack = replace(TELECOM, texts={"opened": {"en": english}})
    with pytest.raises(TextError):
        render(pack, "opened", "en", sample_variables(pack, "en"))


def test_another_language_falls_back_to_the_first_one():
    sample = sample_variables(TELECOM, "fr")
    assert render(TELECOM, "opened", "fr", sample).subject.endswith("your complaint was received")
    assert title_of(TELECOM, "kind.complaint", "fr") == "Complaint"
    assert title_of(TELECOM, "kind.unheard", "en") == "unheard"
    with pytest.raises(TextError, match="no text 'nope'"):
        render(TELECOM, "nope", "en", sample)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_alert_of_an_empty_post_says_which_post_and_which_message(language):
    given = {**sample_variables(TELECOM, language), "reason": "approver", "text": "approval_needed"}
    message = render(TELECOM, "empty_post", language, given)
    assert "approver" in message.subject
    assert "approval_needed" in message.body


def test_why_a_complaint_became_major_is_told_in_the_reader_s_language():
    case = Case(TELECOM, {**TELECOM.defaults, "severity": "urgent"})
    told = {condition.in_short() for condition in TELECOM.major}
    flagged = next((e for e in case.events if e.fact.kind == "major_flagged"), None)
    assert flagged is None or flagged.fact.why in told
    for condition in TELECOM.major:
        fact = MajorFlagged(why=condition.in_short())
        for language in TELECOM.languages:
            reason = variables(TELECOM, case.complaint, fact, language)["reason"]
            assert reason != fact.why
            assert re.search("[a-z]", reason) is None or language == "en"
    own = MajorFlagged(why="The press called.")
    assert variables(TELECOM, case.complaint, own, "zh")["reason"] == "The press called."


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        (Condition((cond.Test("round", Op.FROM, ("3",)),)), "round: at least 3", "处理轮次达到3"),
        (Condition((cond.Test("repeat", Op.IN, ("true",)),)), "repeated complaint", "重复投诉"),
        (
            Condition(
                any_of=(
                    Condition((cond.Test("amount", Op.BELOW, ("5",)),)),
                    Condition((cond.Test("x", Op.NOT_IN, ("a", "b")),)),
                )
            ),
            "amount: below 5 or x: not a or b",
            "金额低于5或x不是a或b",
        ),
    ],
)
def test_conditions_are_said_in_both_languages(condition, english, chinese):
    assert (spoken(TELECOM, condition, "en"), spoken(TELECOM, condition, "zh")) == (english, chinese)


def test_every_fact_of_a_complaint_has_a_name_in_both_languages():
    for fact in Facts(Case(TELECOM, TELECOM.defaults).complaint, None):
        if fact not in TELECOM.defaults:
            assert spoken(TELECOM, Condition((cond.Test(fact, Op.IN, ("true",)),)), "zh") != fact
