"""Booking: what an entry of the procedure comes to for a complaint, from whom, to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from domain.complaint import Complaint, Order, OrderState
from domain.events import Fact
from domain.money import CHOSEN, ORGANISATION, Amount, Money, MoneyEntry
from domain.postings import NotPosted, Posted, Posting
from domain.procedure import Procedure
from domain.triggers import order_meant


class Unbookable(Exception):
    """An entry is due, but what it needs is not known; the reason is for people."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One look at whether an entry is to be booked, after ``fact`` happened to the complaint."""

    procedure: Procedure
    money: Money
    complaint: Complaint
    fact: Fact
    now: datetime

    def of(self, entry: MoneyEntry) -> Posted | NotPosted | None:
        """What follows by rule: the posting, or why there cannot be one; None: nothing is to be."""
        order = order_meant(self.complaint, self.fact)
        if not entry.when.holds(self.complaint.rule_facts(order)) or self._is_there(entry, order):
            return None
        currency = entry.unit or self.money.currency
        order_id = order.id if order else ""
        try:
            amount = self._amount(entry, currency)
            if amount is None or amount == 0:
                return None
            return Posted(
                id=next_id(self.complaint, entry.name),
                entry=entry.name,
                amount=amount,
                currency=currency,
                source=self._account(entry.source, order),
                target=self._account(entry.target, order),
                month=month_of(self.procedure, self.now),
                order=order_id,
                pay=entry.pay,
            )
        except Unbookable as problem:
            return NotPosted(entry=entry.name, reason=str(problem), order=order_id)

    def _is_there(self, entry: MoneyEntry, order: Order | None) -> bool:
        standing = standing_postings(self.complaint, entry.name)
        match entry.per:
            case "complaint":
                return bool(standing)
            case "round":
                return any(posting.round == self.complaint.round for posting in standing)
            case "order":
                return any(posting.order == (order.id if order else "") for posting in standing)
            case "time":
                return False

    def _amount(self, entry: MoneyEntry, currency: str) -> Decimal | None:
        amount = entry.amount
        base = self._base(entry, amount, currency)
        if base is None:
            return None
        if amount.percent_field:
            percent = self._number(amount.percent_field)
            if percent is None:
                raise Unbookable(f"the percentage in {amount.percent_field!r} is not known")
            base = base * percent / 100
        elif amount.percent is not None:
            base = base * amount.percent / 100
        found = self.money.rounded(base * amount.times, currency)
        if found < 0:
            raise Unbookable(f"the amount would be negative: {found}")
        return found

    def _base(self, entry: MoneyEntry, amount: Amount, currency: str) -> Decimal | None:
        if amount.fixed is not None:
            return amount.fixed
        if amount.field:
            return self._number(amount.field)
        if amount.remedies:
            return self._promised(amount.remedies, currency)
        if amount.entry:
            return self._booked(amount.entry)
        return self._rest(entry, amount.rest_of, currency)

    def _number(self, name: str) -> Decimal | None:
        value = self.complaint.facts.get(name, "")
        if not value:
            return None
        try:
            return Decimal(value)
        except InvalidOperation:
            raise Unbookable(f"{name!r} is {value!r}, which is no number") from None

    def _promised(self, remedies: tuple[str, ...], currency: str) -> Decimal | None:
        """What the accepted solution promises; without one, what the only solution on offer does."""
        options = self.complaint.on_offer()
        if len(options) != 1:
            return None
        total = Decimal(0)
        for remedy in options[0].remedies:
            if remedy.type not in remedies or remedy.amount is None:
                continue
            if remedy.currency not in ("", currency):
                raise Unbookable(f"promised in {remedy.currency}, but the books are kept in {currency}")
            total += remedy.amount
        return total

    def _booked(self, name: str) -> Decimal:
        """What another entry has booked; if its posting is what happened just now, that one alone."""
        if isinstance(self.fact, Posted) and self.fact.entry == name:
            return self.fact.amount
        return sum((p.amount for p in standing_postings(self.complaint, name)), Decimal(0))

    def _rest(self, entry: MoneyEntry, name: str, currency: str) -> Decimal | None:
        """What the shares of a field leave of it, so that all of them together are the whole to the cent."""
        whole = self._number(name)
        if whole is None:
            return None
        shares = {e.name for e in self.money.entries if e.amount.is_share and e.amount.field == name}
        taken = (
            posting.amount
            for posting in self.complaint.postings
            if posting.entry in shares
            and not posting.reversed_by
            and not posting.reverses
            and (entry.per != "round" or posting.round == self.complaint.round)
        )
        return self.money.rounded(whole, currency) - sum(taken, Decimal(0))

    def _account(self, names: tuple[str, ...], order: Order | None) -> str:
        for name in names:
            found = self._known_account(name, order)
            if found:
                return found
        raise Unbookable(f"it is not known who {' or '.join(names)} is")

    def _known_account(self, name: str, order: Order | None) -> str:
        complaint = self.complaint
        if name.startswith(CHOSEN):
            _, kind, field = name.split(":")
            return account(kind, complaint.facts.get(field, ""))
        match name:
            case "organisation":
                return ORGANISATION
            case "customer":
                return account("customer", complaint.customer)
            case "unit":
                return account("unit", complaint.unit)
            case "owner":
                return account("person", complaint.owner)
            case "order_unit":
                meant = order or last_worked(complaint)
                return account("unit", meant.unit) if meant else ""
            case "handler":
                meant = order or last_worked(complaint)
                return account("person", meant.handler) if meant else ""
            case _:
                return account("account", name)


def account(kind: str, name: str) -> str:
    """The account of a customer, unit or person, for example ``unit:si_1``; blank when nobody is named."""
    return f"{kind}:{name.removeprefix(f'{kind}:')}" if name else ""


def last_worked(complaint: Complaint) -> Order | None:
    """The order answered last; without any, the one given last."""
    answered = [order for order in complaint.orders if order.state is OrderState.ANSWERED]
    given = [order for order in complaint.orders if order.state is not OrderState.RECALLED]
    return next(iter((*reversed(answered), *reversed(given))), None)


def standing_postings(complaint: Complaint, entry: str) -> list[Posting]:
    """The postings of an entry that were not taken back."""
    return [
        posting
        for posting in complaint.postings
        if posting.entry == entry and not posting.reverses and not posting.reversed_by
    ]


def next_id(complaint: Complaint, entry: str) -> str:
    """The id of the entry's next posting, for example ``refund#2``."""
    return f"{entry}#{1 + sum(1 for posting in complaint.postings if posting.entry == entry)}"


def month_of(procedure: Procedure, at: datetime) -> str:
    """The month an instant counts in, by the procedure's time zone: ``2026-11``."""
    return at.astimezone(procedure.calendar.zone).strftime("%Y-%m")
