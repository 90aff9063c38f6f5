"""The checker: every kind of mistake is told with its line, all at once, in words a person can act on."""

# ruff: noqa: E501 the table of mistakes reads best with one a line
from decimal import Decimal

import pytest

import wire
from domain import commands as c
from domain.commands import Actor
from domain.events import Option, Remedy
from procedures.loader import PACKS, check, load_pack, load_procedure, packs
from procedures.problems import ProcedureProblems
from tests.drive import CUSTOMER, MONDAY, Case

GOOD = """\
procedure: small
version: "1"
prefix: SML
title: {en: Small}
languages: [en]
calendar: {timezone: UTC, hours: {mon-fri: ["09:00-17:00"]}}
units: [north, south]
offices: {president: {en: President}}
vocabulary:
  kind: {title: {en: Kind}, words: {parcel: {en: Parcel}, letter: {en: Letter}}}
defaults: {kind: parcel}
form:
  story: {type: long_text, title: {en: Story}}
  pieces: {type: number, title: {en: Pieces}}
steps:
  look:
    kind: task
    title: {en: First look}
    when: {kind: letter}
    by: agent
    outcomes: {fine: {go: next, title: {en: Fine}}}
  handle:
    kind: handle
    title: {en: Handling}
    to: [unit:north, same]
  propose: {kind: propose, title: {en: Proposal}}
  agree:
    kind: approve
    title: {en: Approval}
    when: {amount: {from: 100}}
    approvals: {manager: {by: supervisor}}
    outcomes: {refused: {step: propose}, sent_back: {step: propose}}
  decide:
    kind: decide
    title: {en: Decision}
    outcomes: {rejected: reopen}
  callback:
    kind: callback
    title: {en: Callback}
    attempts: 2
    retry_after: 1wd
    outcomes: {dissatisfied: reopen, unreached: {close: gone}}
rounds: {start_at: handle}
purposes:
  handle: {title: {en: Handle}}
  visit:
    title: {en: Visit}
    outcomes: {solved: {en: Solved}}
    follow: {solved: {purpose: visit}}
clocks:
  reply:
    title: {en: Reply}
    per: order
    starts: dispatched
    stops: answered
    limits:
      - {limit: 4wh, when: {kind: parcel}}
      - 8wh
    ladder:
      - {at: 50%, tell: handler}
      - {at: due, tell: unit_head}
      - {at: after 1wd, tell: supervisor}
notices:
  - {on: opened, to: customer, text: opened}
  - {on: entered:decide, to: customer, text: offer}
reasons:
  satisfied: {title: {en: Settled}, satisfied: true}
  gone: {title: {en: Not reached}}
  withdrawn: {title: {en: Withdrawn}}
marks: {seen: {en: Seen}}
flags: {odd: {en: Odd}}
remedies: {refund: {en: Refund}}
major: [{round: {from: 3}}]
repeat: {match: [kind], days: 30}
texts:
  opened: {en: {subject: "{{ ref }}", body: "We have it: {{ facts.kind }}"}}
  offer: {en: {subject: Offer, thanks: Thank you., apology: Sorry., body: "{{ options[0].text }}"}}
  warned: {en: {subject: Soon, body: "{{ clock.due }}"}}
  escalated: {en: {subject: Late, body: "{{ clock.title }}"}}
  empty_post: {en: {subject: Empty, body: "{{ reason }}"}}
"""


def problems_of(old, new):
    """What the checker says about the good procedure with one passage replaced, and the changed text."""
    assert GOOD.count(old) == 1, f"{old!r} must be there once"
    text = GOOD.replace(old, new)
    return check(text), text


def test_a_good_procedure_has_no_problems():
    assert check(GOOD) == []
    assert load_procedure(GOOD).name == "small"


