"""What intake has to find out, in one statement: who complains, what they repeat, if it was asked before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.canonical import storable_json
from storage.engine import Database
from storage.gathering import Gathering
from storage.prepared import Prepared, given_as
from storage.stores import customers
from storage.stores.customers import CustomerData
from storage.stores.idempotency import Claim, KeptAnswer, kept_for

MOST = 100
"""Earlier complaints that are counted."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What a complaint repeats (TEL-9): those of a procedure with the same facts since an instant (aware).

    One about ``asker``, the actor's id of who opens this one, is nothing they may hear of (MFG-7).
    """

    procedure: str
    facts: Mapping[str, str]
    since: datetime
    asker: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest complaint that is repeated, and how many there are (counted up to ``MOST``).

    ``unsatisfied``: a proposal was rejected, or a callback found dissatisfaction.
    """

    ref: str
    repeat_of: str
    breached: bool
    unsatisfied: bool
    count: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was found: the customer's id (empty when nothing is known of them), what is repeated, and what
    was answered to the same request before. ``newcomer``: the customer to be added with the complaint."""

    customer_id: str
    earlier: Earlier | None
    kept: KeptAnswer | None
    newcomer: Mapping[str, Any] | None = None


_GIVEN = {
    **customers.GIVEN,
    **{"caller": "text", "key": "text", "procedure": "text", "since": "timestamptz", "facts": "jsonb"},
    "asker": "text",
}
# For each that is asked, whatever others ask: subqueries with a limit, so that each is found by an index.
_FIND_OUT = Prepared(
    text(
        "SELECT known.id AS customer_id, known.changes, newest.ref, newest.repeat_of, "  # noqa: S608 - our own SQL
        "newest.breached > 0 AS breached, newest.counted, "
        "EXISTS (SELECT 1 FROM events AS e WHERE e.ref = newest.ref AND (e.kind = 'customer_rejected' "
        "OR (e.kind = 'callback_made' AND e.data ->> 'outcome' = 'dissatisfied'))) AS unsatisfied, "
        "asked.request_hash, asked.status, asked.response "
        f"FROM ROWS FROM (json_to_recordset(CAST(:given AS json)) AS ({given_as(_GIVEN)})) "
        "WITH ORDINALITY AS g "
        "LEFT JOIN LATERAL (SELECT k.request_hash, k.status, k.response FROM idempotency_keys AS k "
        "WHERE k.caller = g.caller AND k.key = g.key LIMIT 1) AS asked ON true "
        f"LEFT JOIN LATERAL ({customers.FOUND}) AS known ON true "
        "LEFT JOIN LATERAL (SELECT alike.*, count(*) OVER () AS counted FROM "
        "(SELECT c.ref, c.repeat_of, c.breached, c.opened_at FROM "
        # By the customer before anything else: a plan made while there is little takes another index.
        "(SELECT * FROM complaints AS one WHERE one.customer_id = known.id AND one.opened_at >= g.since "
        f"ORDER BY one.opened_at DESC, one.ref DESC LIMIT {10 * MOST}) AS c "
        "WHERE c.procedure = g.procedure AND c.facts @> g.facts AND g.asker <> ALL (c.complained_of) "
        f"LIMIT {MOST}) AS alike "
        "ORDER BY opened_at DESC, ref DESC LIMIT 1) AS newest ON true ORDER BY g.ordinality"
    )
)
_GATHERINGS: WeakKeyDictionary[Database, Gathering[dict[str, Any], Any]] = WeakKeyDictionary()


async def find_out(
    database: Database, data: CustomerData, *, alike: Alike | None = None, claim: Claim | None = None
) -> Arrival:
    """Find the customer and the rest; a customer who is not known yet is one to be added.

    What is new of a known one is kept at once, unless the request was answered before: they may have
    changed since. ``alike``: what counts as a repeat; None: nothing. ``claim``: the request, if it may come
    again. Raises KeyReused when its key came before with another request.
    """
    person = customers.parameters(data)
    row = await _gathering(database).ask(
        {
            **person,
            "caller": claim.caller if claim else "",
            "key": claim.key if claim else "",
            "procedure": alike.procedure if alike else "",
            "since": alike.since if alike else None,
            "facts": alike.facts if alike else None,
            "asker": alike.asker if alike else "",
        }
    )
    kept = None
    if claim is not None and row.request_hash is not None:
        kept = kept_for(claim, row.request_hash, row.status, row.response)
    if row.customer_id is None:
        return Arrival("", None, kept) if person["nobody"] else Arrival(person["new_id"], None, kept, person)
    if row.changes and kept is None:
        await customers.find_or_create(database, data)
    earlier = None
    if row.ref is not None:
        earlier = Earlier(row.ref, row.repeat_of, row.breached, row.unsatisfied, row.counted)
    return Arrival(row.customer_id, earlier, kept)


def _gathering(database: Database) -> Gathering[dict[str, Any], Any]:
    found = _GATHERINGS.get(database)
    if found is None:
        found = _GATHERINGS[database] = Gathering(partial(_found_out, ref(database)), single=DBAPIError)
    return found


async def _found_out(database: ref[Database], lot: Sequence[dict[str, Any]]) -> Sequence[Any]:
    here = database()
    assert here is not None, "who asks holds it"
    return await here.fetch(_FIND_OUT, {"given": storable_json(lot)})
