"""A clock that runs until a day somebody fills in: due at the end of that day, and the day lies ahead."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain import commands as c
from domain.clockrule import ClockRule
from domain.conditions import ALWAYS
from domain.fields import FieldType, FormField
from domain.procedure import Procedure
from domain.step import Step, StepKind, Target
from domain.worktime import Limit, end_of
from tests.drive import AGENT, Case
from tests.storage.cases import small_procedure

BY = FormField("reply_by", FieldType.DATE, {"en": "By"})
FORM = Step(
    "form", StepKind.TASK, {"en": "Form"}, by=("agent",), requires=(BY,), outcomes={"sent": Target("next")}
)


def procedure() -> Procedure:
    """A form that names a day, then handling until then, or within two working days."""
    small = small_procedure()
    clock = ClockRule(
        "answer",
        {"en": "Answer"},
        starts=("dispatched",),
        stops=("answered", "recalled"),
        limits=((ALWAYS, Limit.parse("2wd")),),
        per="order",
        until="reply_by",
    )
    return replace(small, steps=(FORM, *small.steps), clocks=(clock,))


@pytest.mark.rule("MFG-3", "MFG-6")
def test_it_is_due_at_the_end_of_the_day_named() -> None:
    case = Case(procedure())
    case.do(c.FinishTask("sent", {"reply_by": "2026-03-05"}), AGENT)
    assert case.clock("answer").due_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC), "18:00 in China"
    case.pass_time("4wd")
    assert [fact.clock for fact in case.facts("clock_breached")] == ["answer#1"]


def test_where_no_day_is_named_the_limit_counts() -> None:
    case = Case(procedure())
    case.do(c.FinishTask("sent"), AGENT)
    assert case.clock("answer").due_at == datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@pytest.mark.rule("MFG-3")
def test_the_day_lies_ahead() -> None:
    case = Case(procedure())
    refusal = case.refused(c.FinishTask("sent", {"reply_by": "2026-03-01"}), AGENT)
    assert (refusal.code, list(refusal.fields)) == ("in_the_past", ["answers.reply_by"])
    case.do(c.FinishTask("sent", {"reply_by": "2026-03-02"}), AGENT)


def test_a_day_without_working_hours_ends_at_midnight() -> None:
    calendar = procedure().calendar
    assert end_of(calendar, date(2026, 3, 7)) == datetime(2026, 3, 7, 16, 0, tzinfo=UTC)
