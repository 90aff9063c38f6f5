"""Checking money: every amount is known when it is booked, nothing is booked for ever, failures are seen."""

from __future__ import annotations

from domain.money import Money, MoneyEntry
from domain.procedure import Procedure
from procedures.facts import Kind, known_facts
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet


def check_money(procedure: Procedure, sheet: Sheet) -> None:
    """Note amounts of fields, remedies and entries there are not, circles, and payments nobody watches."""
    money = procedure.money
    if money is None:
        return
    if not money.entries:
        sheet.findings.add(
            sheet.place("money", "money"), "empty", "there is no entry here, nothing is booked"
        )
    for entry in money.entries:
        _check_amount(procedure, money, entry, sheet)
    _check_circles(money, sheet)
    _check_payments(procedure, money, sheet)


def _check_amount(procedure: Procedure, money: Money, entry: MoneyEntry, sheet: Sheet) -> None:
    amount, place = entry.amount, sheet.places.get(f"amount:{entry.name}", sheet.place("entry", entry.name))
    numbers = [name for name, fact in known_facts(procedure).items() if fact.kind is Kind.NUMBER]
    for field in filter(None, (amount.field, amount.rest_of, amount.percent_field)):
        if field not in numbers:
            message = f"{field!r} is no field of the type money or number: {did_you_mean(field, numbers)}"
            sheet.findings.add(place, "amount", message)
    for remedy in amount.remedies:
        if remedy not in procedure.remedies:
            hint = did_you_mean(remedy, procedure.remedies)
            sheet.findings.add(place, "amount", f"there is no remedy {remedy!r}: {hint}")
    others = [other.name for other in money.entries if other is not entry]
    if amount.entry and amount.entry not in others:
        message = f"there is no other entry {amount.entry!r}: {did_you_mean(amount.entry, others)}"
        sheet.findings.add(place, "amount", message)
    if amount.rest_of and not _shares_before(money, entry):
        message = (
            f"no entry before {entry.name!r} takes a percentage of {amount.rest_of!r}: "
            "write the shares first, what is left of them comes after"
        )
        sheet.findings.add(place, "amount", message)


def _shares_before(money: Money, entry: MoneyEntry) -> bool:
    before = money.entries[: money.entries.index(entry)]
    return any(other.amount.is_share and other.amount.field == entry.amount.rest_of for other in before)


def _check_circles(money: Money, sheet: Sheet) -> None:
    """An entry that is booked because of itself would be booked for ever."""
    follows = {
        entry.name: [t.partition(":")[2] for t in entry.on if t.startswith(("posted:", "paid:"))]
        for entry in money.entries
    }
    for name, first in follows.items():
        seen: set[str] = set()
        waiting = list(first)
        while waiting:
            before = waiting.pop()
            if before not in seen:
                seen.add(before)
                waiting += follows.get(before, [])
        if name in seen:
            message = f"{name!r} is booked because it was booked, and so for ever: take one 'posted:…' out"
            sheet.findings.add(sheet.place("entry", name), "endless", message)


def _check_payments(procedure: Procedure, money: Money, sheet: Sheet) -> None:
    paid = [entry.name for entry in money.entries if entry.pay]
    if paid and not procedure.told_on("payout_failed"):
        message = (
            f"{one_of(paid)} is paid out, but nobody hears when that fails: add a notice such as "
            "{on: payout_failed, to: supervisor, text: payout_failed}"
        )
        sheet.findings.add(sheet.place("entry", paid[0]), "notice", message)


__all__ = ["check_money"]
