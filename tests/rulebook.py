"""Which test proves which rule: reads the rules, finds the marks in the tests, writes ``docs/coverage.md``.

.venv/bin/python -m tests.rulebook
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules.md"
PAGE = ROOT / "docs" / "coverage.md"
REAL = ("tests/rules/",)
"""Tests here drive a whole installation and look at it from outside: only they make a rule count."""

LATER: Mapping[str, str] = {
    "TEL-17": "the periodic analysis report of a partner",
    "TEL-18": "monthly KPI of partners",
    "TEL-19": "monthly KPI of partners",
    "BNK-11": "the half-yearly bulletin",
    "HOT-6": "statistics",
    "HFC-1": "hot spots",
    "HFC-2": "hot spots",
    "HFC-3": "early warning",
    "CON-5": "reviews of handling skill",
}
"""Rules that come after the nine procedures run: reports, statistics and reviews."""

PARTLY: Mapping[str, str] = {
    "MFG-4": "the monthly sum-up comes with the reports",
    "HOT-7": "the yearly casebook comes with the reports",
}

_ROW = re.compile(r"^\| ([A-Z]{3}-\d+) \| (.+) \|$", re.MULTILINE)
_TITLE = re.compile(r"^## (.+)$", re.MULTILINE)


class Proof(NamedTuple):
    """A test that carries a rule's id: its file from the root of the tree, and its name."""

    file: str
    test: str

    @property
    def is_real(self) -> bool:
        """Whether the test looks at a whole running installation."""
        return self.file.startswith(REAL)


def rules() -> dict[str, dict[str, str]]:
    """The rules by section: id and text."""
    parts = _TITLE.split(RULES.read_text("utf-8"))[1:]
    return {title: dict(_ROW.findall(body)) for title, body in zip(parts[::2], parts[1::2], strict=True)}


def proofs(folder: Path = ROOT / "tests") -> dict[str, list[Proof]]:
    """The tests by the ids they carry, in order of file and line."""
    found: defaultdict[str, list[Proof]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        file = path.relative_to(folder.parent).as_posix()
        for rule, test in _marks(ast.parse(path.read_text("utf-8"))):
            proof = Proof(file, test)
            if proof not in found[rule]:
                found[rule].append(proof)
    return dict(found)


def unknown(found: Mapping[str, list[Proof]]) -> dict[str, list[Proof]]:
    """What tests carry that is no rule."""
    known = {rule for section in rules().values() for rule in section}
    return {rule: tests for rule, tests in found.items() if rule not in known}


def page(found: Mapping[str, list[Proof]]) -> str:
    """The coverage page."""
    lines = [
        "# Rules and the tests that prove them",
        "",
        "<!-- written by `python -m tests.rulebook` from the tests' marks; a test fails when it is stale -->",
        "",
        "A rule of [rules.md](rules.md) is proved by a test that drives the whole system over HTTP and",
        "looks at what came of it: messages, rows, answers, money. Other tests with its id hold parts of it.",
    ]
    for title, section in rules().items():
        lines += ["", f"## {title}", "", "| rule | proved by | also held by |", "|---|---|---|"]
        lines += [_row(rule, found.get(rule, [])) for rule in section]
    return "\n".join(lines) + "\n"


def _row(rule: str, tests: list[Proof]) -> str:
    real = [test for test in tests if test.is_real]
    proved = "<br>".join(f"{_link(test)}" for test in real)
    if not real:
        proved = f"not yet: comes later, with {LATER[rule]}" if rule in LATER else "**no test yet**"
    elif rule in PARTLY:
        proved += f"<br>({PARTLY[rule]})"
    others = sorted({test.file for test in tests if not test.is_real})
    return f"| {rule} | {proved} | {'<br>'.join(f'[{_short(file)}](../{file})' for file in others)} |"


def _link(test: Proof) -> str:
    words = test.test.removeprefix("test_").replace("_", " ")
    return f"[{words}](../{test.file})"


def _short(file: str) -> str:
    return file.removeprefix("tests/").removesuffix(".py")


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each rule id a file's tests carry, with the test: decorated, in a parameter, or for the whole file."""
    tests = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    for test in tests:
        for decorator in test.decorator_list:
            for rule in _ids(decorator):
                yield rule, test.name
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            for rule in _ids(node.value):
                yield from ((rule, test.name) for test in tests)


def _ids(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


if __name__ == "__main__":
    PAGE.write_text(page(proofs()), encoding="utf-8")
