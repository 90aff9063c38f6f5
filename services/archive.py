"""The numbered archive as its keepers read it: each its own, those above all of them."""

from __future__ import annotations

from collections.abc import Sequence

from domain.archive import UNIT
from domain.commands import Actor
from domain.errors import Refused
from services.connect import Connections
from services.reading import Case, scope_of
from storage.queries import archive as archive_queries
from storage.queries.archive import ArchivedComplaint, Number
from storage.queries.pages import Page


async def kept_by(
    connections: Connections,
    actor: Actor,
    keeper: str,
    *,
    procedure: str = "",
    year: int | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[ArchivedComplaint]:
    """What a keeper has, by number. ``keeper`` is ``organisation`` or ``unit:<id>``.

    Who is bound to units reads the archives of those only. Raises Refused: not_found, not_your_unit, invalid.
    """
    scope = scope_of(actor)
    if scope is not None and keeper.removeprefix(UNIT) not in (scope if keeper.startswith(UNIT) else ()):
        own = ", ".join(UNIT + unit for unit in scope) or "none"
        raise Refused("not_your_unit", f"you may read the archives of: {own}", fields={"keeper": own})
    try:
        return await archive_queries.kept_by(
            connections.database,
            keeper,
            procedure=procedure,
            year=year,
            reader=actor.id,
            after=after,
            limit=limit,
        )
    except ValueError as error:
        raise Refused("invalid", "this is not where a page ended", fields={"after": str(error)}) from error


async def numbers(connections: Connections, case: Case) -> Sequence[Number]:
    """The numbers of a complaint in the archives; one that was never closed is not even looked up."""
    if not case.complaint.archived:
        return ()
    return await archive_queries.numbers_of(connections.database, case.row.ref)
