"""Authority: how far a role may settle a complaint on its own, and what happens beyond that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.conditions import ALWAYS, Condition

OWN = "true"
"""Among the words of the fact ``beyond_authority``: beyond that of whoever proposed."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What one role or office may settle: up to ``amount`` (None: any), and only what ``when`` holds for."""

    role: str
    amount: Decimal | None = None
    when: Condition = ALWAYS

    def reaches(self, facts: Mapping[str, Any]) -> bool:
        """Whether it reaches for the options on the table; ``facts`` tell their highest amount."""
        return (self.amount is None or facts["amount"] <= self.amount) and self.when.holds(facts)


def beyond(table: Sequence[Authority], facts: Mapping[str, Any], roles: Collection[str]) -> tuple[str, ...]:
    """The roles listed whose authority does not reach, with ``OWN`` first when none of ``roles`` does.

    Whoever is not listed has no authority of their own. Empty where a procedure lists nobody.
    """
    if not table:
        return ()
    short = tuple(one.role for one in table if not one.reaches(facts))
    reaching = any(one.role in roles and one.role not in short for one in table)
    return short if reaching else (OWN, *short)


def may_settle(table: Sequence[Authority], facts: Mapping[str, Any], roles: Collection[str]) -> bool:
    """Whether one of ``roles`` may agree to the options: those listed only as far as they reach."""
    listed = {one.role: one for one in table}
    return any(role not in listed or listed[role].reaches(facts) for role in roles)


def who_may(table: Sequence[Authority], facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles whose authority reaches for the options, in the order of the procedure."""
    return tuple(one.role for one in table if one.reaches(facts))
