"""Writing the ledger: lines with the events that cause them, and how far each payment has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.complaint import Complaint
from domain.events import Event
from domain.measures import settlement_suspended
from domain.ports import Busy
from domain.postings import (
    PaidOut,
    Payment,
    PaymentAnswer,
    PayoutFailed,
    PayoutHeld,
    PayoutRetried,
    PayState,
    Posted,
)
from storage.canonical import clean
from storage.engine import Database
from storage.queries import measures

LEDGER: Mapping[str, str] = {
    "seq": "int", "hash": "bytea", "posting": "text", "entry": "text", "amount": "numeric",
    "currency": "text", "source": "text", "target": "text", "month": "text", "order_id": "text",
    "reverses": "text", "by": "text", "at": "timestamptz",
}  # fmt: skip
PAYOUT: Mapping[str, str] = {
    "posting": "text", "seq": "int", "entry": "text", "amount": "numeric", "currency": "text",
    "target": "text", "state": "text", "attempt": "int", "at": "timestamptz", "answer": "text",
    "receipt": "text", "problem": "text",
}  # fmt: skip
PAYOUT_AGAIN = (
    "ON CONFLICT (ref, posting) DO UPDATE SET state = excluded.state, attempt = excluded.attempt, "
    "seq = excluded.seq, amount = excluded.amount, currency = excluded.currency, target = excluded.target, "
    "at = excluded.at, answer = excluded.answer, receipt = excluded.receipt, problem = excluded.problem"
)
"""Columns that are written, with the types PostgreSQL reads them as from JSON."""

_UNDO = text(
    "INSERT INTO ledger (ref, seq, hash, undoes, posting, entry, amount, currency, source, target, month, "
    "order_id, reverses, by, at) "
    "SELECT l.ref, l.seq, l.hash, true, l.posting, l.entry, l.amount, l.currency, l.target, l.source, "
    "l.month, l.order_id, l.reverses, l.by, l.at "
    "FROM ledger l JOIN events e ON e.ref = l.ref AND e.seq = l.seq AND e.hash = l.hash "
    "WHERE l.ref = :ref AND l.seq >= :seq AND NOT l.undoes"
)
_FORGET = text("DELETE FROM payouts WHERE ref = :ref AND seq >= :seq AND tries = 0")
_CLAIM = text(
    "INSERT INTO payouts AS kept (ref, posting, seq, entry, amount, currency, target, state, attempt, at, "
    "tries, claimed_until) VALUES (:ref, :posting, 0, :entry, :amount, :currency, :target, 'due', :attempt, "
    ":at, 1, now() + :lease) "
    "ON CONFLICT (ref, posting) DO UPDATE SET tries = kept.tries + 1, claimed_until = now() + :lease "
    "WHERE kept.answer = '' AND kept.attempt = :attempt "
    "AND (kept.claimed_until IS NULL OR kept.claimed_until <= now()) RETURNING kept.tries"
)
_STANDS = text(
    "SELECT answer, receipt, problem, attempt FROM payouts WHERE ref = :ref AND posting = :posting"
)
_ANSWERED = text(
    "UPDATE payouts SET answer = :answer, receipt = :receipt, problem = :problem, claimed_until = NULL "
    "WHERE ref = :ref AND posting = :posting AND attempt = :attempt AND answer <> 'paid'"
)
_FAILED = text(
    "UPDATE payouts SET problem = :problem, claimed_until = NULL "
    "WHERE ref = :ref AND posting = :posting AND attempt = :attempt AND answer = '' RETURNING tries"
)
_ANSWER = {PayState.PAID: "paid", PayState.FAILED: "failed"}


def lines(recorded: Sequence[tuple[Event, bytes]]) -> list[dict[str, Any]]:
    """The lines of the ledger that come with these events; each event with its hash."""
    return [
        {
            "seq": event.seq,
            "hash": "\\x" + digest.hex(),
            "posting": event.fact.id,
            "entry": event.fact.entry,
            "amount": event.fact.amount,
            "currency": event.fact.currency,
            "source": event.fact.source,
            "target": event.fact.target,
            "month": event.fact.month,
            "order_id": event.fact.order,
            "reverses": event.fact.reverses,
            "by": event.by,
            "at": event.at,
        }
        for event, digest in recorded
        if isinstance(event.fact, Posted)
    ]


def payout_rows(complaint: Complaint, new: Sequence[Event]) -> list[dict[str, Any]]:
    """The payments these events begin or end, as they stand after them."""
    said: dict[str, tuple[str, str]] = {}
    for event in new:
        fact = event.fact
        if isinstance(fact, Posted) and fact.pay:
            said[fact.id] = ("", "")
        elif isinstance(fact, PaidOut):
            said[fact.posting] = (fact.receipt, "")
        elif isinstance(fact, PayoutFailed):
            said[fact.posting] = ("", fact.reason)
        elif isinstance(fact, PayoutHeld | PayoutRetried):
            said[fact.posting] = ("", "")
    return [
        {
            "posting": posting.id,
            "seq": posting.seq,
            "entry": posting.entry,
            "amount": posting.amount,
            "currency": posting.currency,
            "target": posting.target,
            "state": posting.state.value,
            "attempt": posting.attempt,
            "at": posting.at,
            "answer": _ANSWER.get(posting.state, ""),
            "receipt": said[posting.id][0],
            "problem": said[posting.id][1],
        }
        for posting in complaint.postings
        if posting.id in said
    ]


async def undo(connection: AsyncConnection, ref: str, seq: int) -> None:
    """Book back what an attempt has booked that its workflow never confirmed: events from ``seq`` on.

    Its payments were never asked for, because nothing leaves before the workflow has confirmed.
    """
    await connection.execute(_UNDO, {"ref": ref, "seq": seq})
    await connection.execute(_FORGET, {"ref": ref, "seq": seq})


class PostgresPayouts:
    """Implements ``domain.ports.Payouts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, payment: Payment) -> bool:
        """Whether it is to wait: nobody has answered it, and whom it goes to has no settlement now."""
        kind, _, unit = payment.target.partition(":")
        if kind != "unit":
            return False
        taken = await measures.on_units(self._database, [unit])
        if not settlement_suspended(taken.get(unit, ())):
            return False
        row = await self._database.first(_STANDS, {"ref": payment.ref, "posting": payment.posting})
        return row is None or not row.answer

    async def claim(self, payment: Payment, lease: timedelta) -> PaymentAnswer | None:
        """Take the payment in hand; None: it is ours. Else what was answered. Raises Busy."""
        key = {"ref": payment.ref, "posting": payment.posting}
        values = {
            **key,
            "entry": payment.entry,
            "amount": payment.amount,
            "currency": payment.currency,
            "target": payment.target,
            "attempt": payment.attempt,
            "at": payment.at,
            "lease": lease,
        }
        if await self._database.first(_CLAIM, values) is not None:
            return None
        row = await self._database.first(_STANDS, key)
        if row is not None and row.answer:
            return PaymentAnswer(payment.posting, row.receipt, row.problem)
        if row is not None and row.attempt > payment.attempt:
            return PaymentAnswer(payment.posting, problem="it was tried anew meanwhile")
        raise Busy(f"{payment.key} is in another's hands")

    async def answered(self, payment: Payment, answer: PaymentAnswer) -> None:
        """Note what the payment system said."""
        values = {
            "answer": "failed" if answer.problem else "paid",
            "receipt": clean(answer.receipt),
            "problem": clean(answer.problem),
        }
        await self._database.run(_ANSWERED, {**_of(payment), **values})

    async def failed(self, payment: Payment, problem: str) -> int:
        """Note a try that did not succeed and let go; returns how many tries there were."""
        row = await self._database.first(_FAILED, {**_of(payment), "problem": clean(problem)})
        return int(row.tries) if row is not None else 0


def _of(payment: Payment) -> dict[str, Any]:
    return {"ref": payment.ref, "posting": payment.posting, "attempt": payment.attempt}


__all__ = ["LEDGER", "PAYOUT", "PAYOUT_AGAIN", "PostgresPayouts", "lines", "payout_rows", "undo"]
