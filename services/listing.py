"""Lists: complaints, and the work that waits for somebody, each bounded by what the reader may see."""

from __future__ import annotations

from domain.commands import Actor
from domain.errors import Refused
from services.connect import Connections
from services.masking import Personal, mask, seen_by
from services.reading import scope_of
from storage.queries import lists as list_queries
from storage.queries.lists import Filters, ListedComplaint
from storage.queries.pages import Page

__all__ = ["Filters", "Page", "complaints_page"]


async def complaints_page(
    connections: Connections, actor: Actor, filters: Filters, *, after: str = "", limit: int = 50
) -> Page[ListedComplaint]:
    """Complaints newest first, names masked for those who do not need them and then not found by either."""
    seen = seen_by(actor)
    try:
        page = await list_queries.complaints_page(
            connections.database,
            filters,
            units=scope_of(actor),
            reader=actor.id,
            names=Personal.NAME in seen,
            after=after,
            limit=limit,
        )
    except ValueError as error:
        raise Refused("invalid", "this is not where a page ended", fields={"after": str(error)}) from error
    if Personal.NAME in seen:
        connections.reads.note(actor, "list", (row.ref for row in page.items))
        return page
    return Page([row.masked(mask(row.customer_name, Personal.NAME, seen)) for row in page.items], page.after)
