"""One complaint: its row, its events, and whether somebody may know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from domain.events import Event
from storage.engine import Database
from storage.queries.conflict import NOT_ABOUT_READER
from storage.queries.events import of_complaint, to_events
from storage.tables import complaints, customers, orders
from storage.tables import events as event_table


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """What is stored of a complaint beside its events. Instants are aware.

    Name, phone and e-mail are the customer's as known now; ``form`` is as filled in, personal data included.
    After ``redacted_at`` nothing of that is left.
    """

    ref: str
    procedure: str
    version: str
    fingerprint: str
    channel: str
    language: str
    customer_id: str
    customer_name: str
    customer_phone: str
    customer_email: str
    title: str
    summary: str
    form: Mapping[str, Any]
    facts: Mapping[str, str]
    status: str
    step: str
    round: int
    severity: str
    unit: str
    owner: str
    opened_at: datetime
    closed_at: datetime | None
    next_due: datetime | None
    breached: int
    major: bool
    repeat_of: str
    repeat_reason: str
    complained_of: Sequence[str]
    parent: str
    consequence: str
    seq: int
    draw: int
    created_at: datetime
    updated_at: datetime
    redacted_at: datetime | None


_FROM_CUSTOMER = {"customer_name": "name", "customer_phone": "phone", "customer_email": "email"}
_COLUMNS = [
    func.coalesce(
        func.nullif(customers.c[_FROM_CUSTOMER[name]], ""),
        complaints.c.customer_name if name == "customer_name" else "",
    ).label(name)
    if name in _FROM_CUSTOMER
    else complaints.c[name]
    for name in ComplaintRow.__slots__
]
_ONE = (
    select(*_COLUMNS)
    .select_from(complaints.outerjoin(customers, customers.c.id == complaints.c.customer_id))
    .where(complaints.c.ref == bindparam("ref"))
)
_EVENTS = (
    select(*(event_table.c[name] for name in ("seq", "at", "by", "kind", "data")))
    .where(event_table.c.ref == bindparam("ref"))
    .order_by(event_table.c.seq)
)
_FINGERPRINT = select(complaints.c.fingerprint, complaints.c.redacted_at).where(
    complaints.c.ref == bindparam("ref")
)
_OPEN = (
    select(complaints.c.ref)
    .where(complaints.c.closed_at.is_(None), complaints.c.ref > bindparam("after"))
    .order_by(complaints.c.ref)
    .limit(bindparam("limit"))
)
_OPEN_COUNT = select(func.count().label("open")).where(complaints.c.closed_at.is_(None))
_VISIBLE = select(
    exists().where(complaints.c.ref == bindparam("ref"), NOT_ABOUT_READER)
    & (
        bindparam("all", type_=complaints.c.major.type)
        | exists().where(
            complaints.c.ref == bindparam("ref"),
            bindparam("reader", type_=Text) == func.any(complaints.c.chosen),
        )
        | exists().where(
            orders.c.ref == bindparam("ref"),
            orders.c.unit == func.any(bindparam("units", type_=ARRAY(Text))),
        )
    )
)


async def with_events(database: Database, ref: str) -> tuple[ComplaintRow | None, list[Event]]:
    """A complaint's row and its events at one moment; None and none when there is no such complaint."""
    async with database.reading() as connection:
        row = (await connection.execute(_ONE, {"ref": ref})).first()
        if row is None:
            return None, []
        rows = (await connection.execute(_EVENTS, {"ref": ref})).all()
    return ComplaintRow(**row._asdict()), to_events(rows)


async def row(database: Database, ref: str) -> ComplaintRow | None:
    """A complaint's row alone; None when there is no such complaint."""
    found = await database.first(_ONE, {"ref": ref})
    return ComplaintRow(**found._asdict()) if found is not None else None


async def events(database: Database, ref: str, *, after: int = 0) -> list[Event]:
    """The events of a complaint in order, those with a sequence above ``after``; none if there is no such."""
    return await of_complaint(database, ref, after=after)


async def fingerprint(database: Database, ref: str) -> str | None:
    """The fingerprint of the procedure a complaint is pinned to; None when there is no such complaint."""
    found = await database.first(_FINGERPRINT, {"ref": ref})
    return found.fingerprint if found is not None else None


async def redacted_at(database: Database, ref: str) -> datetime | None:
    """When what is personal was taken out of a complaint; None when it still is there."""
    found = await database.first(_FINGERPRINT, {"ref": ref})
    return found.redacted_at if found is not None else None


async def open_refs(database: Database, *, after: str = "", limit: int = 500) -> list[str]:
    """References of complaints that are not closed, in order, those behind ``after``."""
    return [row.ref for row in await database.fetch(_OPEN, {"after": after, "limit": limit})]


async def count_open(database: Database) -> int:
    """How many complaints are not closed."""
    row = await database.first(_OPEN_COUNT)
    assert row is not None, "an aggregate always has a row"
    return int(row.open)


async def visible(database: Database, ref: str, units: Sequence[str] | None, reader: str = "") -> bool:
    """Whether the complaint is there and, when ``units`` bound the reader, for one of them or for the reader.

    ``reader`` is the actor's id; a complaint about them is not there (MFG-7).
    """
    parameters = {"ref": ref, "all": units is None, "units": list(units or ()), "reader": reader}
    found = await database.first(_VISIBLE, parameters)
    return bool(found and found[0])
