"""Consequences: raised by rule once, by a person on demand, handled by a small procedure of their own."""

from __future__ import annotations

import pytest

import wire
from domain import commands as c
from domain.consequence import Raised
from domain.decide import CASEKEEPER
from domain.events import Option
from domain.measures import Measure, Standing, settlement_suspended, standing
from domain.procedure import Procedure
from procedures.loader import load_procedure
from tests.drive import AGENT, SUPERVISOR, Case, handler_of

GUILD = """\
procedure: guild
version: "1"
extends: base
prefix: GLD
title: {en: Guild}
languages: [en]
calendar: {timezone: Asia/Shanghai, hours: {mon-fri: ["09:00-18:00"]}}
vocabulary:
  matter: {title: {en: Matter}, words: {fees: {en: Fees}, manners: {en: Manners}}}
  verdict: {title: {en: Verdict}, words: {open: {en: Open}, valid: {en: Valid}, not_valid: {en: Not valid}}}
defaults: {matter: fees, verdict: open}
history:
  alike: {same: [unit, matter], days: 180, with: {verdict: valid}}
  talks: {consequence: talk, same: [unit], days: 365, ended: [improved]}
steps:
  handle: {kind: handle, title: {en: Handling}, to: subject}
  sort:
    kind: task
    title: {en: Sorting}
    by: agent
    outcomes:
      valid: {go: next, set: {verdict: valid}, title: {en: Valid}}
      not_valid: {close: refused, title: {en: Not valid}}
  propose: {kind: propose, title: {en: Proposal}}
  decide: {kind: decide, title: {en: Decision}, outcomes: {rejected: reopen}}
rounds: {start_at: handle}
purposes: {handle: {title: {en: Handle}}}
clocks:
  take:
    title: {en: Taking}
    per: order
    starts: dispatched
    stops: [taken, answered, declined, recalled]
    limit: 1wd
reasons:
  satisfied: {title: {en: satisfied}, satisfied: true}
  refused: {title: {en: refused}}
  withdrawn: {title: {en: withdrawn}}
flags: {press: {en: Press}}
notices:
  - {on: "raised:talk", to: supervisor, text: talk}
consequences:
  rectification:
    title: {en: Rectification}
    on: "outcome:sort:valid"
  talk:
    title: {en: Talk}
    about: order_unit
    on: [breached, outcome:sort:valid]
    when: [{purpose: handle}, {history.alike: {from: 2}}]
    by: supervisor
    ways:
      press: {on: "flag:press", title: {en: It reached the press}}
    steps:
      confirm:
        kind: task
        title: {en: Confirmation}
        by: supervisor
        outcomes:
          confirmed: {go: next, measures: suspend, title: {en: Confirmed}}
          dismissed: {close: dismissed, title: {en: Dismissed}}
      hold:
        kind: task
        title: {en: The talk}
        by: agent
        form: {record: {type: long_text, title: {en: Record}, required: true}}
        outcomes: {held: {go: next, title: {en: Held}}}
      watch:
        kind: task
        title: {en: Effect}
        by: supervisor
        outcomes:
          improved: {close: improved, measures: lift, title: {en: Improved}}
          unchanged: {close: unchanged, title: {en: Unchanged}}
    clocks:
      watch:
        title: {en: Watching}
        starts: "entered:watch"
        stops: "finished:watch"
        expires: improved
        limit: 10d
    reasons:
      improved: {title: {en: improved}, satisfied: true}
      unchanged: {title: {en: unchanged}}
      dismissed: {title: {en: dismissed}}
    raises:
      criticism: {on: "outcome:watch:unchanged"}
  criticism:
    title: {en: Criticism}
    by: supervisor
texts:
  talk: {en: {subject: "{{ ref }}: talk", body: "{{ facts.matter }}"}}
"""
PROCEDURE = load_procedure(GUILD)


def nested(name: str) -> Procedure:
    return PROCEDURE.nested[f"guild.{name}"]


