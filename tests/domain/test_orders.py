# ruff: noqa: E501 the table of mistakes reads best with one a line
"""Orders side by side with a join, what follows from them, and who gets them."""

import pytest

from domain import commands as c
from domain import events as ev
from domain.commands import Actor, Asked
from domain.decide import decide
from domain.events import Place
from domain.roles import may_see
from procedures.loader import check
from tests.domain.test_route import small
from tests.drive import SUPERVISOR, Case, handler_of
from tests.procedures.test_checker import GOOD

TO = "    to: [unit:north, same]\n"
VISIT = """\
  visit:
    title: {en: Visit}
    outcomes: {solved: {en: Solved}}
    follow: {solved: {purpose: visit}}
"""
INSPECT = """\
  inspect:
    title: {en: Inspect}
    outcomes: {clear: {en: Clear}, undetermined: {en: Undetermined}}
    form: {degree: {type: number, title: {en: Degree}, required: true, min: 0, max: 100}}
    follow: {undetermined: {purpose: examine}, declined: {purpose: inspect, to: superior}}
  examine: {title: {en: Examine}, to: unit:south}
"""


def side_by_side(join: str = "all"):
    """The checker's good procedure with two orders side by side."""
    planned = f"""\
    orders:
      inspect: {{to: unit:north}}
      handle: {{to: unit:south, when: {{kind: {{not: letter}}}}}}
    join: {join}
"""
    return small((TO, planned), (VISIT, INSPECT))


def given(case):
    return [(order.unit, order.purpose) for order in case.complaint.orders]


def answer(case, order, outcome="", **answers):
    case.do(c.AnswerOrder(order, "found", outcome, answers))


def test_orders_run_side_by_side_and_all_of_them_are_waited_for():
    case = Case(side_by_side())
    assert given(case) == [("north", "inspect"), ("south", "handle")]
    answer(case, "1", "clear", degree="10")
    assert case.complaint.step == "handle"
    answer(case, "2")
    assert case.complaint.step == "propose"
    assert case.complaint.rule_facts()["degree"] == "10"
    assert case.complaint.rule_facts()["answer.inspect"] == "clear"


def test_what_follows_from_an_order_is_waited_for_and_goes_where_its_purpose_says():
    """MFG-11: undetermined goes on to the deciding unit."""
    case = Case(side_by_side())
    answer(case, "2")
    answer(case, "1", "undetermined", degree="10")
    assert given(case)[-1] == ("south", "examine")
    assert case.complaint.step == "handle"
    answer(case, "3")
    assert case.complaint.step == "propose"


def test_any_recalls_the_others_and_a_named_join_lets_them_run_on():
    case = Case(side_by_side("any"))
    answer(case, "2")
    assert [order.state.value for order in case.complaint.orders] == ["recalled", "answered"]
    assert case.complaint.step == "propose"
    case = Case(side_by_side("inspect"))
    answer(case, "1", "clear", degree="5")
    assert case.complaint.step == "propose"
    assert [order.state.value for order in case.complaint.orders] == ["answered", "dispatched"]
    answer(case, "2")
    assert case.complaint.step == "propose"


def test_an_order_is_only_given_when_its_condition_holds_and_no_order_passes_the_step():
    assert given(Case(side_by_side(), {"kind": "letter"})) == []  # a task comes first
    case = Case(side_by_side(), {"kind": "letter"})
    case.do(c.FinishTask("fine"))
    assert given(case) == [("north", "inspect")]
    none = "    orders: {handle: {to: unit:south, when: {major: true}}}\n"
    case = Case(small((TO, none), ("    when: {kind: letter}\n    by", "    by")))
    case.do(c.FinishTask("fine"))
    assert case.complaint.step == "propose"
    assert case.complaint.orders == ()


def test_a_purpose_has_a_form_that_must_be_filled_in():
    case = Case(side_by_side())
    refusal = case.refused(c.AnswerOrder("1", "found", "clear"), handler_of("north"))
    assert (refusal.code, set(refusal.fields)) == ("form", {"degree"})
    refusal = case.refused(c.AnswerOrder("1", "found", "clear", {"degree": "101"}), handler_of("north"))
    assert refusal.fields == {"degree": "from 0 to 100"}


