"""The ledger read: the lines of a complaint, the statement of an account for a month, balances, payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, bindparam, case, func, or_, select, tuple_, union_all
from sqlalchemy.types import Text

from domain.postings import PayState
from storage.engine import Database
from storage.queries.conflict import not_of_reader, reading
from storage.queries.pages import Page
from storage.tables import complaints, ledger, payouts

_OF = select(ledger).where(ledger.c.ref == bindparam("ref")).order_by(ledger.c.id)
_ACCOUNT = bindparam("account", type_=Text)
_TOUCHES = or_(ledger.c.source == _ACCOUNT, ledger.c.target == _ACCOUNT)
_SIGNED = case((ledger.c.target == _ACCOUNT, ledger.c.amount), else_=-ledger.c.amount)
_MONTH = (
    select(ledger)
    .where(_TOUCHES, ledger.c.month == bindparam("month"), not_of_reader(ledger.c.ref))
    .order_by(ledger.c.at, ledger.c.id)
)
_BEFORE = (
    select(ledger.c.currency, func.sum(_SIGNED).label("amount"))
    .where(_TOUCHES, ledger.c.month < bindparam("month"), not_of_reader(ledger.c.ref))
    .group_by(ledger.c.currency)
    .order_by(ledger.c.currency)
)
_UNPAID = (
    select(payouts)
    .where(payouts.c.state == bindparam("state"), not_of_reader(payouts.c.ref))
    .order_by(payouts.c.at, payouts.c.ref, payouts.c.posting)
    .limit(bindparam("limit"))
)
_CLOSED_AND_UNPAID = (
    select(payouts.c.ref)
    .distinct()
    .join(complaints, complaints.c.ref == payouts.c.ref)
    .where(
        payouts.c.state.in_((PayState.DUE.value, PayState.HELD.value)),
        complaints.c.closed_at.is_not(None),
        payouts.c.ref > bindparam("after"),
    )
    .order_by(payouts.c.ref)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger; ``undoes``: it books back a line of an attempt that was lost."""

    ref: str
    seq: int
    posting: str
    entry: str
    amount: Decimal
    currency: str
    source: str
    target: str
    month: str
    order: str
    reverses: str
    undoes: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account got less what it gave, in one currency (or points)."""

    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payout:
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


async def of_complaint(database: Database, ref: str) -> list[Line]:
    """Every line a complaint has caused, in the order of booking."""
    return [_line(row) for row in await database.fetch(_OF, {"ref": ref})]


async def of_month(
    database: Database, account: str, month: str, *, reader: str = ""
) -> tuple[list[Balance], list[Line]]:
    """What an account stood at when the month (``2026-11``) began, and its lines in it.

    Nothing of complaints about ``reader``, an actor's id, is in it (MFG-7); so with all below.
    """
    async with database.reading() as connection:
        values = {"account": account, "month": month, **reading(reader)}
        before = (await connection.execute(_BEFORE, values)).all()
        rows = (await connection.execute(_MONTH, values)).all()
    return [Balance(account, row.currency, row.amount) for row in before], [_line(row) for row in rows]


async def balances(
    database: Database, *, month: str, kind: str, after: str, limit: int, reader: str = ""
) -> Page[Balance]:
    """What each account of a kind (``unit``, ``person``, …) got less what it gave, by account and currency.

    Blank ``month``: over all time. Blank ``kind``: every account. Raises ValueError for a wrong ``after``.
    """
    sides = [
        select(side.label("account"), ledger.c.currency, amount.label("amount")).where(
            not_of_reader(ledger.c.ref),
            *([ledger.c.month == month] if month else []),
            *([or_(side == kind, side.startswith(f"{kind}:", autoescape=True))] if kind else []),
        )
        for side, amount in ((ledger.c.target, ledger.c.amount), (ledger.c.source, -ledger.c.amount))
    ]
    both = union_all(*sides).subquery()
    statement = (
        select(both.c.account, both.c.currency, func.sum(both.c.amount).label("amount"))
        .group_by(both.c.account, both.c.currency)
        .order_by(both.c.account, both.c.currency)
        .limit(limit + 1)
    )
    if after:
        account, separator, currency = after.rpartition("~")
        if not separator or "\x00" in after:
            raise ValueError("not the end of a page")
        statement = statement.where(tuple_(both.c.account, both.c.currency) > tuple_(account, currency))
    found = await database.fetch(statement, reading(reader))
    rows = [Balance(row.account, row.currency, row.amount) for row in found]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], f"{last.account}~{last.currency}" if last else None)


async def in_state(database: Database, state: str, *, limit: int, reader: str = "") -> list[Payout]:
    """Payments that are ``due``, ``held``, ``failed`` or ``paid``, the oldest first."""
    names = Payout.__dataclass_fields__
    values = {"state": state, "limit": limit, **reading(reader)}
    rows: Sequence[Row[Any]] = await database.fetch(_UNPAID, values)
    return [Payout(**{name: getattr(row, name) for name in names}) for row in rows]


async def unpaid_refs(database: Database, *, after: str = "", limit: int = 500) -> list[str]:
    """References of closed complaints whose payment is still on its way, in order, those behind ``after``."""
    rows = await database.fetch(_CLOSED_AND_UNPAID, {"after": after, "limit": limit})
    return [row.ref for row in rows]


def _line(row: Row[Any]) -> Line:
    values = {name: getattr(row, name) for name in Line.__dataclass_fields__ if name != "order"}
    return Line(**values, order=row.order_id)
