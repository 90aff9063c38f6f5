"""One complaint: its row, its events and the state they lead to."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from domain.events import Event
from storage.engine import Database
from storage.queries.events import of_complaint
from storage.tables import complaints

_FINGERPRINT = select(complaints.c.fingerprint).where(complaints.c.ref == bindparam("ref"))


async def fingerprint(database: Database, ref: str) -> str | None:
    """The fingerprint of the procedure a complaint is pinned to; None when there is no such complaint."""
    row = await database.first(_FINGERPRINT, {"ref": ref})
    return row.fingerprint if row is not None else None


async def events(database: Database, ref: str, *, after: int = 0) -> list[Event]:
    """The events of a complaint in order, those with a sequence above ``after``; none if there is no such."""
    return await of_complaint(database, ref, after=after)
