"""Units and people, as they are listed."""

from __future__ import annotations

from collections.abc import Sequence

from services.connect import Connections
from storage.queries import directory as directory_queries
from storage.queries.directory import PersonRow, UnitRow


async def units(connections: Connections) -> Sequence[UnitRow]:
    """All units by id, also dissolved ones."""
    return await directory_queries.units(connections.database)


async def people(connections: Connections) -> Sequence[PersonRow]:
    """Everybody by id, with their posts."""
    return await directory_queries.people(connections.database)
