"""The events of a complaint, as the domain knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

import wire
from domain.events import Event
from storage.engine import Database
from storage.tables import events

_OF = (
    select(events.c.seq, events.c.at, events.c.by, events.c.kind, events.c.data)
    .where(events.c.ref == bindparam("ref"), events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
)


async def of_complaint(database: Database, ref: str, *, after: int = 0) -> list[Event]:
    """The events of a complaint in order, those with a sequence above ``after``; none if there is no such."""
    return to_events(await database.fetch(_OF, {"ref": ref, "after": after}))


def to_events(rows: Sequence[Row[Any]]) -> list[Event]:
    """Rows with seq, at, by, kind and data as domain events."""
    return [
        Event(seq=r.seq, at=r.at, by=r.by, fact=wire.fact_from_data({**r.data, "kind": r.kind})) for r in rows
    ]
