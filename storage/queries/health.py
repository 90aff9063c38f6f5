"""What tells whether the database is in order: its migration, its clock, and signs of trouble in the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, column, func, select, table

from domain.messages import MessageState
from storage.engine import Database
from storage.tables import complaints, messages, superseded_events

_CLOCK: Select[*tuple[Any, ...]] = select(
    func.clock_timestamp().label("now"), func.current_setting("server_version").label("version")
)
_MIGRATED: Select[*tuple[Any, ...]] = select(func.to_regclass("alembic_version"))
_REVISIONS: Select[*tuple[Any, ...]] = select(column("version_num")).select_from(table("alembic_version"))
_SUPERSEDED: Select[*tuple[Any, ...]] = select(
    func.count().label("events"), func.max(superseded_events.c.superseded_at).label("last_at")
)
_OLDEST = select(func.min(messages.c.created_at)).where(messages.c.state == MessageState.PENDING.value)
_NEWEST = (
    select(complaints.c.ref)
    .where(complaints.c.seq > 0)
    .order_by(complaints.c.opened_at.desc(), complaints.c.ref.desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Server:
    """The database server: its version and what time it thinks it is."""

    version: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Superseded:
    """Events that were set aside: how many, and when the last one was."""

    count: int
    last_at: datetime | None


async def server(database: Database) -> Server:
    """The server's version and clock; raises as any query does when it cannot be reached."""
    row = await database.first(_CLOCK)
    assert row is not None, "it always has a row"
    return Server(str(row.version).split(" ", maxsplit=1)[0], row.now)


async def revisions(database: Database) -> Sequence[str]:
    """The migrations the database stands at; none when it was never migrated."""
    found = await database.first(_MIGRATED)
    if found is None or found[0] is None:
        return ()
    return [row.version_num for row in await database.fetch(_REVISIONS)]


async def superseded(database: Database) -> Superseded:
    """Events an attempt recorded that its workflow never confirmed."""
    row = await database.first(_SUPERSEDED)
    assert row is not None, "an aggregate always has a row"
    return Superseded(row.events, row.last_at)


async def oldest_pending(database: Database) -> datetime | None:
    """Since when the oldest message waits to be sent."""
    row = await database.first(_OLDEST)
    return row[0] if row is not None else None


async def newest(database: Database, limit: int) -> list[str]:
    """References of the newest complaints that have events, to look at more closely."""
    return [row.ref for row in await database.fetch(_NEWEST, {"limit": limit})]