def opened(**more: object) -> Case:
    return Case(PROCEDURE, {"matter": "fees", "verdict": "open"}, unit="north", **more)


def of_talk() -> Case:
    return Case(
        nested("talk"),
        {"matter": "fees", "verdict": "valid"},
        ref="GLD-1-1",
        customer="",
        channel="consequence",
        unit="north",
        parent="GLD-1",
        consequence="talk",
    )


def raised(case: Case) -> list[tuple[str, str, str]]:
    return [(one.consequence, one.ref, one.trigger) for one in case.facts("consequence_raised")]


@pytest.mark.rule("BNK-8")
def test_a_rule_raises_a_consequence_once_under_the_next_reference() -> None:
    case = opened()
    case.do(c.AnswerOrder("1", "looked into"))
    case.do(c.FinishTask("valid"))
    assert raised(case) == [("rectification", "TEST-1-1", "outcome:sort:valid")]
    raised_now = Raised("rectification", "TEST-1-1", "north", why="outcome:sort:valid")
    assert case.complaint.raised == case.complaint.to_open() == (raised_now,)
    case.do(c.RecordCase("TEST-1-1"), CASEKEEPER)
    assert case.complaint.to_open() == ()
    assert case.refused(c.RecordCase("TEST-1-1"), CASEKEEPER).code == "case_known"
    case.do(c.Propose((Option("", "sorry"),)), AGENT)
    case.do(c.Reject("no"))
    case.do(c.AnswerOrder(case.order, "again"))
    case.do(c.FinishTask("valid"))
    assert len(raised(case)) == 1


@pytest.mark.rule("BNK-9")
def test_a_breached_order_raises_a_talk_about_its_unit() -> None:
    case = opened()
    case.pass_time("2wd")
    (talk,) = case.facts("consequence_raised")
    assert (talk.consequence, talk.unit, talk.trigger) == ("talk", "north", "breached")
    assert case.messages("talk", "supervisor")


@pytest.mark.rule("BNK-9")
def test_earlier_cases_count() -> None:
    for alike, expected in ((1, ["rectification"]), (2, ["rectification", "talk"])):
        case = opened(history={"alike": alike, "talks": 0})
        case.do(c.AnswerOrder("1", "looked into"))
        case.do(c.FinishTask("valid"))
        assert [name for name, _, _ in raised(case)] == expected


def test_becoming_major_raises_what_it_should_also_where_it_starts_a_clock() -> None:
    text = GUILD.replace('    on: "outcome:sort:valid"\n', '    on: ["outcome:sort:valid", major]\n', 1)
    text = text.replace(
        "clocks:\n", "clocks:\n  report: {title: {en: Report}, starts: major, stops: closed, limit: 1wd}\n", 1
    )
    case = Case(
        load_procedure(text + "major: [{flag: press}]\n"), {"matter": "fees", "verdict": "open"}, unit="north"
    )
    case.do(c.Flag("press", "page one"), AGENT)
    assert case.has_clock("report")
    assert ("rectification", "TEST-1-2", "major") in raised(case)


def test_each_way_of_raising_has_a_name_that_the_case_is_told() -> None:
    case = opened()
    case.do(c.Flag("press", "page one"), AGENT)
    (talk,) = case.facts("consequence_raised")
    assert (talk.consequence, talk.way, talk.unit) == ("talk", "press", "north")
    assert case.complaint.raised[0].why == "press"


def test_a_person_raises_by_hand_with_a_reason_also_on_a_closed_complaint() -> None:
    case = opened()
    assert case.refused(c.RaiseConsequence("talk", "why"), AGENT).code == "not_your_role"
    assert case.refused(c.RaiseConsequence("tea", "why"), SUPERVISOR).code == "no_such_consequence"
    assert case.refused(c.RaiseConsequence("talk", " "), SUPERVISOR).code == "missing"
    case.do(c.Withdraw())
    case.do(c.RaiseConsequence("talk", "the press wrote about it", unit="south"), SUPERVISOR)
    (talk,) = case.facts("consequence_raised")
    assert (talk.unit, talk.note, talk.trigger) == ("south", "the press wrote about it", "")
    assert "raise_consequence" in case.verbs(SUPERVISOR)