MISTAKES = [
    # old, new, code, part of the message, text on the line it must name
    ("prefix: SML", "prefx: SML", "unknown_key", "did you mean 'prefix'?", "prefx"),
    ("prefix: SML", "prefix: SML\nprefix: X", "duplicate", "written twice", "prefix: X"),
    ("prefix: SML", "prefix: sml", "name", "capital letters", "prefix"),
    ("offices: {president: {en: President}}", "offices: {approver: {en: A}}", "name", "in every organisation", "offices"),
    ("manager: {by: supervisor}", "manager: {by: presidnt}", "role", "did you mean 'president'?", "manager"),
    ("after 1wd, tell: supervisor", "after 1wd, tell: presidant", "nobody", "did you mean 'president'?", "presidant"),
    ("pieces: {type: number, ", "pieces: {type: number, min: 5, max: 3, ", "range", "nothing lies from 5 to 3", "pieces"),
    ("story: {type: long_text, ", "story: {type: long_text, min: 5, ", "unknown_key", "only numbers and money", "story"),
    ("stops: answered", "stops: 'answered:handel'", "trigger", "no purpose 'handel': did you mean 'handle'?", "answered:handel"),
    ("{on: opened, to: customer", "{on: 'breached:replay', to: customer", "trigger", "no clock 'replay': did you mean 'reply'?", "replay"),
    ("major: [{round: {from: 3}}]", "major: [{step: hndle}]", "condition", "did you mean 'handle'?", "hndle"),
    ("procedure: small", "procedure: Small One", "name", "lower-case", "procedure"),
    ("title: {en: Small}", "title: {de: Klein}", "missing_language", "missing in en", "title: {de"),
    ("title: {en: Small}", "title: Small", "missing_language", "every language", "title: Small"),
    ("title: {en: Small}", "title: {en: first, second}", "unknown_key", "needs quotes", "title: {en"),
    ('hours: {mon-fri: ["09:00-17:00"]}', "hours: {mon-fri: []}", "calendar", "every day is closed", "calendar"),
    ('hours: {mon-fri: ["09:00-17:00"]}', "hours: {moon: [\"09:00-17:00\"]}", "calendar", "weekday", "calendar"),
    ("timezone: UTC", "timezone: Mars/Olympus", "calendar", "time zone", "calendar"),
    ("timezone: UTC", "timezone: UTC, years: 2030-2020", "range", "span of years", "calendar"),
    ("{kind: parcel}\nform", "{kind: crate}\nform", "condition", "never 'crate'", "defaults"),
    ("{kind: parcel}\nform", "{sort: parcel}\nform", "condition", "no fact 'sort'", "defaults"),
    ("words: {parcel: {en: Parcel}", "words: {No: {en: Parcel}", "name", "cannot be a name", "words"),
    ("  kind: {title: {en: Kind}", "  round: {title: {en: Kind}", "duplicate", "every complaint has", "  round: {title"),
    ("type: long_text", "type: essay", "word", "'essay' is not possible", "story"),
    ("type: long_text", "type: choice", "missing", "no choices", "story"),
    ("story: {type", "kind: {type", "duplicate", "name of a fact", "type: long_text"),
    ("type: long_text", "type: file", "file", "in the form of a step", "story"),
    ("type: long_text", "type: long_text, at_least: 2", "unknown_key", "only a file field", "at_least"),
    ("type: long_text", "type: file, evidence: photos", "word", "did you mean 'photo'?", "photos"),
    ("type: long_text", "type: file, at_least: 0", "range", "from 1 to 50", "at_least"),
    ("type: long_text", "type: long_text, complained_of: true", "unknown_key", "type person names who", "complained_of"),
    ("    kind: task", "    kind: taks", "word", "did you mean 'task'?", "taks"),
    ("    by: agent", "    by: agnt", "role", "did you mean 'agent'?", "agnt"),
    ("    by: agent\n", "", "missing", "who does the task", "kind: task"),
    ("when: {kind: letter}", "when: {kind: lettre}", "condition", "did you mean 'letter'?", "lettre"),
    ("when: {kind: letter}", "when: {knd: letter}", "condition", "no fact 'knd'", "knd"),
    ("when: {kind: letter}", "when: {story: sad}", "condition", "never decides anything", "story: sad"),
    ("when: {kind: letter}", "when: {kind: {from: 3}}", "condition", "is not a number", "from: 3"),
    ("when: {kind: letter}", "when: {pieces: many}", "condition", "is a number", "pieces: many"),
    ("when: {kind: letter}", "when: {major: maybe}", "condition", "true or false", "maybe"),
    ("when: {kind: letter}", "when: {kind: {nott: letter}}", "unknown_key", "did you mean 'not'?", "nott"),
    ("when: {kind: letter}", "when: {pieces: {from: some}}", "type", "must be a number", "some"),
    ("when: {kind: letter}", "when: kind", "type", "table", "when: kind"),
    ("outcomes: {fine: {go: next, title: {en: Fine}}}", "outcomes: {fine: next}", "missing_language", "needs a title", "fine"),
    ("outcomes: {fine: {go: next, title: {en: Fine}}}", "form: {}", "missing", "never be finished", "kind: task"),
    ("outcomes: {fine: {go: next, title: {en: Fine}}}", "outcomes: {fine: {go: next, set: {kind: box}, title: {en: Fine}}}", "condition", "never 'box'", "box"),
    ("outcomes: {fine: {go: next, title: {en: Fine}}}", "outcomes: {fine: {step: look, title: {en: Fine}}}", "endless", "no way leads to an end", "  look:"),
    ("outcomes: {fine: {go: next, title: {en: Fine}}}", "outcomes: {fine: {go: next, step: handle, title: {en: F}}}", "target", "exactly one way", "fine"),
    ("to: [unit:north, same]", "to: [unit:nort, same]", "unit", "did you mean 'north'?", "nort"),
    ("to: [unit:north, same]", "to: [north]", "unit", "unit:<name", "to: [north]"),
    ("outcomes: {refused: {step: propose}", "outcomes: {refused: {step: propos}", "route", "did you mean 'propose'?", "propos}"),
    ("outcomes: {refused: {step: propose}, sent_back", "outcomes: {sent_back", "missing", "outcome 'refused'", "kind: approve"),
    ("approvals: {manager: {by: supervisor}}", "approvals: {}", "empty", "nobody", "approvals"),
    ("approvals: {manager: {by: supervisor}}", "approvals: {manager: {by: boss}}", "role", "no role or office 'boss'", "boss"),
    ("outcomes: {rejected: reopen}", "outcomes: {rejected: reopen, maybe: next}", "outcome", "no outcome 'maybe'", "maybe"),
    ("outcomes: {rejected: reopen}", "outcomes: {}", "missing", "outcome 'rejected'", "kind: decide"),
    ("outcomes: {rejected: reopen}", "outcomes: {rejected: bac}", "word", "'bac' is not possible", "bac"),
    ("attempts: 2", "attempts: 0", "range", "from 1 to 50", "attempts"),
    ("attempts: 2", "attempts: twice", "type", "whole number", "attempts"),
    ("attempts: 2", "attempts: 2\n    sample: 101", "range", "from 0 to 100", "sample"),
    ("retry_after: 1wd", "retry_after: 1 day", "limit", "not a time limit", "retry_after"),
    ("unreached: {close: gone}", "unreached: {close: gonne}", "reason", "did you mean 'gone'?", "gonne"),
    ("rounds: {start_at: handle}", "rounds: {start_at: handel}", "route", "did you mean 'handle'?", "handel"),
    ("rounds: {start_at: handle}\n", "", "missing", "'rounds' is missing", "procedure: small"),
    ("rounds: {start_at: handle}", "rounds: {start_at: handle, limit: 3}", "missing", "when the last one fails", "limit: 3"),
    ("rounds: {start_at: handle}", "rounds: {start_at: handle, limit: 3, then: gon}", "reason", "did you mean 'gone'?", "then: gon"),
    ("outcomes: {refused: {step: propose}, sent", "outcomes: {approved: {step: agree}, refused: {close: gone}, sent", "endless", "leads back to it", "  agree:"),
    ("  handle: {title: {en: Handle}}\n", "", "missing", "purpose 'handle' is missing", "  visit:"),
    ("follow: {solved: {purpose: visit}}", "follow: {solvd: {purpose: visit}}", "outcome", "did you mean 'solved'?", "solvd"),
    ("follow: {solved: {purpose: visit}}", "follow: {solved: {purpose: vist}}", "purpose", "did you mean 'visit'?", "vist"),
    ("  reply:\n", "  promise:\n", "name", "kept for what is agreed", "  promise:"),
    ("per: order", "per: unit", "word", "not possible here", "per: unit"),
    ("starts: dispatched", "starts: dispatchd", "trigger", "did you mean 'dispatched'?", "dispatchd"),
    ("starts: dispatched", "starts: entered:decid", "trigger", "did you mean 'decide'?", "decid"),
    ("starts: dispatched", "starts: mark:sen", "trigger", "did you mean 'seen'?", "mark:sen"),
    ("starts: dispatched", "starts: flag:od", "trigger", "did you mean 'odd'?", "flag:od"),
    ("starts: dispatched", "starts: outcome:decide:accept", "trigger", "did you mean 'accepted'?", "accept"),
    ("starts: dispatched", "starts: leaves:decide", "trigger", "before the colon", "leaves"),
    ("starts: dispatched", "starts: opened", "never_starts", "per: complaint", "  reply:"),
    ("starts: dispatched", "starts: closed", "never_starts", "can never start", "  reply:"),
    ("stops: answered", "stops: mark:seen", "never_stops", "nothing that happens to an order", "  reply:"),
    ("    stops: answered\n", "", "never_stops", "can never stop", "  reply:"),
    ("stops: answered", "stops: [answered, dispatched]", "never_stops", "starts and stops with dispatched", "  reply:"),
    ("stops: answered", "stops: answered\n    expires: expired", "outcome", "no step says where", "  reply:"),
    ("- {limit: 4wh, when: {kind: parcel}}\n      - 8wh", "- 8wh\n      - 4wh", "unreachable", "never counts", "- 4wh"),
    ("      - 8wh", "      - 0wh", "limit", "out of range", "- 0wh"),
    ("      - 8wh", "      - 99999999d", "limit", "out of range", "- 99999999d"),
    ("{at: 50%, tell: handler}", "{at: 50%, tell: hander}", "nobody", "nobody would hear of it", "hander"),
    ("{at: 50%, tell: handler}", "{at: 50%, tell: []}", "empty", "the list is empty", "at: 50%"),
    ("{at: 50%, tell: handler}", "{at: 100%, tell: handler}", "range", "write due", "at: 100%"),
    ("{at: 50%, tell: handler}", "{at: soon, tell: handler}", "limit", "not understood", "at: soon"),
    ("{at: after 1wd, tell: supervisor}", "{at: after lunch, tell: supervisor}", "limit", "after 4h", "lunch"),
    ("- {on: opened, to: customer, text: opened}", "- {on: opened, to: client, text: opened}", "nobody", "'client'", "client"),
    ("- {on: opened, to: customer, text: opened}", "- {on: open, to: customer, text: opened}", "trigger", "did you mean 'opened'?", "on: open,"),
    ("- {on: opened, to: customer, text: opened}", "- {on: opened, to: customer, text: opend}", "missing_text", "did you mean 'opened'?", "opend"),
    ("satisfied: true}", "satisfied: false}", "reason", "satisfied: true", "  satisfied:"),
    ("{title: {en: Not reached}}", "{title: {en: Not reached}, satisfied: true}", "reason", "only one", "  gone:"),
    ("  withdrawn: {title: {en: Withdrawn}}\n", "", "reason", "'withdrawn' is missing", "  satisfied:"),
    ("  withdrawn: {title: {en: Withdrawn}}\n", "  withdrawn: {title: {en: W}}\n  lost: {title: {en: Lost}}\n", "reason", "nothing ever closes as 'lost'", "  lost:"),
    ("days: 30", "days: 0", "range", "from 1 to 3660", "days: 0"),
    ("match: [kind]", "match: [knid]", "condition", "did you mean 'kind'?", "knid"),
    ("major: [{round: {from: 3}}]", "major: [{remedy: gift}]", "condition", "'remedy' is never 'gift'", "gift"),
    ("  empty_post: {en: {subject: Empty, body: \"{{ reason }}\"}}\n", "", "missing_text", "no text 'empty_post'", "procedure: small"),
    ("  warned: {en: {subject: Soon, body: \"{{ clock.due }}\"}}\n", "", "missing_text", "no text 'warned'", "procedure: small"),
    ("apology: Sorry., ", "", "courtesy", "thanks and an apology (CON-1)", "  offer:"),
    ("{{ facts.kind }}", "{{ facts.knd }}", "template", "cannot be filled in", "  opened:"),
    ("{{ facts.kind }}", "{{ facts.kind }", "template", "not understood", "  opened:"),
    ("{{ facts.kind }}", "{{ ''.__class__ }}", "template", "unsafe", "  opened:"),
    ("{subject: Soon, body: \"{{ clock.due }}\"}", "{body: \"{{ clock.due }}\"}", "missing", "'subject' is missing", "  warned:"),
    ("{subject: Soon, body: \"{{ clock.due }}\"}", "{subject: Soon}", "empty", "a subject and nothing else", "  warned:"),
    ("prefix: SML", "prefix: SML\narchive: {keepers: [organization]}", "keeper", "did you mean 'organisation'?", "archive"),
    ("prefix: SML", "prefix: SML\narchive: {keepers: [unit:nort]}", "unit", "did you mean 'north'?", "archive"),
    ("prefix: SML", "prefix: SML\narchive: {}", "missing", "'keepers' is missing", "archive"),
    ("manager: {by: supervisor}", "manager: {by: supervisor, substitute: approver}", "never_starts", "start with approval:manager", "approvals"),
    ("manager: {by: supervisor}", "manager: {by: supervisor, each: person}", "word", "'person' is not possible", "approvals"),
    ("starts: dispatched", "starts: approval:manger", "trigger", "did you mean 'manager'?", "manger"),
    ("starts: dispatched", "starts: approval:manager", "per", "must say 'per: complaint'", "  reply:"),
    ("starts: dispatched", "starts: closed:gone", "never_starts", "can never start", "  reply:"),
    ("on: entered:decide", "on: closed:gonne", "trigger", "did you mean 'gone'?", "gonne"),
    ("propose: {kind: propose, title: {en: Proposal}}", "propose: {kind: propose, title: {en: Proposal}, within_authority: true}", "authority", "nobody has any", "  propose:"),
    ("version: \"1\"", "version: \"1\"\nauthority: {agnt: {amount: 5}}", "role", "did you mean 'agent'?", "agnt"),
    ("version: \"1\"", "version: \"1\"\nauthority: {agent: {amount: -5}}", "range", "nothing or more", "-5"),
    ("when: {amount: {from: 100}}", "when: {beyond_authority: agent}", "condition", "never 'agent'", "beyond_authority"),
    ("{title: {en: Not reached}}", "{title: {en: Not reached}, refer: true}", "refer", "nobody is named", "  gone:"),
    ("flags: {odd: {en: Odd}}", "flags: {odd: {title: {en: Odd}, needs_attachment: photograph}}", "word", "kind of evidence", "odd"),
    ("flags: {odd: {en: Odd}}", "flags: {odd: {title: {en: Odd}, needs_atachment: true}}", "unknown_key", "did you mean 'needs_attachment'?", "odd"),
    ("languages: [en]", "languages: [en, zh]", "missing_language", "missing in zh", "  opened:"),
    ("languages: [en]", "languages: [en, en]", "duplicate", "twice", "languages"),
    ("version: \"1\"", "version: [1]", "type", "single value, not a list", "version"),
    ("version: \"1\"", "version:", "empty", "nothing here", "version"),
    ("version: \"1\"", "extends: bsae\nversion: \"1\"", "word", "did you mean 'base'?", "bsae"),
    ("version: \"1\"", "version: &v \"1\"\norganisation: *v", "yaml", "references", "organisation"),
    ("version: \"1\"", "version: \"1", "yaml", "cannot be read", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "message", "line"), MISTAKES)
