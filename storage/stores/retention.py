"""Retention: what is personal in a closed complaint is taken out, or all of it, for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import Event
from domain.messages import MessageState
from domain.personal import REDACTED, anonymous, anonymous_actor, impersonal
from domain.postings import PayState
from domain.procedure import Procedure
from domain.retention import BrokenChain, Expired
from storage.canonical import chain, event_row, seal
from storage.engine import Database
from storage.queries import procedures as procedure_queries
from storage.queries.events import to_events
from storage.queries.procedures import PinnedProcedures
from storage.search import lexemes
from storage.tables import (
    attachments,
    complaints,
    customers,
    events,
    intake_outbox,
    measures,
    messages,
    metadata,
    orders,
    payouts,
    retentions,
    superseded_events,
)

_DUE = text(
    "SELECT c.ref, c.procedure, c.version, c.closed_at, p.days, p.done FROM complaints AS c "
    "JOIN unnest(CAST(:fingerprints AS text[]), CAST(:days AS int[]), CAST(:dones AS text[])) "
    "AS p(fingerprint, days, done) ON p.fingerprint = c.fingerprint "
    "WHERE c.closed_at IS NOT NULL AND c.redacted_at IS NULL AND c.status = 'closed' "
    "AND c.closed_at <= CAST(:now AS timestamptz) - make_interval(days => p.days) AND c.ref > :after "
    "AND NOT EXISTS (SELECT FROM messages AS m WHERE m.ref = c.ref AND m.state = :pending "
    "AND m.superseded_at IS NULL) "
    "AND NOT EXISTS (SELECT FROM payouts AS o WHERE o.ref = c.ref AND o.state <> :paid) "
    "ORDER BY c.ref LIMIT :limit"
)
_ROW = select(complaints).where(complaints.c.ref == bindparam("ref")).with_for_update()
_EVENTS = select(events).where(events.c.ref == bindparam("ref")).order_by(events.c.seq)
_REDACT = (
    update(events)
    .where(events.c.ref == bindparam("of_ref"), events.c.seq == bindparam("of_seq"))
    .values(by=bindparam("new_by"), data=bindparam("new_data"), seal=bindparam("new_seal"))
)
_FIGURES = (
    "channel", "language", "kind", "category", "severity", "unit", "owner", "round", "breached", "major",
    "closing_reason", "repeat_reason", "seq",
)  # fmt: skip
_STAYING = ("complaints", "retentions", "ledger", "measures")
"""Tables with references that are dealt with last, or that stay and name no customer: the books, which are
kept by law, and where units stand."""


class PostgresRetention:
    """Implements ``domain.ports.Retention``. What a version of a procedure says holds for its complaints."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._procedures = PinnedProcedures(database)

    async def due(self, now: datetime, *, after: str = "", limit: int = 100) -> list[Expired]:
        """Closed complaints whose time has come at ``now``, in order of reference, those behind ``after``.

        One that still has messages to send or something to pay is left until that is done.
        """
        fingerprints, days, dones = [], [], []
        for version in await procedure_queries.versions(self._database):
            policy = (await self._procedures.by_fingerprint(version.fingerprint)).retention
            if policy is not None:
                fingerprints.append(version.fingerprint)
                days.append(policy.days)
                dones.append(policy.then)
        if not fingerprints:
            return []
        parameters = {
            "fingerprints": fingerprints,
            "days": days,
            "dones": dones,
            "now": now,
            "after": after,
            "pending": MessageState.PENDING.value,
            "paid": PayState.PAID.value,
            "limit": limit,
        }
        return [
            Expired(r.ref, r.procedure, r.version, r.done, r.closed_at, r.closed_at + timedelta(days=r.days))
            for r in await self._database.fetch(_DUE, parameters)
        ]

    async def end(self, expired: Expired, now: datetime) -> Mapping[str, int]:
        """Anonymise or delete one, for good, in one transaction; how many rows that changed, by table.

        Doing it twice changes nothing, and one that was opened again meanwhile is left. Raises BrokenChain.
        """
        async with self._database.transaction() as connection:
            row = (await connection.execute(_ROW, {"ref": expired.ref})).first()
            if row is None or row.redacted_at is not None or row.closed_at != expired.closed_at:
                return {}
            recorded = (await connection.execute(_EVENTS, {"ref": expired.ref})).all()
            _check_chain(row, recorded)
            procedure = await self._procedures.by_fingerprint(row.fingerprint)
            deleting = expired.then == "delete"
            if deleting:
                counts = await _delete(connection, expired.ref)
            else:
                counts = await _anonymise(connection, procedure, row, to_events(recorded), now)
            await connection.execute(update(measures).where(measures.c.ref == row.ref).values(note=""))
            counts["customers"] = await _forget_customer(connection, row.customer_id)
            await connection.execute(
                insert(retentions),
                {
                    "ref": expired.ref,
                    "procedure": expired.procedure,
                    "version": expired.version,
                    "done": expired.then,
                    "rows": {table: count for table, count in counts.items() if count},
                    "figures": _figures(procedure, row) if deleting else {},
                    "closed_at": expired.closed_at,
                    "done_at": now,
                },
            )
        return counts

    async def remembered(self, *, limit: int = 100) -> list[str]:
        """References of ended complaints whose histories were not deleted yet, in order."""
        return [row.ref for row in await self._database.fetch(_REMEMBERED, {"limit": limit})]

    async def forgotten(self, ref: str, now: datetime) -> None:
        """Note that the histories of an ended complaint are deleted, as of ``now`` (aware)."""
        await self._database.run(_FORGOTTEN.values(forgotten_at=now), {"of_ref": ref})


