"""Earlier complaints of a customer: what a new one may repeat (TEL-9), and their history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from storage.engine import Database
from storage.queries.lists import Filters, ListedComplaint, complaints_page
from storage.tables import complaints as table
from storage.tables import events

_UNSATISFIED = (
    exists()
    .where(
        events.c.ref == table.c.ref,
        (events.c.kind == "customer_rejected")
        | ((events.c.kind == "callback_made") & (events.c.data["outcome"].astext == "dissatisfied")),
    )
    .label("unsatisfied")
)
_EARLIER = (
    select(
        table.c.ref,
        table.c.repeat_of,
        table.c.status,
        table.c.opened_at,
        (table.c.breached > 0).label("breached"),
        _UNSATISFIED,
    )
    .where(
        table.c.customer_id == bindparam("customer_id"),
        table.c.procedure == bindparam("procedure"),
        table.c.opened_at >= bindparam("since"),
        table.c.facts.contains(bindparam("facts", type_=table.c.facts.type)),
    )
    .order_by(table.c.opened_at.desc(), table.c.ref.desc())
    .limit(100)
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier complaint; ``unsatisfied``: a proposal was rejected or a callback found dissatisfaction."""

    ref: str
    repeat_of: str
    status: str
    opened_at: datetime
    breached: bool
    unsatisfied: bool


async def earlier(
    database: Database, *, customer_id: str, procedure: str, facts: Mapping[str, str], since: datetime
) -> list[Earlier]:
    """The complaints of a customer with the same values of ``facts`` since an instant, newest first.

    None for a customer nobody knows (empty id).
    """
    if not customer_id:
        return []
    rows = await database.fetch(
        _EARLIER,
        {"customer_id": customer_id, "procedure": procedure, "since": since, "facts": dict(facts)},
    )
    return [Earlier(**row._asdict()) for row in rows]


async def history(database: Database, customer_id: str, *, limit: int = 50) -> list[ListedComplaint]:
    """The complaints of a customer, newest first."""
    page = await complaints_page(database, Filters(customer_id=customer_id), limit=limit)
    return list(page.items)
