"""The complaints of a customer."""

from __future__ import annotations

from storage.engine import Database
from storage.queries.lists import Filters, ListedComplaint, complaints_page


async def history(
    database: Database, customer_id: str, *, reader: str = "", limit: int = 50
) -> list[ListedComplaint]:
    """The complaints of a customer, newest first; none about ``reader``, an actor's id."""
    page = await complaints_page(database, Filters(customer_id=customer_id), reader=reader, limit=limit)
    return list(page.items)