def test_every_mistake_is_told_with_its_line(old, new, code, message, line):
    found, text = problems_of(old, new)
    lines = text.split("\n")
    matching = [p for p in found if p.code == code and message in p.message]
    assert matching, f"got {[str(problem) for problem in found]}"
    assert any(line in lines[p.line - 1] for p in matching), matching


def test_a_step_nobody_can_reach():
    found, _ = problems_of("to: [unit:north, same]", "to: same\n    outcomes: {answered: {step: decide}}")
    assert {("unreachable", "propose"), ("unreachable", "agree")} <= {
        (p.code, p.message.split("'")[1]) for p in found
    }


@pytest.mark.rule("CON-4")
def test_a_proposal_before_anything_is_verified():
    early = GOOD.replace("  look:\n", "  early: {kind: propose, title: {en: Early}}\n  look:\n")
    assert [(p.code, p.line) for p in check(early)] == [("too_early", 16)]


@pytest.mark.rule("CON-4")
@pytest.mark.parametrize("step", ["propose", "agree", "decide"])
def test_a_round_that_begins_after_all_that_verifies(step):
    early = GOOD.replace("rounds: {start_at: handle}", f"rounds: {{start_at: {step}}}")
    found = [p for p in check(early) if p.code == "too_early"]
    lines = early.split("\n")
    assert [lines[p.line - 1] for p in found] == (
        [f"rounds: {{start_at: {step}}}"] if step == "propose" else []
    )


