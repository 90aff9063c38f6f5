"""A measured figure: its rounds, its target, and whether the machine was quiet enough to judge it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

NOISY = 0.25
"""Rounds that differ by more than this share of their median tell of the machine, not of the code."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach: at least, or at most, ``bound``."""

    sense: Literal[">=", "<="]
    bound: float

    def met(self, value: float) -> bool:
        """Whether ``value`` is good enough."""
        return value >= self.bound if self.sense == ">=" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:g}"


def at_least(bound: float) -> Target:
    """A target that is met by ``bound`` and everything above."""
    return Target(">=", bound)


def at_most(bound: float) -> Target:
    """A target that is met by ``bound`` and everything below."""
    return Target("<=", bound)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result. Without a target it is there to understand the others.

    ``note`` says what was measured with, or what has to be known to read the value. ``disturbed``: other
    programs kept the machine busy meanwhile. The value of what could not be measured is not a number.
    """

    name: str
    value: float
    unit: str
    rounds: tuple[float, ...]
    target: Target | None = None
    note: str = ""
    disturbed: bool = False

    @property
    def ok(self) -> bool:
        """Whether it was measured and the target, if there is one, is met."""
        return not math.isnan(self.value) and (self.target is None or self.target.met(self.value))

    @property
    def spread(self) -> float:
        """How far the rounds lie apart, as a share of their median; 0 for fewer than two."""
        middle = median(self.rounds) if self.rounds else 0.0
        if len(self.rounds) < 2 or not middle:
            return 0.0
        return (max(self.rounds) - min(self.rounds)) / abs(middle)

    @property
    def is_of_time(self) -> bool:
        """Whether other programs change it: times, rates and what they give; not what is counted."""
        return self.unit not in ("events", "KB")

    @property
    def noisy(self) -> bool:
        """Whether the rounds differ too much to judge by, or others were at work."""
        return self.disturbed or self.spread > NOISY

    def as_row(self) -> dict[str, Any]:
        """The figure as it is written to JSON; numbers with four significant digits."""
        row = asdict(self)
        return {
            "name": row["name"],
            "value": None if math.isnan(self.value) else _short(self.value),
            "unit": row["unit"],
            "target": str(self.target) if self.target else None,
            "ok": self.ok,
            "rounds": [_short(value) for value in self.rounds],
            "noisy": self.noisy,
            "note": row["note"],
        }


def unmeasured(name: str, why: str) -> Figure:
    """What stands in the result for a measurement that came to no end."""
    return Figure(f"{name}: not measured", math.nan, "", (), note=why)


def figure(
    name: str, rounds: Sequence[float], unit: str, target: Target | None = None, note: str = ""
) -> Figure:
    """A figure whose value is the median of its rounds."""
    return Figure(name, median(rounds), unit, tuple(rounds), target, note)


def ratio(
    name: str, ours: Sequence[float], bare: Sequence[float], target: Target | None = None, note: str = ""
) -> Figure:
    """Ours against bare code: the ratio of medians, with the ratio of each round to see the spread.

    The rounds must have been measured in turn, so that both sides of a pair saw the same machine.
    """
    pairs = tuple(mine / other for mine, other in zip(ours, bare, strict=True))
    return Figure(name, median(ours) / median(bare), "x", pairs, target, note)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered), -int(-share * len(ordered) // 1)) - 1)]


def _short(value: float) -> float:
    return float(f"{value:.4g}")
