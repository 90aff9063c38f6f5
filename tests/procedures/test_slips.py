"""Slips of the pen all over the shipped files: the checker tells each with place and words, never fails."""

from __future__ import annotations

import random

import pytest

from procedures.loader import PACKS, check, packs
from procedures.organisation import ORGANISATIONS, organisations, problems_of
from procedures.problems import Problem

SLIPS = 12
VALUES = (
    "5", "true", "[]", "{}", "{a: b}", "[1, 2]", "''", "~", "-1", "1e9", "x y", "2026-13-40", "99999999999wd",
    "'{{ x }}'", "*a", "next:", "unit:", "chosen:zz", "entered:zz", "customer",
)  # fmt: skip


def slipped(text: str, chance: random.Random) -> str:
    """The file with one to three slips: lines lost, doubled, moved, or saying something else."""
    lines = text.splitlines()
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        key, colon, _ = lines[at].partition(":")
        match chance.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = f"  {lines[at]}" if chance.random() < 0.5 else lines[at].removeprefix("  ")
            case 4 if words := lines[at].split():
                lines[at] = lines[at].replace(chance.choice(words), chance.choice(VALUES), 1)
            case _ if colon:
                lines[at] = f"{key}: {chance.choice(VALUES)}"
    return "\n".join(lines) + "\n"


def told(problems: list[Problem]) -> bool:
    """Whether each problem has a place, a code and a sentence."""
    return all(one.file and one.line > 0 and one.code and len(one.message) > 10 for one in problems)


@pytest.mark.parametrize("name", packs())
def test_slips_in_a_procedure_are_told_and_never_make_the_checker_fail(name: str) -> None:
    text, chance = (PACKS / f"{name}.yaml").read_text("utf-8"), random.Random(name)
    found = [check(slipped(text, chance)) for _ in range(SLIPS)]
    assert all(told(problems) for problems in found)
    assert sum(map(bool, found)) >= SLIPS / 4


@pytest.mark.parametrize("name", organisations())
def test_slips_in_an_organisation_are_told_and_never_make_its_reader_fail(name: str) -> None:
    text, chance = (ORGANISATIONS / f"{name}.yaml").read_text("utf-8"), random.Random(name)
    assert all(told(problems_of(slipped(text, chance))) for _ in range(SLIPS))
