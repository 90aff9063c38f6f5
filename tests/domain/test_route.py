"""Routes: news at intervals, one deadline after another, persons and units that forms name."""

from datetime import timedelta

from domain import commands as c
from domain.commands import Asked
from domain.decide import decide
from domain.events import Place
from domain.forms import problems
from procedures.loader import load_procedure
from tests.drive import AGENT, Case
from tests.procedures.test_checker import GOOD


def small(*changes: tuple[str, str]):
    """The checker's good procedure with some passages replaced."""
    text = GOOD
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load_procedure(text)


CLOCKS = "clocks:\n"


def test_news_at_intervals_is_a_clock_that_starts_again_with_each_piece_of_news():
    """ENT-7, HOT-3: as long as it is being handled, and no longer."""
    progress = """\
clocks:
  progress:
    title: {en: News}
    starts: [entered:handle, informed]
    stops: [informed, finished:handle]
    limits: [{limit: 2wh, when: {step: handle}}]
"""
    case = Case(small((CLOCKS, progress)))
    case.pass_time("3wh")
    assert len(case.facts("clock_breached")) == 1
    case.do(c.InformCustomer("we are looking into it"))
    assert case.has_clock("progress")
    case.do(c.TakeOrder(case.order))
    case.do(c.AnswerOrder(case.order, "found it"))
    assert not case.has_clock("progress")
    case.do(c.InformCustomer("a proposal is coming"))
    assert not case.has_clock("progress")


def test_what_happens_to_an_order_can_be_meant_for_one_purpose_and_a_breach_for_one_clock():
    second = """\
clocks:
  after_reply:
    title: {en: After the reply is late}
    per: order
    starts: 'breached:reply'
    stops: 'answered:handle'
    limit: 1wd
  visit_arrival:
    title: {en: Arrival}
    per: order
    starts: 'dispatched:visit'
    stops: 'answered:visit'
    limit: 1wd
"""
    case = Case(small((CLOCKS, second)))
    order = case.order
    case.do(c.Dispatch("south", "visit"))
    visit = case.order
    assert [clock.order for clock in case.complaint.running() if clock.rule == "visit_arrival"] == [visit]
    case.pass_time(timedelta(days=1))
    assert {clock.order for clock in case.complaint.running() if clock.rule == "after_reply"} == {
        order,
        visit,
    }
    case.do(c.TakeOrder(visit))
    case.do(c.AnswerOrder(visit, "been there", "solved"))
    following = case.order  # by 'follow'
    assert [clock.order for clock in case.complaint.running() if clock.rule == "visit_arrival"] == [following]
    assert case.complaint.rule_facts()["answer.visit"] == "solved"
    assert case.has_clock("after_reply")


def test_numbers_have_bounds_and_persons_and_units_are_ids():
    bounds = ("pieces: {type: number, ", "pieces: {type: number, min: 1, max: 99, ")
    more = (
        "form:\n",
        "form:\n  who: {type: person, title: {en: Who}}\n  where: {type: unit, title: {en: Where}}\n",
    )
    fields = small(bounds, more).fields
    assert problems(fields, {"pieces": "1", "who": "li", "where": "north"}, {}) == {}
    assert problems(fields, {"pieces": "100"}, {}) == {"pieces": "from 1 to 99"}
    assert problems(fields, {"pieces": "0"}, {}) == {"pieces": "from 1 to 99"}
    assert set(problems(fields, {"who": "person:li", "where": "two words"}, {})) == {"who", "where"}


def test_of_a_unit_that_was_named_its_kind_counts_too():
    chosen = """\
    outcomes: {fine: {go: next, title: {en: Fine}}}
    form: {department: {type: unit, title: {en: Department}, required: true}}
"""
    old = "    outcomes: {fine: {go: next, title: {en: Fine}}}\n"
    procedure = small((old, chosen), ("major: [{round: {from: 3}}]", "major: [{department.kind: branch}]"))
    case = Case(procedure, {"kind": "letter"})
    asked = Asked(AGENT, places={"west": Place("branch", "head")})
    events = decide(procedure, case.complaint, c.FinishTask("fine", {"department": "west"}), asked, case.now)
    assert "major_flagged" in [event.fact.kind for event in events]