def test_shared_texts_are_taken_over_in_the_procedure_s_own_languages():
    based = GOOD.replace('version: "1"', 'version: "1"\nextends: base')
    assert check(based) == []
    assert {tuple(texts) for texts in load_procedure(based).texts.values()} == {("en",)}
    german = check(based.replace("languages: [en]", "languages: [en, de]"))
    assert {p.line for p in german if "'dispatched' is missing in de" in p.message} == {3}
    assert all(p.file == "procedure.yaml" for p in german)


def test_nobody_decides_on_what_was_never_proposed():
    found, _ = problems_of("  propose: {kind: propose, title: {en: Proposal}}\n", "")
    assert [p.message for p in found if "without a proposal" in p.message]


def test_all_problems_are_told_at_once_in_order_of_lines():
    broken = GOOD.replace("prefix: SML", "prefx: SML").replace("attempts: 2", "attempts: 0")
    broken = broken.replace("tell: unit_head", "tell: nobody_at_all")
    with pytest.raises(ProcedureProblems) as caught:
        load_procedure(broken)
    problems = caught.value.problems
    assert [p.code for p in problems] == ["missing", "unknown_key", "range", "nobody"]
    assert [p.line for p in problems] == sorted(p.line for p in problems)
    assert str(problems[1]).startswith("procedure.yaml:3: unknown key 'prefx'")


