"""A choice is one between several solutions where the procedure says so (HOT-2)."""

from domain import commands as c
from domain.events import Option
from procedures.loader import check
from tests.domain.test_guidance import at
from tests.domain.test_route import small
from tests.drive import Case
from tests.procedures.test_checker import GOOD

PROPOSE = "propose: {kind: propose, title: {en: Proposal}}"


def test_fewer_solutions_than_the_procedure_asks_for_are_refused():
    case = at(Case(small((PROPOSE, PROPOSE.replace("}}", "}, at_least: 2}")))), "propose")
    one, two = Option(text="a new one"), Option(text="the price")
    refusal = case.refused(c.Propose((one,)))
    assert (refusal.code, refusal.fields) == ("too_few", {"options": "at least 2"})
    case.do(c.Propose((one, two)))
    assert [option.id for option in case.complaint.options] == ["1", "2"]


def test_how_many_is_a_sensible_number_and_said_where_solutions_are_proposed():
    found = check(GOOD.replace(PROPOSE, PROPOSE.replace("}}", "}, at_least: 50}")))
    assert [problem.code for problem in found] == ["range"]
    found = check(GOOD.replace("    kind: decide\n", "    kind: decide\n    at_least: 2\n"))
    assert [problem.code for problem in found] == ["unknown_key"]
