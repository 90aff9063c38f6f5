"""How a complaint ends, and begins again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reopened:
    round: int
    reason: str
    kind: Literal["reopened"] = "reopened"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    reason: str
    kind: Literal["withdrawn"] = "withdrawn"


@dataclass(frozen=True, slots=True)
class Closed:
    """``referred`` names the ways outside the customer was referred to, where the reason refers."""

    reason: str
    note: str = ""
    referred: tuple[str, ...] = ()
    kind: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class Archived:
    """The closed case goes to the archives of ``keepers``: ``organisation`` or ``unit:<id>``.

    Each gives it the next number of ``year`` when this is recorded; who has it already keeps its number.
    """

    year: int
    keepers: tuple[str, ...]
    kind: Literal["archived"] = "archived"