_REMEMBERED = (
    select(retentions.c.ref)
    .where(retentions.c.forgotten_at.is_(None))
    .order_by(retentions.c.ref)
    .limit(bindparam("limit"))
)
_FORGOTTEN = update(retentions).where(
    retentions.c.ref == bindparam("of_ref"), retentions.c.forgotten_at.is_(None)
)


def _check_chain(row: Row[Any], recorded: Sequence[Row[Any]]) -> None:
    """Nothing is taken out of a chain that does not hold: that would hide what was done to it."""
    previous = b""
    for event in recorded:
        values = {name: getattr(event, name) for name in ("seq", "at", "by", "kind", "data")}
        previous = chain(previous, row.ref, values)
        if previous != event.hash:
            raise BrokenChain(f"{row.ref}: event {event.seq} is not what was recorded")
    if previous != row.head:
        raise BrokenChain(f"{row.ref}: events are missing at the end")


async def _anonymise(
    connection: AsyncConnection, procedure: Procedure, row: Row[Any], recorded: Sequence[Event], now: datetime
) -> dict[str, int]:
    """ENT-8: what people wrote and who the customer is goes; what statistics count stays."""
    ref, sealed, redacted = row.ref, b"", []
    hashes = {
        found.seq: found.hash
        for found in await connection.execute(select(events.c.seq, events.c.hash).where(events.c.ref == ref))
    }
    for event in recorded:
        fact = anonymous(procedure, event.fact)
        new = event_row(Event(event.seq, event.at, anonymous_actor(event.by), fact))
        sealed = seal(sealed, hashes[event.seq], ref, new)
        place = {"of_ref": ref, "of_seq": event.seq}
        redacted.append({**place, "new_by": new["by"], "new_data": new["data"], "new_seal": sealed})
    if redacted:
        await connection.execute(_REDACT, redacted)
    counts = {"events": len(redacted)}
    for table in (attachments, superseded_events, intake_outbox):
        counts[table.name] = (await connection.execute(delete(table).where(table.c.ref == ref))).rowcount
    blank = {"note": "", "result": "", "chosen": []}
    counts["orders"] = (
        await connection.execute(update(orders).where(orders.c.ref == ref).values(blank))
    ).rowcount
    await connection.execute(update(payouts).where(payouts.c.ref == ref).values(problem=""))
    counts["messages"] = await _blank_messages(connection, ref, row.customer_id)
    await connection.execute(
        update(complaints)
        .where(complaints.c.ref == ref)
        .values(
            customer_id="",
            customer_name="",
            title="",
            summary="",
            form={},
            facts=impersonal(procedure, row.facts),
            complained_of=[],
            chosen=[],
            search=func.array_to_tsvector(lexemes([ref])),
            redacted_at=now,
        )
    )
    return counts


async def _blank_messages(connection: AsyncConnection, ref: str, customer_id: str) -> int:
    """That somebody was told what when stays; what was said, and to which address, goes."""
    await connection.execute(
        update(messages)
        .where(messages.c.ref == ref, messages.c.recipient.in_((customer_id, f"customer:{customer_id}")))
        .values(recipient="customer")
    )
    blank = {
        "recipient_name": "", "address": "", "subject": REDACTED, "body": REDACTED, "data": {},
        "last_error": "", "receipt": "",
    }  # fmt: skip
    return (await connection.execute(update(messages).where(messages.c.ref == ref).values(blank))).rowcount


async def _delete(connection: AsyncConnection, ref: str) -> dict[str, int]:
    """Every row of the complaint, whatever table it stands in but those that stay, its own last."""
    counts: dict[str, int] = {}
    for table in reversed(metadata.sorted_tables):
        if "ref" in table.c and table.name not in _STAYING:
            counts[table.name] = (await connection.execute(delete(table).where(table.c.ref == ref))).rowcount
    counts["complaints"] = (
        await connection.execute(delete(complaints).where(complaints.c.ref == ref))
    ).rowcount
    return counts


async def _forget_customer(connection: AsyncConnection, customer_id: str) -> int:
    """A customer without any other complaint is not known any more."""
    if not customer_id:
        return 0
    others = exists().where(complaints.c.customer_id == customer_id)
    gone = await connection.execute(delete(customers).where(customers.c.id == customer_id, ~others))
    return gone.rowcount


def _figures(procedure: Procedure, row: Row[Any]) -> dict[str, Any]:
    """What statistics count of a complaint, and the hash its events ended with."""
    facts = impersonal(procedure, row.facts)
    return {
        **{name: getattr(row, name) for name in _FIGURES},
        "facts": {name: value for name, value in facts.items() if value != REDACTED},
        "opened_at": row.opened_at.isoformat(),
        "head": row.head.hex(),
    }
