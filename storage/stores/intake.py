"""Intake: a complaint is accepted once its row and its place in the outbox are stored, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from storage.canonical import clean
from storage.engine import Database
from storage.prepared import Prepared
from storage.search import lexemes
from storage.stores import idempotency
from storage.stores.idempotency import Claim
from storage.tables import complaints, intake_outbox


@dataclass(frozen=True, slots=True)
class Intake:
    """What is known of a complaint before its workflow runs. Instants are aware.

    ``form`` is what was filled in, personal data included; ``facts`` the impersonal part of it.
    ``words`` are texts it is to be found by beside ref, title, summary and the customer's name.
    """

    ref: str
    procedure: str
    version: str
    fingerprint: str
    opened_at: datetime
    channel: str = ""
    language: str = ""
    customer_id: str = ""
    customer_name: str = ""
    title: str = ""
    summary: str = ""
    owner: str = ""
    unit: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    draw: int = 0
    repeat_of: str = ""
    repeat_reason: str = ""
    complained_of: Sequence[str] = ()
    parent: str = ""
    consequence: str = ""
    words: Sequence[str] = ()


_COLUMNS = (
    "ref", "procedure", "version", "fingerprint", "opened_at", "channel", "language", "customer_id",
    "customer_name", "title", "summary", "owner", "unit", "form", "facts", "draw", "repeat_of",
    "repeat_reason", "complained_of", "parent", "consequence", "kind", "category", "severity",
)  # fmt: skip
_ROW = (
    insert(complaints)
    .values(
        {name: bindparam(f"new_{name}") for name in _COLUMNS}
        | {"search": func.array_to_tsvector(bindparam("lexemes", type_=ARRAY(Text)))}
    )
    .returning(complaints.c.ref)
    .cte("accepted")
)
# One statement, so one round trip: the outbox entry is made from the row just written.
_ACCEPT = insert(intake_outbox).from_select(
    ["ref", "payload"],
    select(_ROW.c.ref, bindparam("payload", type_=intake_outbox.c.payload.type)),
)
_ACCEPT_ALONE = Prepared(_ACCEPT)

# The same for what may be accepted twice under its reference: the second time nothing is stored.
_ROW_NEW = (
    pg_insert(complaints)
    .values(
        {name: bindparam(f"new_{name}") for name in _COLUMNS}
        | {"search": func.array_to_tsvector(bindparam("lexemes", type_=ARRAY(Text)))}
    )
    .on_conflict_do_nothing(index_elements=["ref"])
    .returning(complaints.c.ref)
    .cte("accepted")
)
_ACCEPT_NEW = insert(intake_outbox).from_select(
    ["ref", "payload"],
    select(_ROW_NEW.c.ref, bindparam("payload", type_=intake_outbox.c.payload.type)),
)

# The same for a request that may come again: nothing is stored unless its answer is.
_ROW_ONCE = (
    insert(complaints)
    .from_select(
        [*_COLUMNS, "search"],
        select(
            *(bindparam(f"new_{name}", type_=complaints.c[name].type) for name in _COLUMNS),
            func.array_to_tsvector(bindparam("lexemes", type_=ARRAY(Text))),
        ).select_from(idempotency.ANSWERED),
    )
    .returning(complaints.c.ref)
    .cte("accepted")
)
_ACCEPT_ONCE = Prepared(
    insert(intake_outbox).from_select(
        ["ref", "payload"],
        select(_ROW_ONCE.c.ref, bindparam("payload", type_=intake_outbox.c.payload.type)),
    )
)


async def accept(database: Database, row: Intake, payload: Mapping[str, Any]) -> None:
    """Store a complaint, status ``new`` and seq 0, and what its workflow is to be started with.

    Both or neither is stored. Raises sqlalchemy's IntegrityError when the ref is taken or the procedure's
    fingerprint is not stored.
    """
    parameters = _parameters(row)
    await database.run(_ACCEPT_ALONE, {**parameters, "payload": clean(dict(payload))})


async def accept_once(
    database: Database,
    row: Intake,
    payload: Mapping[str, Any],
    claim: Claim,
    *,
    status: int,
    response: Any,
) -> bool:
    """As ``accept``, together with the answer to the request: all three or nothing is stored.

    False when the request was answered before, also a moment ago, or its key was used for another one.
    """
    answer = idempotency.answer_values(claim, status, response)
    stored = await database.run(_ACCEPT_ONCE, {**_parameters(row), "payload": clean(dict(payload)), **answer})
    return stored == 1


async def accept_new(database: Database, row: Intake, payload: Mapping[str, Any]) -> bool:
    """As ``accept``, but nothing is stored, and False returned, when the ref is there already."""
    stored = await database.run(_ACCEPT_NEW, {**_parameters(row), "payload": clean(dict(payload))})
    return stored == 1


async def accept_many(connection: AsyncConnection, rows: Sequence[tuple[Intake, Mapping[str, Any]]]) -> None:
    """As ``accept``, for several complaints within a transaction of the caller's."""
    if rows:
        await connection.execute(
            _ACCEPT, [{**_parameters(row), "payload": clean(dict(payload))} for row, payload in rows]
        )


