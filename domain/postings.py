"""Postings: money that was booked on a complaint, what became of paying it out, and the facts of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Posted:
    """An amount was booked from one account to another: one line of the ledger, never changed again.

    ``id`` is the entry's name and a running number, ``month`` (``2026-11``) the one it counts in, by the
    procedure's own time zone. ``reverses`` names the posting that this one takes back.
    """

    id: str
    entry: str
    amount: Decimal
    currency: str
    source: str
    target: str
    month: str
    order: str = ""
    pay: bool = False
    reverses: str = ""
    note: str = ""
    kind: Literal["posted"] = "posted"


@dataclass(frozen=True, slots=True)
class NotPosted:
    """An entry fell due and could not be booked; somebody has to look."""

    entry: str
    reason: str
    order: str = ""
    kind: Literal["not_posted"] = "not_posted"


@dataclass(frozen=True, slots=True)
class PaidOut:
    """The payment system, or a person, says that a posting was paid; ``receipt`` is its proof."""

    posting: str
    entry: str
    receipt: str
    kind: Literal["paid_out"] = "paid_out"


@dataclass(frozen=True, slots=True)
class PayoutHeld:
    """A payment waits, because the settlement of whom it goes to is suspended; it is made when that ends."""

    posting: str
    entry: str
    kind: Literal["payout_held"] = "payout_held"


@dataclass(frozen=True, slots=True)
class PayoutFailed:
    """The payment system has refused, or could not be reached for days; a person may try again."""

    posting: str
    entry: str
    reason: str
    kind: Literal["payout_failed"] = "payout_failed"


@dataclass(frozen=True, slots=True)
class PayoutRetried:
    """A person has a payment that failed tried again, under the same key as before."""

    posting: str
    entry: str
    kind: Literal["payout_retried"] = "payout_retried"


class PayState(StrEnum):
    """How far the money of a posting has come."""

    BOOKED = "booked"  # nothing is paid out for it
    DUE = "due"
    HELD = "held"  # until the settlement of whom it goes to is no longer suspended
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Posting:
    """One booked amount as the complaint remembers it; ``seq`` is the event that booked it.

    ``attempt`` counts how often a person had it paid anew after it failed.
    """

    id: str
    entry: str
    amount: Decimal
    currency: str
    source: str
    target: str
    at: datetime
    round: int
    order: str = ""
    state: PayState = PayState.BOOKED
    reverses: str = ""
    reversed_by: str = ""
    seq: int = 0
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Payment:
    """What the payment system is asked for: ``amount`` to the account ``target``, once for ``key``.

    ``held``: the complaint knows that it waits for the end of a suspension.
    """

    key: str
    ref: str
    posting: str
    entry: str
    amount: Decimal
    currency: str
    source: str
    target: str
    at: datetime
    attempt: int = 1
    held: bool = False


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """What became of a payment: a ``receipt``, or the ``problem`` for which it was given up.

    ``held``: nothing yet, it waits because the settlement of whom it goes to is suspended.
    """

    posting: str
    receipt: str = ""
    problem: str = ""
    held: bool = False


def payment_of(ref: str, posting: Posting) -> Payment:
    """The payment of a posting; its key is the same on every try, whoever tries."""
    return Payment(
        key=f"{ref}/{posting.id}",
        ref=ref,
        posting=posting.id,
        entry=posting.entry,
        amount=posting.amount,
        currency=posting.currency,
        source=posting.source,
        target=posting.target,
        at=posting.at,
        attempt=posting.attempt,
        held=posting.state is PayState.HELD,
    )
