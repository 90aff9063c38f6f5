"""The page that says which test proves which rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from procedures.loader import packs
from procedures.organisation import organisations
from tests import rulebook
from tests.rulebook import Proof
from tests.rules import worked


def test_every_id_a_test_carries_is_a_rule() -> None:
    assert rulebook.unknown(rulebook.proofs()) == {}


def test_the_rules_are_all_there_and_what_comes_later_is_among_them() -> None:
    known = [rule for section in rulebook.rules().values() for rule in section]
    assert len(known) == len(set(known)) == 103
    assert set(rulebook.LATER) | set(rulebook.PARTLY) <= set(known)


def test_marks_are_found_wherever_they_stand(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "test_a.py").write_text(
        'import pytest\npytestmark = pytest.mark.rule("TEL-1")\n'
        '@pytest.mark.rule("TEL-2", "TEL-3")\nasync def test_x(): ...\n'
        '@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.rule("TEL-4"))])\n'
        "def test_y(n): ...\n"
    )
    found = rulebook.proofs(folder)
    x, y = (Proof("tests/rules/test_a.py", name) for name in ("test_x", "test_y"))
    assert found == {"TEL-1": [x, y], "TEL-2": [x], "TEL-3": [x], "TEL-4": [y]}
    assert rulebook.unknown({"TEL-99": [x], "TEL-1": [y]}) == {"TEL-99": [x]}


def test_only_a_test_of_the_whole_system_makes_a_rule_count() -> None:
    rows = rulebook.page({"CRR-4": [Proof("tests/domain/test_a.py", "test_x")]}).splitlines()
    (row,) = [row for row in rows if row.startswith("| CRR-4 ")]
    assert "no test yet" in row
    assert "[domain/test_a](../tests/domain/test_a.py)" in row
    assert any("TEL-17" in row and "comes later" in row for row in rows)


def test_the_page_is_not_stale() -> None:
    stale = rulebook.PAGE.read_text("utf-8") != rulebook.page(rulebook.proofs())
    assert not stale, "run `python -m tests.rulebook`"


def test_every_rule_that_is_not_for_later_has_a_test_through_the_whole_system() -> None:
    found = rulebook.proofs()
    known = [rule for section in rulebook.rules().values() for rule in section]
    proved = {rule for rule, tests in found.items() if any(test.is_real for test in tests)}
    assert [rule for rule in known if rule not in proved and rule not in rulebook.LATER] == []


@pytest.mark.parametrize("name", sorted(set(packs()) - {"consumer-finance"}))
def test_every_procedure_of_the_rules_has_its_organisation_story_worked_case_and_history(name: str) -> None:
    assert name in organisations()
    assert (rulebook.ROOT / "tests" / "rules" / f"test_{name.replace('-', '_')}_story.py").is_file()
    assert worked.is_written(name)