def test_declined_may_lead_to_another_unit_and_else_waits_for_the_dispatcher():
    case = Case(side_by_side())
    case.do(c.DeclineOrder("1", "not ours"))
    assert given(case)[-1] == ("north", "inspect")  # nothing is known above north: its superior is told
    assert case.complaint.orders[-1].superior
    answer(case, case.order, "clear", degree="1")
    case.do(c.DeclineOrder("2", "not ours"))
    assert case.complaint.step == "handle", "a declined order is not a done one"
    case.do(c.Dispatch("north", "handle"))
    answer(case, case.order)
    assert case.complaint.step == "propose"


def test_an_answer_sent_back_returns_to_the_step_that_waits_for_it_and_no_other():
    case = Case(side_by_side("inspect"))
    answer(case, "2")
    answer(case, "1", "clear", degree="5")
    case.do(c.SendBackOrder("2", "incomplete"))
    assert case.complaint.step == "propose", "it ran beside the route"
    case.do(c.SendBackOrder("1", "incomplete"))
    assert case.complaint.step == "handle"


def test_recalling_the_last_open_order_finishes_the_step():
    case = Case(side_by_side())
    answer(case, "1", "clear", degree="5")
    case.do(c.RecallOrder("2", "not needed"))
    assert case.complaint.step == "propose"


CHOSEN = (
    ("form:\n", "form:\n  head: {type: person, title: {en: Head}}\n  place: {type: unit, title: {en: Place}}\n"),
    (TO, "    to: chosen:place\n"),
    ("  propose: {kind: propose, title: {en: Proposal}}\n",
     "  propose: {kind: propose, title: {en: Proposal}, by: chosen:head}\n"),
    ("{on: opened, to: customer", "{on: opened, to: [customer, chosen:head]"),
)  # fmt: skip


def test_who_is_named_in_a_form_gets_the_work():
    """MFG-18: a named person is responsible, whoever they work for."""
    facts = {"head": "li", "place": "west", "place.kind": "branch", "place.above": "main"}
    case = Case(small(*CHOSEN), facts)
    order = case.complaint.orders[0]
    assert (order.unit, order.unit_kind, order.unit_above) == ("west", "branch", "main")
    answer(case, "1")
    li = Actor("person:li", ("handler",), ("elsewhere",))
    wang = Actor("person:wang", ("handler",), ("west",))
    assert may_see(case.complaint, li)
    propose = c.Propose((ev.Option(text="a new one"),))
    assert case.refused(propose, wang).code == "not_your_role"
    assert case.refused(propose, SUPERVISOR).code == "not_your_role"
    case.do(propose, li)
    nobody = Case(small(*CHOSEN), {"place": "west"})
    answer(nobody, "1")
    nobody.do(propose, SUPERVISOR)  # nobody is named: nothing is stuck


def test_superior_is_the_unit_above_the_one_complained_of():
    """MFG-7: the superior of whoever is complained of investigates."""
    case = Case(small((TO, "    to: superior\n")), unit="shop", unit_kind="branch", unit_above="region")
    assert given(case) == [("region", "handle")]
    case = Case(small((TO, "    to: superior\n")), unit="shop")
    assert (case.complaint.orders[0].unit, case.complaint.orders[0].superior) == ("shop", True)


def test_a_purpose_says_who_its_orders_are_for_and_where_they_go():
    changes = (
        ("form:\n", "form:\n  seller: {type: person, title: {en: Seller}}\n"),
        (VISIT, "  visit: {title: {en: Visit}, to: unit:north, by: chosen:seller}\n"),
    )
    case = Case(small(*changes), {"seller": "li"})
    case.do(c.Dispatch(purpose="visit"))
    assert given(case)[-1] == ("north", "visit")
    visit = case.order
    assert case.refused(c.TakeOrder(visit), handler_of("north")).code == "not_your_role"
    case.do(c.TakeOrder(visit), Actor("person:li", ("handler",), ("elsewhere",)))
    assert case.refused(c.Dispatch(purpose="handle")).code == "missing"


