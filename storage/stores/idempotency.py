"""Idempotency keys: the first answer to a request that may be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Interval, bindparam, case, delete, func, text, update
from sqlalchemy.dialects.postgresql import JSONB

from storage.canonical import clean
from storage.engine import Database
from storage.errors import KeyReused
from storage.tables import idempotency_keys as table

# A conflicting row is updated to what it is, because only then is it returned.
_CLAIM = text(
    "INSERT INTO idempotency_keys AS k (caller, key, request_hash) VALUES (:caller, :key, :request_hash) "
    "ON CONFLICT (caller, key) DO UPDATE SET key = k.key "
    "RETURNING request_hash, noted, status, response, k.xmax = 0 AS fresh"
).columns(response=JSONB)
_MINE = table.c.caller == bindparam("of_caller"), table.c.key == bindparam("of_key")
_NOTE = (
    update(table)
    .where(*_MINE)
    .values(noted=case((table.c.noted == "", bindparam("value")), else_=table.c.noted))
    .returning(table.c.noted)
)
_KEEP = (
    update(table)
    .where(*_MINE, table.c.status.is_(None))
    .values(status=bindparam("new_status"), response=bindparam("new_response", type_=table.c.response.type))
)
_FORGET = delete(table).where(table.c.created_at < func.now() - bindparam("age", type_=Interval))


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What is known of a request that came before; ``status`` is None while it was never answered."""

    noted: str
    status: int | None
    response: Any


async def claim(database: Database, caller: str, key: str, request_hash: bytes) -> KeptAnswer | None:
    """Claim a key for a request: None when it is new, else what is kept of the first one.

    Raises KeyReused when the key came before with another request.
    """
    row = await database.first(_CLAIM, {"caller": caller, "key": key, "request_hash": request_hash})
    assert row is not None, "an upsert returns its row"
    if row.fresh:
        return None
    if row.request_hash != request_hash:
        raise KeyReused("this key was used for another request; use a new one")
    return KeptAnswer(row.noted, row.status, row.response)


async def note(database: Database, caller: str, key: str, value: str) -> str:
    """Note a value under a claimed key; returns the one that was noted first."""
    row = await database.first(_NOTE, {"of_caller": caller, "of_key": key, "value": value})
    return row.noted if row is not None else value


async def keep(database: Database, caller: str, key: str, status: int, response: Any) -> None:
    """Keep the answer to a claimed request; the first one kept stays. ``response``: plain JSON types."""
    await database.run(
        _KEEP,
        {"of_caller": caller, "of_key": key, "new_status": status, "new_response": clean(response)},
    )


async def forget(database: Database, age: timedelta) -> int:
    """Forget keys older than ``age``; returns how many. A request repeated later is a new one."""
    return await database.run(_FORGET, {"age": age})
