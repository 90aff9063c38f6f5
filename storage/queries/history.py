"""How many earlier cases there are of some kind, all asked for in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, cast, func, literal, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Text

from storage.engine import Database
from storage.tables import complaints

MOST = 1000
"""Earlier cases that are counted for one question."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Which cases are counted under a name: of a procedure, since an instant (aware), with these facts.

    ``unit`` None: of whatever unit. ``ended``: only those closed with one of these reasons.
    """

    name: str
    procedure: str
    since: datetime
    unit: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    ended: Sequence[str] = ()


async def count(database: Database, asked: Sequence[Earlier], *, but: str = "") -> dict[str, int]:
    """How many cases there are of each kind, counted up to ``MOST``; the case ``but`` does not count."""
    if not asked:
        return {}
    parts = [
        select(cast(literal(one.name), Text).label("name"), func.count().label("found")).select_from(
            select(literal_column("1")).where(*_conditions(one, but)).limit(MOST).subquery()
        )
        for one in asked
    ]
    return {row.name: row.found for row in await database.fetch(union_all(*parts))}


def _conditions(one: Earlier, but: str) -> list[ColumnElement[bool]]:
    c = complaints.c
    found: list[ColumnElement[Any]] = [c.procedure == one.procedure, c.opened_at >= one.since, c.ref != but]
    if one.unit is not None:
        found.append(c.unit == one.unit)
    if one.facts:
        found.append(c.facts.contains(cast(dict(one.facts), JSONB)))
    if one.ended:
        found.append(c.closing_reason.in_(list(one.ended)))
    return found