def test_the_usual_route_is_to_the_unit_concerned() -> None:
    case = Case(nested("rectification"), {}, unit="north", customer="")
    assert [o.unit for o in case.complaint.open_orders()] == ["north"]
    case.do(c.AnswerOrder("1", "mended"))
    assert (case.complaint.status, case.complaint.closing_reason) == ("closed", "done")
    assert "customer" not in {to for notice in case.told for to in notice.to}


@pytest.mark.rule("BNK-10")
def test_a_consequence_can_raise_another() -> None:
    case = of_talk()
    case.do(c.FinishTask("confirmed"), SUPERVISOR)
    assert case.refused(c.FinishTask("held"), AGENT).code == "form"
    case.do(c.FinishTask("held", {"record": "they promised"}), AGENT)
    case.do(c.FinishTask("unchanged"), SUPERVISOR)
    assert raised(case) == [("criticism", "GLD-1-1-1", "outcome:watch:unchanged")]
    assert case.complaint.closing_reason == "unchanged"


def test_the_effect_is_looked_at_when_the_time_is_over() -> None:
    case = of_talk()
    case.do(c.FinishTask("confirmed"), SUPERVISOR)
    case.do(c.FinishTask("held", {"record": "they promised"}), AGENT)
    case.pass_time("11d")
    assert case.complaint.closing_reason == "improved"


@pytest.mark.rule("TEL-21")
def test_a_suspended_unit_gets_no_orders_until_it_is_lifted() -> None:
    case = of_talk()
    case.do(c.FinishTask("confirmed"), SUPERVISOR)
    (measure,) = case.facts("measure_taken")
    assert (measure.measure, measure.unit, measure.step) == ("suspend", "north", "confirm")
    assert case.complaint.unit_standing == "suspended"
    case.do(c.FinishTask("held", {"record": "they promised"}), AGENT)
    case.pass_time("11d")
    assert case.complaint.unit_standing == ""
    other = opened(unit_standing="suspended")
    assert not other.complaint.orders
    assert other.refused(c.Dispatch("north"), AGENT).code == "suspended"
    other.do(c.Dispatch("south"), AGENT)
    other.do(c.AnswerOrder("1", "done"), handler_of("south"))


def test_a_measure_on_nobody_is_refused() -> None:
    case = Case(nested("talk"), {}, ref="GLD-1-1", customer="")
    refusal = case.refused(c.FinishTask("confirmed"), SUPERVISOR)
    assert (refusal.code, set(refusal.fields)) == ("no_unit", {"outcome"})
    case.do(c.FinishTask("dismissed"), SUPERVISOR)


def test_where_a_unit_stands() -> None:
    assert standing(()) is Standing.ACTIVE
    assert standing((Measure.SUSPEND, Measure.LIFT, Measure.FORFEIT_AWARD)) is Standing.ACTIVE
    assert standing((Measure.SUSPEND, Measure.SUSPEND_SETTLEMENT)) is Standing.SUSPENDED
    assert standing((Measure.END_COOPERATION, Measure.LIFT)) is Standing.ENDED
    assert settlement_suspended((Measure.SUSPEND_SETTLEMENT,))
    assert not settlement_suspended((Measure.SUSPEND_SETTLEMENT, Measure.LIFT))


def test_what_travels_with_a_complaint_leaves_the_small_procedures_out() -> None:
    rules = wire.unpack(wire.pack_rules(PROCEDURE))
    assert rules.nested == {}
    assert [one.name for one in rules.consequences] == ["rectification", "talk", "criticism"]
    assert wire.unpack(wire.pack(PROCEDURE)) == PROCEDURE
