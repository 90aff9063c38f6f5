"""Approvals by unit with clocks and substitutes, authority level by level, final and referred endings."""

from dataclasses import replace
from decimal import Decimal

import pytest

import wire
from domain import commands as c
from domain.commands import Actor, Asked
from domain.decide import allowed_actions, decide
from domain.errors import Refused
from domain.events import Option, Remedy
from procedures.loader import load_procedure
from tests.drive import AGENT, CUSTOMER, SUPERVISOR, Case, handler_of

BASE = """
procedure: works
version: "1"
extends: base
prefix: WRK
title: {en: Works}
languages: [en]
calendar: {timezone: UTC, hours: {mon-fri: ["09:00-17:00"]}}
vocabulary:
  matter: {title: {en: Matter}, words: {service: {en: Service}, quality: {en: Quality}}}
defaults: {matter: service}
steps:
  handle: {kind: handle, title: {en: Handling}}
  propose: {kind: propose, title: {en: Proposal}, by: [agent, handler, unit_head]}
  approve:
    kind: approve
    title: {en: Approval}
    in_parallel: true
    approvals:
      sign: {by: unit_head, each: unit, substitute: [supervisor], when: {matter: quality}}
      level_one: {by: unit_head, when: {beyond_authority: true}}
      level_two: {by: approver, when: {beyond_authority: unit_head}}
    outcomes: {refused: {step: propose}, sent_back: {step: propose}}
  decide: {kind: decide, title: {en: Decision}, outcomes: {rejected: reopen}}
rounds: {start_at: handle}
purposes: {handle: {title: {en: Handle}}}
authority:
  agent: {amount: 200, when: {remedy: {not: replacement}}}
  unit_head: {amount: 5000}
  supervisor: {}
clocks:
  signature:
    title: {en: Signature}
    per: order
    starts: approval:sign
    stops: [approved:sign, approval_refused, approval_sent_back]
    limit: 8wh
    ladder: [{at: due, tell: superior_head}]
notices:
  - {on: approval:sign, to: unit_head, text: approval_needed}
  - {on: closed:ruled, to: supervisor, text: closed}
reasons:
  satisfied: {title: {en: settled}, satisfied: true}
  withdrawn: {title: {en: withdrawn}}
  ruled: {title: {en: ruled by headquarters}, by: supervisor, final: true}
  referred: {title: {en: referred outside}, by: supervisor, refer: true, needs_note: true}
flags: {extortion: {title: {en: Extortion}, needs_attachment: recording}, loud: {en: Loud}}
remedies: {refund: {en: Refund}, replacement: {en: Replacement}, apology: {en: Apology}}
external_ways:
  consumers: {title: {en: Consumer hotline}}
  authority: {title: {en: Quality authority}, when: {matter: quality}}
"""
WORKS = load_procedure(BASE)
HEAD_A, HEAD_B = handler_of("a", "unit_head"), handler_of("b", "unit_head")
APPROVER = Actor("person:approver", ("approver",))


def proposed(*remedies, matter="service", units=("a",), by=AGENT, procedure=WORKS):
    case = Case(procedure, {"matter": matter}, unit="a")
    for unit in units:
        case.do(c.Dispatch(unit))
    for order in case.complaint.open_orders():
        case.do(c.AnswerOrder(order.id, "Looked into."))
    case.do(c.Propose((Option("", "As follows.", remedies),)), actor=by)
    return case


def cash(amount, kind="refund"):
    return Remedy(kind, "", Decimal(amount), "CNY")


