"""What intake has to find out, in one statement: who complains, what they repeat, if it was asked before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.engine import Database
from storage.prepared import Prepared
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
    was answered to the same request before."""

    customer_id: str
    earlier: Earlier | None
    kept: KeptAnswer | None


# A request that was answered before changes nothing about the customer: they may have changed since.
_FIND_OUT = Prepared(
    text(
        "WITH asked AS (SELECT request_hash, status, response FROM idempotency_keys "  # noqa: S608 - our own SQL
        "WHERE caller = :caller AND key = :key), "
        f"{customers.found_or_made('NOT EXISTS (SELECT 1 FROM asked)')}, "
        "customer AS (SELECT id FROM found UNION ALL SELECT id FROM made), "
        "alike AS (SELECT c.ref, c.repeat_of, c.breached, c.opened_at FROM complaints AS c, customer "
        "WHERE c.customer_id = customer.id AND c.procedure = :procedure AND c.opened_at >= :since "
        "AND c.facts @> :facts AND :asker <> ALL (c.complained_of) "
        f"ORDER BY c.opened_at DESC, c.ref DESC LIMIT {MOST}) "
        "SELECT customer.id AS customer_id, newest.ref, newest.repeat_of, newest.breached > 0 AS breached, "
        "EXISTS (SELECT 1 FROM events AS e WHERE e.ref = newest.ref AND (e.kind = 'customer_rejected' "
        "OR (e.kind = 'callback_made' AND e.data ->> 'outcome' = 'dissatisfied'))) AS unsatisfied, "
        "(SELECT count(*) FROM alike) AS counted, asked.request_hash, asked.status, asked.response "
        "FROM (SELECT) AS one LEFT JOIN customer ON true LEFT JOIN asked ON true "
        "LEFT JOIN (SELECT * FROM alike ORDER BY opened_at DESC, ref DESC LIMIT 1) AS newest ON true"
    ).bindparams(
        bindparam("since", type_=DateTime(timezone=True)), bindparam("facts", type_=JSONB(none_as_null=True))
    )
)


async def find_out(
    database: Database, data: CustomerData, *, alike: Alike | None = None, claim: Claim | None = None
) -> Arrival:
    """Find the customer, who is added when not known yet (see ``customers.find_or_create``), and the rest.

    ``alike``: what counts as a repeat; None: nothing. ``claim``: the request, if it may come again. Raises
    KeyReused when its key came before with another request.
    """
    row = await database.first(
        _FIND_OUT,
        {
            **customers.parameters(data),
            "caller": claim.caller if claim else "",
            "key": claim.key if claim else "",
            "procedure": alike.procedure if alike else "",
            "since": alike.since if alike else None,
            "facts": dict(alike.facts) if alike else None,
            "asker": alike.asker if alike else "",
        },
    )
    assert row is not None, "one row, whatever was found"
    earlier = None
    if row.ref is not None:
        earlier = Earlier(row.ref, row.repeat_of, row.breached, row.unsatisfied, row.counted)
    kept = None
    if claim is not None and row.request_hash is not None:
        kept = kept_for(claim, row.request_hash, row.status, row.response)
    return Arrival(row.customer_id or "", earlier, kept)
