"""Measures on units as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.commands import Actor
from domain.errors import Refused
from domain.measures import settlement_suspended, standing
from services.connect import Connections
from storage.queries import directory as directory_queries
from storage.queries import measures as measure_queries
from storage.queries.measures import MeasureRow


@dataclass(frozen=True, slots=True)
class Taken:
    """Every measure on a unit, the earliest first, and where it stands after them."""

    standing: str
    settlement_suspended: bool
    measures: Sequence[MeasureRow]


async def of_unit(connections: Connections, actor: Actor, unit: str) -> Taken:
    """What was taken on a unit, without what the actor may not know of.

    Raises Refused("not_found") when there is no such unit.
    """
    if await directory_queries.unit(connections.database, unit) is None:
        raise Refused("not_found", f"there is no unit {unit!r}")
    names = [row.measure for row in await measure_queries.of_unit(connections.database, unit)]
    shown = await measure_queries.of_unit(connections.database, unit, reader=actor.id)
    return Taken(standing(names).value, settlement_suspended(names), shown)