def test_every_unit_that_answered_signs_and_only_its_head_can():
    case = proposed(Remedy("apology"), matter="quality", units=("a", "b"))
    assert [f.approval for f in case.facts("approval_opened")] == ["sign:a", "sign:b"]
    assert [m.order for m in case.messages("approval_needed", "unit_head")] == ["1", "2"]
    refusal = case.refused(c.Approve("sign:b"), HEAD_A)
    assert (refusal.code, refusal.reason) == (
        "not_your_role",
        "this approval is for unit_head of b (late or away: also supervisor)",
    )
    case.do(c.Approve(), HEAD_A)
    assert case.complaint.step == "approve"
    case.do(c.Approve(), HEAD_B)
    assert [f.approval for f in case.facts("approved")] == ["sign:a", "sign:b"]
    assert case.complaint.step == "decide"
    assert not any(clock.rule == "signature" for clock in case.complaint.running())


def test_each_signature_has_its_clock_and_a_substitute_comes_after_its_breach():
    case = proposed(Remedy("apology"), matter="quality", units=("a", "b"))
    assert {(k.rule, k.order) for k in case.complaint.running()} == {("signature", "1"), ("signature", "2")}
    assert case.refused(c.Approve("sign:a"), SUPERVISOR).code == "not_your_role"
    case.do(c.Approve("sign:b"), HEAD_B)
    case.pass_time("8wh")
    assert [f.clock for f in case.facts("clock_breached")] == ["signature#1"]
    assert case.messages("escalated")[-1].order == "1"
    case.do(c.Approve("sign:a"), SUPERVISOR)
    assert [f.substitute for f in case.facts("approved")] == [False, True]
    assert case.complaint.step == "decide"


def test_a_substitute_stands_in_while_everybody_whose_approval_it_is_is_away():
    case = proposed(Remedy("apology"), matter="quality", units=("a", "b"))
    away = frozenset(("unit_head:a",))
    assert [
        a.target for a in allowed_actions(WORKS, case.complaint, SUPERVISOR, away) if a.verb == "approve"
    ] == ["sign:a"]
    for approval, code in (("sign:b", "not_your_role"), ("sign:a", "")):
        asked = Asked(SUPERVISOR, away=away)
        try:
            (event, *_) = decide(WORKS, case.complaint, c.Approve(approval), asked, case.now)
        except Refused as refusal:
            assert refusal.code == code
        else:
            assert (code, event.fact.substitute) == ("", True)


def test_within_authority_nobody_else_is_asked():
    assert proposed(cash(200)).complaint.step == "decide"
    assert proposed(Remedy("apology"), by=AGENT).complaint.step == "decide"


@pytest.mark.parametrize(
    ("remedy", "pending"),
    [
        (cash("200.01"), ["level_one"]),
        (Remedy("replacement"), ["level_one"]),
        (cash(5001), ["level_one", "level_two"]),
    ],
)
def test_beyond_authority_it_climbs_level_by_level(remedy, pending):
    case = proposed(remedy)
    assert case.complaint.step == "approve"
    for name in pending:
        case.do(c.Approve(name), HEAD_A if name == "level_one" else APPROVER)
    assert case.complaint.step == "decide"


def test_whoever_is_not_listed_has_no_authority_of_their_own():
    case = proposed(Remedy("apology"), by=handler_of("a"))
    assert case.complaint.step == "approve"
    assert "true" in case.complaint.rule_facts()["beyond_authority"]


def test_nobody_listed_has_the_last_word_beyond_their_authority():
    alone = replace(
        WORKS,
        steps=tuple(
            replace(step, approvals=step.approvals[1:2]) if step.name == "approve" else step
            for step in WORKS.steps
        ),
    )
    case = proposed(cash(5001), procedure=alone)
    refusal = case.refused(c.Approve(), HEAD_A)
    assert refusal.code == "over_authority"
    assert "supervisor" in refusal.reason
    assert "approve" not in case.verbs(HEAD_A)
    assert "send_back_proposal" in case.verbs(HEAD_A)
    case.do(c.SendBackProposal("Too much."), HEAD_A)
    assert case.complaint.step == "propose"


