"""Beginning a procedure: whatever is answered, the checker has nothing against the file, and it runs."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.errors import Refused
from domain.events import Option, Remedy
from procedures.loader import load_procedure
from procedures.scaffold import Answers, draft, problems, word_for
from tests.drive import Case, handler_of

SHOP = Answers("corner-shop", "SHOP", {"en": "Complaints"}, approval_from="50")


@pytest.mark.parametrize(
    "answers",
    [
        SHOP,
        Answers("small", "S", {"en": "Small"}, calls=0),
        Answers("danwei", "DW", {"zh": "单位投诉"}, kinds={"other": {"zh": "其他"}}, holidays="cn"),
        Answers("both", "B", {"en": "Both: \"1\", '2'", "zh": "两种"}, organisation="The {{ shop }}: #1"),
        Answers("hours", "H", {"en": "Hours"}, hours="mon-fri 09:00-12:00 13:00-17:00, sat 10:00-12:00"),
    ],
    ids=lambda answers: answers.name,
)
def test_a_draft_has_no_problem_and_says_what_was_answered(answers: Answers) -> None:
    text = draft(answers)
    assert problems(text) == []
    procedure = load_procedure(text)
    assert (procedure.name, procedure.prefix) == (answers.name, answers.prefix)
    assert dict(procedure.title) == answers.titles
    assert procedure.vocabulary == {"kind": tuple(answers.kinds)}
    assert procedure.organisation == answers.organisation
    assert ("callback" in [step.name for step in procedure.steps]) == bool(answers.calls)
    assert ("approve" in [step.name for step in procedure.steps]) == bool(answers.approval_from)


def test_a_draft_runs_to_a_satisfied_customer() -> None:
    case = Case(load_procedure(draft(SHOP)), {})
    case.do(c.Dispatch(unit="counter"))
    case.do(c.AnswerOrder("1", "True."), handler_of("counter"))
    case.do(c.Propose(options=(Option("", "We repair it", (Remedy("repair"),)),)))
    case.do(c.Accept("1"))
    case.do(c.Fulfil("done"))
    case.do(c.RecordCallback("satisfied"))
    assert case.complaint.closing_reason == "satisfied"


def test_what_cannot_be_written_is_said() -> None:
    with pytest.raises(Refused, match="languages") as caught:
        draft(Answers("x", "X", {"fr": "Plaintes"}))
    assert "fr" in caught.value.reason
    assert any(
        "time zone" in p.message for p in problems(draft(Answers("x", "X", {"en": "X"}, timezone="Mars")))
    )


def test_a_kind_gets_a_word_from_its_title() -> None:
    assert word_for("Lost parcel!") == "lost_parcel"
    assert word_for("商品", ["goods"]) == "kind_2"
    assert word_for("24 hours") == "kind_1"