@pytest.mark.parametrize(
    "text", ["\n", "- a\n- b\n", "just words\n\n", "a: \x07\n", "{[}]: 1\n", "a: 1\n---\nb: 2\n"]
)
def test_what_is_no_procedure_at_all_is_told_not_raised(text):
    assert check(text)


def test_a_file_is_named_in_its_problems(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace("attempts: 2", "attempts: 0"), encoding="utf-8")
    assert [p.file for p in check(path)] == [str(path)]
    with pytest.raises(OSError, match="missing"):
        check(tmp_path / "missing.yaml")


@pytest.mark.parametrize("name", ["telecom-si", "courier", "consumer-finance", "high-frequency"])
def test_every_pack_loads_in_both_languages_and_stays_small(name):
    assert name in packs()
    pack = load_pack(name)
    assert pack.name == name
    assert pack.languages == ("en", "zh")
    assert len(wire.pack_rules(pack)) < 4 * 1024  # travels with each complaint
    assert len(wire.pack(pack)) < 16 * 1024
    assert wire.unpack(wire.pack(pack)) == pack
    assert wire.fingerprint(load_procedure(PACKS / f"{name}.yaml")) == wire.fingerprint(pack)


def test_every_key_of_a_pack_that_is_dropped_is_a_problem_or_optional():
    """No key of the language breaks the checker when it is missing."""
    lines = GOOD.split("\n")
    for number in range(len(lines)):
        check("\n".join(lines[:number] + lines[number + 1 :]))


