"""The ledger as people look at it: of a complaint, of an account by month, and what is still to be paid."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain import roles
from domain.commands import Actor
from domain.errors import Refused
from domain.postings import Posting
from services.connect import Connections
from services.reading import case, scope_of
from storage.queries import ledger as ledger_queries
from storage.queries.ledger import Balance, Line, Payout
from storage.queries.pages import Page

BOOKKEEPERS = (roles.SUPERVISOR, roles.APPROVER, roles.ANALYST, roles.ADMINISTRATOR)
"""Roles that may look at every account."""

KINDS = ("organisation", "unit", "person", "customer", "account")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class ComplaintLedger:
    """What a complaint has booked, by the titles of its procedure, and how its accounts stand."""

    lines: Sequence[Line]
    balances: Sequence[Balance]
    titles: Mapping[str, Mapping[str, str]]
    postings: Mapping[str, Posting]


@dataclass(frozen=True, slots=True)
class Statement:
    """One account in one month: where it stood, every line, where it stands. Positive: it got that much."""

    account: str
    month: str
    opening: Sequence[Balance]
    lines: Sequence[Line]
    closing: Sequence[Balance]


async def of_complaint(connections: Connections, ref: str, actor: Actor) -> ComplaintLedger:
    """The ledger of a complaint the actor may see; people of units see the lines of their own accounts."""
    found = await case(connections, ref, actor)
    lines = await ledger_queries.of_complaint(connections.database, ref)
    if scope_of(actor) is not None:
        lines = [line for line in lines if {line.source, line.target}.intersection(own_accounts(actor))]
    money = found.procedure.money
    return ComplaintLedger(
        lines=lines,
        balances=_stand(lines),
        titles={entry.name: entry.title for entry in money.entries} if money else {},
        postings={posting.id: posting for posting in found.complaint.postings},
    )


async def statement(connections: Connections, account: str, month: str, actor: Actor) -> Statement:
    """One account in one month: of a partner its settlement, of a person what they were charged.

    Raises Refused("not_your_role") for an account that is not the actor's, unless they keep the books.
    """
    if not set(BOOKKEEPERS).intersection(actor.roles) and account not in own_accounts(actor):
        own = ", ".join(own_accounts(actor))
        raise Refused("not_your_role", f"you may look at {own}; others take {', '.join(BOOKKEEPERS)}")
    _check_month(month)
    opening, lines = await ledger_queries.of_month(connections.database, account, month, reader=actor.id)
    total = {balance.currency: balance.amount for balance in opening}
    for line in lines:
        sign = 1 if line.target == account else -1
        total[line.currency] = total.get(line.currency, Decimal(0)) + sign * line.amount
    closing = [Balance(account, currency, amount) for currency, amount in sorted(total.items())]
    return Statement(account, month, opening, lines, closing)


async def balances(
    connections: Connections, actor: Actor, *, month: str, kind: str, after: str, limit: int
) -> Page[Balance]:
    """How the accounts of a kind stand, in a month or over all time."""
    if month:
        _check_month(month)
    if kind and kind not in KINDS:
        wanted = f"one of {', '.join(KINDS)}"
        raise Refused("invalid", "there is no such kind of account", fields={"kind": wanted})
    try:
        return await ledger_queries.balances(
            connections.database, month=month, kind=kind, after=after, limit=limit, reader=actor.id
        )
    except ValueError as error:
        raise Refused("invalid", "this is not where a page ended", fields={"after": str(error)}) from error


async def payouts(connections: Connections, actor: Actor, state: str, *, limit: int) -> Sequence[Payout]:
    """Payments in a state, the oldest first."""
    return await ledger_queries.in_state(connections.database, state, limit=limit, reader=actor.id)


def own_accounts(actor: Actor) -> tuple[str, ...]:
    """The accounts of the actor's own units and of themselves."""
    person = actor.id if actor.id.startswith("person:") else f"person:{actor.id}"
    return (*(f"unit:{unit}" for unit in actor.units), person)


def _check_month(month: str) -> None:
    if not _MONTH.fullmatch(month):
        raise Refused("invalid", "a month is a year and a month", fields={"month": "for example 2026-11"})


def _stand(lines: Sequence[Line]) -> list[Balance]:
    total: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        for account, amount in ((line.target, line.amount), (line.source, -line.amount)):
            key = (account, line.currency)
            total[key] = total.get(key, Decimal(0)) + amount
    return [Balance(account, currency, amount) for (account, currency), amount in sorted(total.items())]
