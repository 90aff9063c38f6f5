"""Measures on a unit: cooperation suspended or ended, settlement stopped, an award forfeited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Measure(StrEnum):
    """The closed set of what a case can lead to for the unit it is about (TEL-21, BNK-10)."""

    SUSPEND = "suspend"  # no orders until lifted
    LIFT = "lift"  # suspensions end; an ended cooperation stays ended
    END_COOPERATION = "end_cooperation"  # no orders any more
    SUSPEND_SETTLEMENT = "suspend_settlement"  # no payments until lifted
    FORFEIT_AWARD = "forfeit_award"  # the award of the period is lost


KEEPING_FROM_ORDERS = frozenset((Measure.SUSPEND, Measure.END_COOPERATION))
"""The measures after which a unit gets no orders."""


class Standing(StrEnum):
    """Whether a unit may be given work."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class MeasureTaken:
    """A measure was taken on ``unit``; ``step`` is the step whose outcome it came from."""

    measure: str
    unit: str
    step: str = ""
    note: str = ""
    kind: Literal["measure_taken"] = "measure_taken"


def standing(measures: Iterable[str]) -> Standing:
    """Where a unit stands after these measures, the earliest first."""
    found = Standing.ACTIVE
    for measure in measures:
        if measure == Measure.END_COOPERATION:
            return Standing.ENDED
        if measure == Measure.SUSPEND:
            found = Standing.SUSPENDED
        elif measure == Measure.LIFT:
            found = Standing.ACTIVE
    return found


def settlement_suspended(measures: Iterable[str]) -> bool:
    """Whether the unit's settlement stands still after these measures, the earliest first."""
    found = False
    for measure in measures:
        if measure == Measure.SUSPEND_SETTLEMENT:
            found = True
        elif measure == Measure.LIFT:
            found = False
    return found
