"""What intake accepted and the relay has still to start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from storage.engine import Database
from storage.tables import intake_outbox

_PAYLOAD = select(intake_outbox.c.payload).where(intake_outbox.c.ref == bindparam("ref"))
_BACKLOG = select(func.count().label("waiting"), func.min(intake_outbox.c.created_at).label("oldest")).where(
    intake_outbox.c.started_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many complaints wait for their workflow, and since when the oldest does."""

    count: int
    oldest: datetime | None


async def payload(database: Database, ref: str) -> Mapping[str, Any] | None:
    """What the workflow of a complaint is to be started with; None when intake never accepted it."""
    row = await database.first(_PAYLOAD, {"ref": ref})
    return row.payload if row is not None else None


async def backlog(database: Database) -> Backlog:
    """What the relay has before it."""
    row = await database.first(_BACKLOG)
    assert row is not None, "an aggregate always has a row"
    return Backlog(row.waiting, row.oldest)
