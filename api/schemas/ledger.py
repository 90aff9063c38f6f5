"""Money: lines of the ledger, balances, statements and payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import Field

from api.schemas.base import View


class LineView(View):
    """One line: an amount that went from one account to another because of one event."""

    ref: str
    seq: int = Field(description="The event that caused it.")
    posting: str
    entry: str
    title: str = ""
    amount: Decimal
    currency: str = Field(description="Three letters, or `points`.")
    source: str
    target: str
    month: str
    order: str
    reverses: str = Field(description="The posting this one takes back.")
    undoes: bool = Field(description="It books back a line whose recording was lost before it counted.")
    state: str = Field(default="", description="booked, due, held, paid or failed.")
    reversed_by: str = ""
    by: str
    at: datetime


class BalanceView(View):
    """What an account got less what it gave."""

    account: str
    currency: str
    amount: Decimal


class LedgerView(View):
    """What a complaint has booked."""

    lines: Sequence[LineView]
    balances: Sequence[BalanceView]


class StatementView(View):
    """One account in one month."""

    account: str
    month: str
    opening: Sequence[BalanceView]
    lines: Sequence[LineView]
    closing: Sequence[BalanceView]


class PayoutView(View):
    """One payment and how far it has come."""

    ref: str
    posting: str
    entry: str
    amount: Decimal
    currency: str
    target: str
    state: str
    attempt: int
    tries: int
    receipt: str
    problem: str
    at: datetime
