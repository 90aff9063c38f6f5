"""The condition language of procedures: a closed set of tests on the facts of a complaint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

FactValue = str | int | bool | Decimal | frozenset[str] | None


class Op(StrEnum):
    """How a test compares: membership, exclusion, lower bound (included), upper bound (excluded)."""

    IN = "in"
    NOT_IN = "not_in"
    FROM = "from"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of one fact. Values are kept as text; numbers compare as decimals."""

    fact: str
    op: Op
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """All tests must hold, and one of the alternatives if there are any; without either it always holds."""

    tests: tuple[Test, ...] = ()
    any_of: tuple[Condition, ...] = ()

    def holds(self, facts: Mapping[str, FactValue]) -> bool:
        """Whether the condition holds for ``facts``; a fact that is not known holds only ``not_in``."""
        if self.any_of and not any(alternative.holds(facts) for alternative in self.any_of):
            return False
        for test in self.tests:  # noqa: SIM110 - a generator here is a tenth of the time deciding takes
            if not _holds(test, facts.get(test.fact)):
                return False
        return True

    def in_short(self) -> str:
        """The condition as events keep it: ``severity in urgent/difficult, round from 3``."""
        told = [f"{test.fact} {test.op.value} {'/'.join(test.values)}" for test in self.tests]
        if self.any_of:
            told.append(" or ".join(alternative.in_short() for alternative in self.any_of))
        return ", ".join(told)


ALWAYS = Condition()


def _holds(test: Test, value: FactValue) -> bool:
    if test.op is Op.FROM or test.op is Op.BELOW:
        number = _as_number(value)
        if number is None:
            return False
        bound = Decimal(test.values[0])
        return number >= bound if test.op is Op.FROM else number < bound
    # Nearly every fact is a word, and every event has dozens of conditions looked at.
    present = value in test.values if isinstance(value, str) else not _as_words(value).isdisjoint(test.values)
    return present if test.op is Op.IN else not present


def _as_number(value: FactValue) -> Decimal | None:
    """Numbers filled into forms are facts as typed, that is as text."""
    if value is None or isinstance(value, frozenset):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _as_words(value: FactValue) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, frozenset):
        return value
    if isinstance(value, bool):
        return frozenset(("true" if value else "false",))
    return frozenset((str(value),))
