"""Idempotency keys: the first answer to a request that may be repeated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Interval, and_, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from storage.canonical import clean
from storage.engine import Database
from storage.errors import KeyReused
from storage.tables import idempotency_keys as table

# A conflicting row is updated to what it is, because only then is it returned.
_CLAIM = text(
    "INSERT INTO idempotency_keys AS k (caller, key, request_hash) VALUES (:caller, :key, :request_hash) "
    "ON CONFLICT (caller, key) DO UPDATE SET key = k.key "
    "RETURNING request_hash, status, response, k.xmax = 0 AS fresh, now() - k.created_at AS age"
).columns(response=JSONB, age=Interval)
_MINE = table.c.caller == bindparam("of_caller"), table.c.key == bindparam("of_key")
_KEEP = (
    update(table)
    .where(*_MINE, table.c.status.is_(None))
    .values(status=bindparam("new_status"), response=bindparam("new_response", type_=table.c.response.type))
)
# The answer to a request that was not claimed before; one that was claimed and never answered gets it too.
_NEW = insert(table).values(
    {name: bindparam(name, type_=table.c[name].type) for name in ("caller", "key", "request_hash")}
    | {"status": bindparam("answer_status"), "response": bindparam("response", type_=table.c.response.type)}
)
_ANSWER = _NEW.on_conflict_do_update(
    index_elements=["caller", "key"],
    set_={"status": _NEW.excluded.status, "response": _NEW.excluded.response},
    where=and_(table.c.status.is_(None), table.c.request_hash == _NEW.excluded.request_hash),
).returning(table.c.key)
ANSWER_GIVEN = (
    "INSERT INTO idempotency_keys AS k (caller, key, request_hash, status, response) "
    "SELECT caller, key, decode(request_hash, 'hex'), answer_status, response FROM given "
    "ON CONFLICT (caller, key) DO UPDATE SET status = excluded.status, response = excluded.response "
    "WHERE k.status IS NULL AND k.request_hash = excluded.request_hash RETURNING k.caller, k.key"
)
"""The same within a greater statement, for those in its ``given``: a row for each answer that it keeps."""
_KEPT = select(table.c.request_hash, table.c.status, table.c.response).where(*_MINE)
_RELEASE = delete(table).where(*_MINE, table.c.status.is_(None))
_FORGET = delete(table).where(table.c.created_at < func.now() - bindparam("age", type_=Interval))


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that may come more than once: whose, under which key, and the SHA-256 of what it says."""

    caller: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What is known of a request that came before; ``status`` is None while it was never answered.

    ``age``: how long ago it was claimed, where it was asked.
    """

    status: int | None
    response: Any
    age: timedelta = timedelta.max


async def claim(database: Database, wanted: Claim) -> KeptAnswer | None:
    """Claim a key for a request: None when it is new, else what is kept of the first one.

    Raises KeyReused when the key came before with another request.
    """
    values = {"caller": wanted.caller, "key": wanted.key, "request_hash": wanted.request_hash}
    row = await database.first(_CLAIM, values)
    assert row is not None, "an upsert returns its row"
    if row.fresh:
        return None
    return replace(kept_for(wanted, row.request_hash, row.status, row.response), age=row.age)


def kept_for(wanted: Claim, request_hash: bytes, status: int | None, response: Any) -> KeptAnswer:
    """What is stored under the key of a request; raises KeyReused when it belongs to another one."""
    if request_hash != wanted.request_hash:
        raise KeyReused("this key was used for another request; use a new one")
    return KeptAnswer(status, response)


async def kept(database: Database, wanted: Claim) -> KeptAnswer | None:
    """What is kept of a request, None when nothing is; raises KeyReused as ``claim`` does."""
    row = await database.first(_KEPT, {"of_caller": wanted.caller, "of_key": wanted.key})
    return None if row is None else kept_for(wanted, row.request_hash, row.status, row.response)


async def answer(database: Database, wanted: Claim, status: int, response: Any) -> bool:
    """Claim a key and keep the answer in one; False when it was answered, or used otherwise, before."""
    return await database.first(_ANSWER, answer_values(wanted, status, response)) is not None


def answer_values(wanted: Claim, status: int, response: Any) -> dict[str, Any]:
    """The columns of an answered request. ``response``: plain JSON types."""
    return {
        "caller": wanted.caller,
        "key": wanted.key,
        "request_hash": wanted.request_hash,
        "answer_status": status,
        "response": clean(response),
    }


async def keep(database: Database, wanted: Claim, status: int, response: Any) -> None:
    """Keep the answer to a claimed request; the first one kept stays. ``response``: plain JSON types."""
    await database.run(
        _KEEP,
        {
            "of_caller": wanted.caller,
            "of_key": wanted.key,
            "new_status": status,
            "new_response": clean(response),
        },
    )


async def release(database: Database, wanted: Claim) -> None:
    """Give up a claim whose request was not answered, so that whoever repeats it is the first again."""
    await database.run(_RELEASE, {"of_caller": wanted.caller, "of_key": wanted.key})


async def forget(database: Database, age: timedelta) -> int:
    """Forget keys older than ``age``; returns how many. A request repeated later is a new one."""
    return await database.run(_FORGET, {"age": age})