def test_a_step_within_authority_refuses_more_and_says_who_may():
    strict = load_procedure(
        BASE.replace("by: [agent, handler, unit_head]}", "by: [agent], within_authority: true}")
    )
    case = Case(strict, unit="a")
    case.do(c.Dispatch("a"))
    case.do(c.AnswerOrder("1", "Looked into."))
    refusal = case.refused(c.Propose((Option("", "More.", (cash(201),)),)))
    assert refusal.code == "over_authority"
    assert "unit_head, supervisor" in refusal.reason
    case.do(c.Propose((Option("", "Less.", (cash(200),)),)))


def test_what_changes_at_an_approval_makes_others_needed_or_the_step_needless():
    case = proposed(cash(5001), matter="service")
    case.do(c.Classify({"matter": "quality"}))
    assert [f.approval for f in case.facts("approval_opened")] == ["sign:a"]
    assert case.has_clock("signature")
    case = proposed(Remedy("apology"), matter="quality")
    assert case.complaint.step == "approve"
    case.do(c.Classify({"matter": "service"}))  # nobody has to sign any more, and nobody could
    assert case.complaint.step == "decide"


def test_a_final_end_stays_and_the_refusal_names_the_ways_outside():
    for matter, outside in (
        ("service", "Consumer hotline"),
        ("quality", "Consumer hotline; Quality authority"),
    ):
        case = Case(WORKS, {"matter": matter})
        case.do(c.Close("ruled"))
        assert case.messages("closed", "supervisor")
        refusal = case.refused(c.Reopen("No."), CUSTOMER)
        assert refusal.code == "final"
        assert refusal.reason.endswith(f"open to the customer: {outside}")
        assert "reopen" not in case.verbs(CUSTOMER)


def test_other_ends_can_be_contested():
    case = Case(WORKS)
    case.do(c.Close("referred", "Explained twice.", "consumers"))
    assert case.facts("closed")[0].referred == ("consumers",)
    assert "reopen" in case.verbs(CUSTOMER)
    case.do(c.Reopen("It is still wrong."), CUSTOMER)
    assert case.complaint.referred == ()


@pytest.mark.parametrize(
    ("way", "matter"), [("", "service"), ("authority", "service"), ("police", "quality")]
)
def test_who_is_referred_outside_is_told_to_whom(way, matter):
    case = Case(WORKS, {"matter": matter})
    refusal = case.refused(c.Close("referred", "Explained twice.", way))
    assert refusal.code == "no_such_way"
    assert "consumers" in refusal.fields["way"]


def test_a_reason_that_does_not_refer_takes_no_way():
    assert Case(WORKS).refused(c.Close("ruled", "", "consumers")).code == "no_such_way"


def test_when_the_route_refers_every_open_way_is_named():
    text = BASE.replace("rejected: reopen", "rejected: {close: referred}")
    case = proposed(Remedy("apology"), procedure=load_procedure(text))
    case.do(c.Reject("No."))
    assert case.complaint.referred == ("consumers",)


def test_a_flag_that_needs_a_recording_has_one():
    recording, photo = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))
    case = Case(WORKS)
    for files in ((), (photo,)):
        with pytest.raises(Refused) as refused:
            flagged(case, files, {photo: "photo"})
        assert (refused.value.code, list(refused.value.fields)) == ("missing", ["attachments"])
        assert "recording" in refused.value.reason
    with pytest.raises(Refused, match="no such file"):
        flagged(case, (recording,), {})
    (event,) = flagged(case, (recording,), {recording: "recording"})
    assert event.fact.attachments == (recording,)
    case.do(c.Flag("loud", "Shouts."))


def flagged(case, files, known):
    command = c.Flag("extortion", "Threatens to publish.", files)
    return decide(case.procedure, case.complaint, command, Asked(AGENT, files=known), case.now)


def test_procedures_without_a_final_end_carry_no_words_of_ways():
    assert wire.rules_of(WORKS).ways == WORKS.ways
    plain = replace(WORKS, reasons=tuple(replace(r, final=False, refer=False) for r in WORKS.reasons))
    assert wire.rules_of(plain).ways == ()
