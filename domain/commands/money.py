"""What is asked about money that was booked or is to be paid."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReversePosting:
    """Take a booked amount back: an entry of its own the other way round, nothing is erased."""

    posting: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetryPayout:
    """Have a payment that failed tried again."""

    posting: str


@dataclass(frozen=True, slots=True)
class ConfirmPayout:
    """Say that a payment that failed was made by hand, with what proves it."""

    posting: str
    receipt: str


@dataclass(frozen=True, slots=True)
class RecordPayout:
    """What the payment system answered: a ``receipt``, or the ``problem`` for which it is given up.

    ``held``: it was not asked, because the settlement of whom the payment goes to is suspended.
    """

    posting: str
    receipt: str = ""
    problem: str = ""
    held: bool = False