def test_limited_rounds_end_with_the_reason_that_was_named():
    limited = GOOD.replace("rounds: {start_at: handle}", "rounds: {start_at: handle, limit: 2, then: gone}")
    case = Case(load_procedure(limited), {"kind": "parcel"})
    for _ in range(2):
        case.do(c.AnswerOrder(order=case.order, result="Checked."))
        case.do(c.Propose(options=(Option("1", "Sorry."),)))
        case.do(c.Reject(reason="No."))
    assert (case.complaint.round, case.complaint.closing_reason) == (2, "gone")
    assert case.refused(c.Reopen(reason="Again."), CUSTOMER).code == "no_more_rounds"


def test_an_unknown_pack_is_named():
    with pytest.raises(KeyError, match="no shipped procedure 'nope'"):
        load_pack("nope")


def test_an_office_stands_wherever_a_role_may():
    text = GOOD
    for old, new in (
        ("manager: {by: supervisor}", "manager: {by: president}"),
        ("by: agent", "by: [agent, president]"),
        ("after 1wd, tell: supervisor", "after 1wd, tell: president"),
        ("on: opened, to: customer", "on: opened, to: [customer, president]"),
        ("gone: {title: {en: Not reached}}", "gone: {title: {en: Not reached}, by: president}"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    procedure = load_procedure(text)
    assert procedure.offices == ("president",)
    case = Case(procedure, {"kind": "parcel"}, at=MONDAY)
    president = Actor("person:p", ("approver", "president"))
    assert "president" in case.messages("opened")[0].to
    case.do(c.TakeOrder(case.order))
    case.do(c.AnswerOrder(case.order, "seen"))
    hundred = Remedy("refund", amount=Decimal(100), currency="EUR")
    case.do(c.Propose((Option(text="Refund", remedies=(hundred,)),)))
    assert case.refused(c.Approve(), Actor("person:a", ("approver",))).code == "not_your_role"
    case.do(c.Approve(), president)
    case.do(c.Escalate("president", "please look"))
