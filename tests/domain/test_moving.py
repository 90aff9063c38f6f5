"""Moving an open complaint to another version of its procedure."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain import commands as c
from domain.clockrule import ClockRule, Rung
from domain.procedure import Procedure
from domain.worktime import Limit
from procedures.loader import load_pack
from tests.drive import AGENT, Case

TELECOM = load_pack("telecom-si")
FACTS = {"kind": "complaint", "party": "si", "severity": "urgent", "matter": "other"}


def next_version(**changes: object) -> Procedure:
    """The telecom procedure of next year."""
    return replace(TELECOM, version="next", **changes)


def clocks_with(name: str, **changes: object) -> tuple[ClockRule, ...]:
    """The clocks of the telecom procedure, one of them changed."""
    return tuple(replace(r, **changes) if r.name == name else r for r in TELECOM.clocks)


def dispatched() -> Case:
    """An urgent complaint, dispatched at nine on a Monday: to be replied to in 24 hours."""
    case = Case(TELECOM, FACTS)
    case.do(c.Dispatch(unit="si-alpha"))
    return case


def test_what_runs_keeps_its_limit_and_what_starts_later_takes_the_new_one() -> None:
    case = dispatched()
    due = case.clock("reply").due_at
    shorter = next_version(
        clocks=clocks_with("reply", limits=((TELECOM.clocks[0].limits[2][0], Limit.parse("6h")),))
    )
    case.do(c.MoveProcedure("next", "a shorter limit", shorter))
    assert case.clock("reply").due_at == due
    assert (case.facts("procedure_moved")[0].procedure, case.procedure.version) == ("telecom-si", "next")
    case.do(c.AnswerOrder(order="1", result="done"))
    case.do(c.SendBackOrder(order="1", reason="the cause is missing"))
    assert case.clock("reply").limit == Limit.parse("6h")


def test_running_clocks_go_by_the_new_calendar() -> None:
    """The reason to move in autumn: the holidays of next year have been announced."""
    case = Case(TELECOM, FACTS | {"kind": "consultation"})
    assert case.clock("first_dispatch").due_at == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    shut = replace(TELECOM.calendar, holidays=frozenset((*TELECOM.calendar.holidays, case.now.date())))
    case.do(c.MoveProcedure("next", "closed today", next_version(calendar=shut)))
    assert case.clock("first_dispatch").due_at == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


def test_rungs_climbed_before_a_hold_are_not_climbed_again_after_a_move() -> None:
    case = dispatched()
    case.pass_time("30h")
    climbed = case.ladder("reply")
    assert climbed
    case.do(c.Hold("the customer is away"))
    case.do(c.MoveProcedure("next", "a new year", next_version()))
    case.do(c.Resume())
    case.pass_time("1m")
    assert case.ladder("reply") == climbed


def test_a_deadline_that_lies_behind_in_the_new_version_is_breached_at_once() -> None:
    day = TELECOM.calendar.weekly[0]
    longer = replace(TELECOM.calendar, weekly=(((0, day[0][1]),), *TELECOM.calendar.weekly[1:]))
    sooner = clocks_with("first_dispatch", ladder=(Rung(to=("owner",), share=10), Rung(to=("duty",))))
    case = Case(TELECOM, FACTS | {"kind": "consultation"}, at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC))
    case.pass_time(datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    kinds = [
        e.fact.kind
        for e in case.do(
            c.MoveProcedure("next", "open at night", next_version(calendar=longer, clocks=sooner))
        )
    ]
    assert kinds == ["procedure_moved", "clock_breached", "escalated"]
    assert case.ladder("first_dispatch")[-1][1] == ("duty",)


@pytest.mark.parametrize(
    ("to", "field"),
    [
        (next_version(steps=TELECOM.steps[:1]), "step.handle"),
        (next_version(purposes=TELECOM.purposes[1:]), "order.1"),
        (next_version(clocks=()), "clock.reply#1"),
        (next_version(vocabulary={**TELECOM.vocabulary, "matter": ("charges",)}), "facts.matter"),
    ],
)
def test_a_version_that_lacks_what_the_case_is_in_the_middle_of_is_refused(to: Procedure, field: str) -> None:
    refusal = dispatched().refused(c.MoveProcedure("next", "because", to))
    assert refusal.code == "does_not_fit"
    assert field in refusal.fields


def test_only_another_stored_version_of_the_same_procedure_will_do() -> None:
    case = dispatched()
    courier = replace(load_pack("courier"), version="next")
    assert case.refused(c.MoveProcedure("next", "because")).code == "no_such_version"
    assert case.refused(c.MoveProcedure("next", "because", courier)).code == "no_such_version"
    assert case.refused(c.MoveProcedure(TELECOM.version, "because", TELECOM)).code == "same_version"
    assert case.refused(c.MoveProcedure("next", " ", next_version())).code == "missing"
    assert case.refused(c.MoveProcedure("next", "because", next_version()), AGENT).code == "not_your_role"
