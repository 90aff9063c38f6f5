"""Intake: a complaint is accepted once its row and its place in the outbox are stored, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import bindparam, func, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from storage.canonical import clean, storable_json
from storage.engine import Database
from storage.gathering import Gathering
from storage.prepared import DIALECT, Prepared, given_as
from storage.search import lexemes
from storage.stores import customers, idempotency
from storage.stores.idempotency import Claim
from storage.tables import complaints, intake_outbox


@dataclass(frozen=True, slots=True)
class Intake:
    """What is known of a complaint before its workflow runs. Instants are aware.

    ``form`` is what was filled in, personal data included; ``facts`` the impersonal part of it.
    ``words`` are texts it is to be found by beside ref, title, summary and the customer's name.
    ``newcomer`` is the customer to be added with it (see ``arrivals``), None for one who is known.
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
    newcomer: Mapping[str, Any] | None = None


_COLUMNS = (
    "ref", "procedure", "version", "fingerprint", "opened_at", "channel", "language", "customer_id",
    "customer_name", "title", "summary", "owner", "unit", "form", "facts", "draw", "repeat_of",
    "repeat_reason", "complained_of", "parent", "consequence", "kind", "category", "severity",
)  # fmt: skip
_OF_ROW = tuple(name for name in _COLUMNS if name in Intake.__dataclass_fields__)
_TYPES = {name: complaints.c[name].type.compile(DIALECT) for name in _COLUMNS}
_GIVEN = {
    **_TYPES,
    **{"lexemes": "text[]", "payload": "jsonb"},
    **{"caller": "text", "key": "text", "request_hash": "text", "answer_status": "smallint"},
    **{"response": "jsonb", "newcomer": "jsonb"},
}
"""What is given of each complaint, with the types PostgreSQL reads it as from JSON."""


def _accepting(*, condition: str = "true", conflict: str = "", before: str = "") -> Prepared:
    """The statement that stores complaints with their places in the outbox; one row for each that it stored.

    One statement, so one round trip and one transaction, for one complaint or for many (``:given``, JSON).
    ``before``: a common table expression in front; ``condition``: which of those given are stored.
    """
    columns = ", ".join(_COLUMNS)
    return Prepared(
        text(
            "WITH given AS (SELECT * FROM json_to_recordset(CAST(:given AS json)) "  # noqa: S608 - our own SQL
            f"AS g ({given_as(_GIVEN)})), "
            f"{before}"
            f"accepted AS (INSERT INTO complaints ({columns}, search) "
            f"SELECT {columns}, array_to_tsvector(lexemes) FROM given WHERE {condition} "
            f"{conflict} RETURNING ref), "
            "newcomers AS (SELECT given.newcomer FROM given JOIN accepted ON accepted.ref = given.ref "
            "WHERE given.newcomer IS NOT NULL), "
            f"added AS ({customers.ADD}) "
            "INSERT INTO intake_outbox (ref, payload) SELECT given.ref, given.payload "
            "FROM given JOIN accepted ON accepted.ref = given.ref RETURNING ref"
        )
    )


_ACCEPT = _accepting()
# The same for what may be accepted twice under its reference: the second time nothing is stored.
_ACCEPT_NEW = _accepting(conflict="ON CONFLICT (ref) DO NOTHING")
# The same for requests that may come again: nothing is stored unless its answer is.
_ACCEPT_ONCE = _accepting(
    before=f"answered AS ({idempotency.ANSWER_GIVEN}), ",
    condition="EXISTS (SELECT FROM answered AS a WHERE a.caller = given.caller AND a.key = given.key)",
)


async def accept(database: Database, row: Intake, payload: Mapping[str, Any]) -> None:
    """Store a complaint, status ``new`` and seq 0, and what its workflow is to be started with.

    Both or neither is stored. Raises sqlalchemy's IntegrityError when the ref is taken or the procedure's
    fingerprint is not stored.
    """
    await database.fetch(_ACCEPT, {"given": storable_json([_given(row, payload)])})


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
    given = {
        **_given(row, payload),
        "caller": claim.caller,
        "key": claim.key,
        "request_hash": claim.request_hash.hex(),
        "answer_status": status,
        "response": response,
    }
    gathering = _GATHERINGS.get(database)
    if gathering is None:
        gathering = _GATHERINGS[database] = Gathering(partial(_accept_lot, ref(database)), single=DBAPIError)
    return await gathering.ask(given)


_GATHERINGS: WeakKeyDictionary[Database, Gathering[dict[str, Any], bool]] = WeakKeyDictionary()


async def _accept_lot(database: ref[Database], lot: Sequence[dict[str, Any]]) -> list[bool]:
    """Store those whose requests are new, in one transaction; for each whether it was.

    Always in the order of their keys: lots of several processes wait for each other instead of locking up.
    Of two requests under one key the first counts.
    """
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for given in lot:
        first.setdefault((given["caller"], given["key"]), given)
    rows = [first[place] for place in sorted(first)]
    here = database()
    assert here is not None, "who asks holds it"
    stored = {row.ref for row in await here.fetch(_ACCEPT_ONCE, {"given": storable_json(rows)})}
    return [given["ref"] in stored for given in lot]


async def accept_new(database: Database, row: Intake, payload: Mapping[str, Any]) -> bool:
    """As ``accept``, but nothing is stored, and False returned, when the ref is there already."""
    given = storable_json([_given(row, payload)])
    return await database.first(_ACCEPT_NEW, {"given": given}) is not None


async def accept_many(connection: AsyncConnection, rows: Sequence[tuple[Intake, Mapping[str, Any]]]) -> None:
    """As ``accept``, for several complaints within a transaction of the caller's."""
    if rows:
        given = storable_json([_given(row, payload) for row, payload in rows])
        await connection.execute(_ACCEPT.statement, {"given": given})


def _given(row: Intake, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a complaint, by the names of ``_GIVEN``."""
    found_by = (row.ref, row.title, row.summary, row.customer_name, *row.words)
    return {
        **{name: getattr(row, name) for name in _OF_ROW},
        "kind": row.facts.get("kind", ""),
        "category": row.facts.get("category", ""),
        "severity": row.facts.get("severity", ""),
        "lexemes": lexemes(found_by),
        "payload": payload,
        "newcomer": row.newcomer,
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
