"""Files made to hurt, by accident or not: each is told with its line at once, and none is raised or hangs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from procedures.loader import check
from procedures.organisation import problems_of
from tests.procedures.test_checker import GOOD

QUICK = 5.0
"""Seconds; each takes a fraction of one on an idle machine."""

VERSION, FACT = 'version: "1"', "{{ facts.kind }}"

ATTACKS = [
    # was, now, code, words, text on the line it must name
    (VERSION, "version: !v 1", "yaml", "tags (!v)", "!v 1"),
    (VERSION, "version: !!python/name:os.system x", "yaml", "not supported", "python"),
    (VERSION, 'version: "1"\norganisation: ' + "[" * 3000, "yaml", "nested", "organisation"),
    (VERSION, 'version: "1"\norganisation: ' + "{a: " * 3000, "yaml", "nested", "organisation"),
    (VERSION, "version: 1/../2", "name", "letters, digits", "1/../2"),
    (VERSION, "version: " + "1" * 41, "name", "at most 40", "version"),
    ("procedure: small", "procedure: " + "a" * 51, "name", "at most 50", "procedure"),
    (FACT, "{{ 'x' * 99999999 }}", "template", "cannot be filled in", "  opened:"),
    (FACT, "{{ 'x'.ljust(99999999) }}", "template", "cannot be filled in", "  opened:"),
    (FACT, "{{ '%099999999d' % 1 }}", "template", "cannot be filled in", "  opened:"),
    (FACT, "{{ 'x' | center(99999999) }}", "template", "No filter named 'center'", "  opened:"),
    (FACT, "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "template", "cannot be filled in", "  opened:"),
    (FACT, "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "template", "not understood", "  opened:"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "code", "words", "line"), ATTACKS)
def test_it_is_told_with_its_line_and_quickly(was: str, now: str, code: str, words: str, line: str) -> None:
    text = GOOD.replace(was, now)
    began = time.monotonic()
    found = check(text)
    assert time.monotonic() - began < QUICK
    matching = [one for one in found if one.code == code and words in one.message]
    assert matching, [str(one)[:200] for one in found]
    assert line in text.split("\n")[matching[0].line - 1]


@pytest.mark.parametrize("read", [check, problems_of], ids=["procedure", "organisation"])
@pytest.mark.parametrize("content", ["café\n".encode("latin-1"), "a: b\n".encode("utf-16")])
def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path, read, content: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"# first\n" + content)
    [problem] = read(path)
    assert (problem.file, problem.line, problem.code) == (str(path), 2, "yaml")
    assert "UTF-8" in problem.message
