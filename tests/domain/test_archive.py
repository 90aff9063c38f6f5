"""The archive: a closed complaint goes once to every keeper its procedure names."""

from dataclasses import replace

import pytest

from domain import commands as c
from procedures.loader import load_procedure
from tests.drive import CUSTOMER, SUPERVISOR, Case
from tests.procedures.test_checker import GOOD

KEPT = GOOD.replace(
    "rounds: {start_at: handle}",
    "rounds: {start_at: handle}\narchive: {keepers: [organisation, unit, superior, order_units, unit:south]}",
)
PROCEDURE = load_procedure(KEPT)


def closed(case):
    case.do(c.AnswerOrder(case.order, "Found."))
    case.do(c.Withdraw())
    return case


@pytest.mark.rule("BNK-12", "MFG-19", "CRR-11")
def test_a_closed_complaint_goes_to_each_keeper_once():
    case = closed(Case(PROCEDURE, {"kind": "parcel"}, unit="branch", unit_above="bank"))
    assert case.kinds()[-2:] == ["closed", "archived"]
    (fact,) = case.facts("archived")
    assert fact.year == 2026
    assert fact.keepers == ("organisation", "unit:branch", "unit:bank", "unit:north", "unit:south")
    case.do(c.Reopen("The letter came back."), SUPERVISOR)
    closed(case)
    assert len(case.facts("archived")) == 1


def test_a_keeper_that_comes_later_gets_it_at_the_next_closing():
    case = Case(PROCEDURE, {"kind": "parcel"})
    case.do(c.Withdraw())
    assert case.facts("archived")[0].keepers == ("organisation", "unit:south")
    case.do(c.Reopen("Still there."), CUSTOMER)
    closed(case)
    assert case.facts("archived")[1].keepers == ("unit:north",)


def test_the_year_is_that_of_the_procedure_s_own_calendar():
    east = replace(PROCEDURE, calendar=replace(PROCEDURE.calendar, timezone="Asia/Shanghai"))
    case = Case(east, {"kind": "parcel"})
    case.pass_time(case.now.replace(month=12, day=31, hour=17))
    case.do(c.Withdraw())
    assert case.facts("archived")[0].year == 2027


def test_nothing_is_archived_unless_the_procedure_says_so():
    assert "archived" not in closed(Case(load_procedure(GOOD), {"kind": "parcel"})).kinds()
