"""What is wrong with a procedure file: each problem with its file, line and a sentence on how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.errors import ProcedureError
from domain.spelling import did_you_mean, one_of

__all__ = ["Findings", "Place", "Problem", "ProcedureProblems", "did_you_mean", "one_of"]


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