def _parameters(row: Intake) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS if hasattr(row, name)}
    values["form"], values["facts"] = dict(row.form), dict(row.facts)
    values["complained_of"] = list(row.complained_of)
    values |= {name: row.facts.get(name, "") for name in ("kind", "category", "severity")}
    opened_at = values.pop("opened_at")
    found_by = (row.ref, row.title, row.summary, row.customer_name, *row.words)
    cleaned: dict[str, Any] = clean(values)
    cleaned["opened_at"] = opened_at
    return {f"new_{name}": value for name, value in cleaned.items()} | {
        "lexemes": lexemes(clean(list(found_by)))
    }


@dataclass(frozen=True, slots=True)
class Unstarted:
    """An accepted complaint whose workflow may not have been started yet."""

    ref: str
    fingerprint: str
    payload: Mapping[str, Any]
    created_at: datetime
    tries: int


_CLAIM = text(
    "WITH due AS (SELECT ref FROM intake_outbox WHERE started_at IS NULL AND created_at <= :before "
    "AND (claimed_until IS NULL OR claimed_until <= now()) "
    "ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED), "
    "taken AS (UPDATE intake_outbox AS o SET claimed_until = now() + :lease, tries = o.tries + 1 "
    "FROM due WHERE o.ref = due.ref RETURNING o.ref, o.payload, o.created_at, o.tries) "
    "SELECT taken.ref, c.fingerprint, taken.payload, taken.created_at, taken.tries "
    "FROM taken JOIN complaints AS c ON c.ref = taken.ref ORDER BY taken.created_at"
).columns(payload=JSONB)


async def unstarted(
    database: Database, limit: int, *, before: datetime, lease: timedelta = timedelta(seconds=30)
) -> list[Unstarted]:
    """Claim the oldest complaints accepted before an instant whose workflow has not been started.

    Nobody else gets them while ``lease`` runs; one that is not marked started by then is handed out again.
    """
    rows = await database.fetch(_CLAIM, {"limit": limit, "before": before, "lease": lease})
    return [Unstarted(r.ref, r.fingerprint, r.payload, r.created_at, r.tries) for r in rows]


_STARTED = (
    update(intake_outbox)
    .where(intake_outbox.c.ref == func.any(bindparam("refs", type_=ARRAY(Text))))
    .where(intake_outbox.c.started_at.is_(None))
    .values(started_at=func.now(), last_error="")
)
_FAILED = (
    update(intake_outbox).where(intake_outbox.c.ref == bindparam("of")).values(last_error=bindparam("error"))
)


async def mark_started(database: Database, refs: Sequence[str]) -> None:
    """Note that the workflows of these complaints run; doing it twice changes nothing."""
    await database.run(_STARTED, {"refs": list(refs)})


async def mark_failed(database: Database, ref: str, error: str) -> None:
    """Note why a start did not succeed; it is tried again when its lease ends."""
    await database.run(_FAILED, {"of": ref, "error": clean(error[:2000])})
