"""What is wrong with a procedure file: each problem with its file, line and a sentence on how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from typing import NamedTuple

from domain.errors import ProcedureError


class Place(NamedTuple):
    """Where something stands: the file's name and the line, counted from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that must be mended. ``code`` is stable and machine-readable, ``message`` is for a person."""

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} [{self.code}]"


class ProcedureProblems(ProcedureError):
    """A procedure cannot be used; ``problems`` holds everything that is wrong with it, in order of lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(slots=True)
class Findings:
    """Collects problems, so that all are reported at once."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, place: Place, code: str, message: str) -> None:
        """Note a problem; the same one is noted once."""
        problem = Problem(place.file, place.line, code, message)
        if problem not in self.problems:
            self.problems.append(problem)


def one_of(words: Iterable[str]) -> str:
    """The words as a list for a message: ``a, b or c``."""
    known = list(words)
    if len(known) < 2:
        return known[0] if known else "nothing"
    return f"{', '.join(known[:-1])} or {known[-1]}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that a misspelt one is most like; empty when it is like none."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.7)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a misspelt word: the nearest known one, else all of them."""
    words = list(known)
    near = nearest(word, words)
    return f"did you mean {near!r}?" if near else f"use {one_of(words)}"


def nearest_first(word: str, known: Iterable[str]) -> list[str]:
    """The known words, the most like a misspelt one first."""
    return sorted(known, key=lambda one: (-SequenceMatcher(None, one, word).ratio(), one))