def test_a_unit_chosen_with_an_answer_brings_where_it_stands():
    form = "    form: {next: {type: unit, title: {en: Next}, required: true}}\n"
    procedure = small(
        (VISIT, f"  visit:\n    title: {{en: Visit}}\n{form}"), ("major: [{round: {from: 3}}]", "major: []")
    )
    case = Case(procedure)
    case.do(c.Dispatch("south", "visit"))
    asked = Asked(handler_of("south"), places={"west": Place("branch", "main")})
    command = c.AnswerOrder(case.order, "sent on", answers={"next": "west"})
    events = decide(procedure, case.complaint, command, asked, case.now)
    assert events[0].fact.answers == {"next": "west", "next.kind": "branch", "next.above": "main"}


MISTAKES = [
    (TO, "    orders: {vizit: {to: unit:north}}\n", "purpose", "did you mean 'visit'?", "vizit"),
    (TO, "    to: same\n    orders: {visit: {to: unit:north}}\n", "unknown_key", "no 'to'", "to: same"),
    (TO, "    orders: {visit: {to: unit:north}}\n    join: handle\n", "word", "use all, any or visit", "join"),
    (TO, "    to: chosen:pieces\n", "chosen", "'pieces' is number", "chosen:pieces"),
    (TO, "    to: chosen:nowhere\n", "chosen", "ask for it in a form", "chosen:nowhere"),
    (TO, "    to: somebody\n", "unit", "use subject, same, superior", "somebody"),
    ("    by: agent\n", "    by: chosen:story\n", "chosen", "must be a person", "chosen:story"),
    ("follow: {solved: {purpose: visit}}", "follow: {declnd: {purpose: visit}}", "outcome", "did you mean 'declined'?", "declnd"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "message", "line"), MISTAKES)
def test_mistakes_in_orders_are_told_with_their_line(old, new, code, message, line):
    assert GOOD.count(old) == 1, old
    text = GOOD.replace(old, new)
    matching = [p for p in check(text) if p.code == code and message in p.message]
    assert matching, [str(problem) for problem in check(text)]
    assert line in text.split("\n")[matching[0].line - 1]


def test_a_step_that_may_need_no_order_verifies_nothing():
    """CON-4: passing a step is no verification."""
    text = GOOD.replace(TO, "    orders: {handle: {to: unit:north, when: {major: true}}}\n")
    assert "too_early" in {problem.code for problem in check(text)}


def test_whoever_is_chosen_for_an_order_is_known_by_it_until_somebody_else_is():
    form = "    form: {seller: {type: person, title: {en: Seller}, required: true}}\n"
    changes = (
        ("form:\n", "form:\n  seller: {type: person, title: {en: Seller}}\n"),
        (
            VISIT,
            "  visit: {title: {en: Visit}, to: unit:north, by: chosen:seller}\n"
            f"  hand_over:\n    title: {{en: Hand over}}\n{form}",
        ),
    )
    case = Case(small(*changes), {"seller": "li"})
    case.do(c.Dispatch(purpose="visit"))
    visit, li, wu = case.order, Actor("person:li", ("handler",)), Actor("person:wu", ("handler",))
    assert case.complaint.order(visit).chosen == ("person:li",)
    assert [order.chosen for order in case.complaint.orders[:-1]] == [()] * (len(case.complaint.orders) - 1)
    assert (may_see(case.complaint, li), may_see(case.complaint, wu)) == (True, False)
    case.do(c.Dispatch("south", "hand_over"))
    case.do(c.AnswerOrder(case.order, "on leave", answers={"seller": "wu"}), handler_of("south"))
    assert case.complaint.order(visit).chosen == ("person:wu",)
    assert case.complaint.order(case.order).state.value == "answered"
    assert (may_see(case.complaint, li), may_see(case.complaint, wu)) == (False, True)
