"""Reading money: the currency, accounts of its own, and which entries are booked when and how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.fields import FormField
from domain.money import ACCOUNTS, CHOSEN, POINTS, ROUNDINGS, Amount, Money, MoneyEntry
from procedures.nodes import Entry, Table
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet, read_condition, read_title, read_trigger

_KEYS = ("currency", "rounding", "accounts", "entries")
_ENTRY = ("title", "on", "when", "amount", "from", "to", "pay", "unit", "per")
_AMOUNT = ("field", "remedy", "entry", "rest_of", "fixed", "times", "percent")
_SOURCES = _AMOUNT[:5]
_PER: tuple[Literal["complaint", "round", "order", "time"], ...] = ("complaint", "round", "order", "time")
_EXAMPLES = "{field: wrong_charge, times: 2}, {remedy: compensation}, {entry: refund}, {fixed: 1}"


@dataclass(frozen=True, slots=True)
class _Known:
    """Accounts of the procedure's own, and the types of its form fields by name."""

    own: tuple[str, ...]
    kinds: Mapping[str, str]


def read_money(sheet: Sheet, entry: Entry | None, fields: tuple[FormField, ...]) -> Money | None:
    """What the procedure says about money; ``fields`` are those of its forms, for ``chosen:<field>``."""
    if entry is None:
        return None
    table = entry.table(_KEYS)
    sheet.put("money", "money", entry)
    rounding, accounts = table.get("rounding"), table.get("accounts")
    own: list[str] = []
    titles: dict[str, Mapping[str, str]] = {}
    for name, key, value in accounts.named() if accounts else ():
        if name in ACCOUNTS:
            key.wrong("duplicate", f"{name!r} is an account every procedure has; choose another name")
        own.append(name)
        titles[name] = read_title(sheet, value)
    entries = table.need("entries", "what is booked when, each with a name")
    known = _Known(tuple(own), {field.name: field.type.value for field in fields})
    found = []
    for name, key, value in entries.named() if entries else ():
        sheet.put("entry", name, key)
        found.append(_read_entry(sheet, name, value, known))
    return Money(
        currency=_currency(table),
        entries=tuple(found),
        accounts=tuple(own),
        rounding=rounding.choice(ROUNDINGS) if rounding else "half_up",
        titles=titles,
    )


def _currency(table: Table) -> str:
    entry = table.need("currency", "the currency of the books, for example CNY")
    if entry is None:
        return ""
    text = entry.text()
    if not (len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()):
        entry.wrong("currency", f"{text!r} is no currency: write its three capital letters, for example CNY")
    return text


def _read_entry(sheet: Sheet, name: str, value: Entry, known: _Known) -> MoneyEntry:
    table = value.table(_ENTRY)
    title = table.need("title", "what the entry is called in statements")
    on = table.need("on", "what has to happen for it to be booked, for example fulfilled")
    amount = table.need("amount", f"how much it is, for example {_EXAMPLES}")
    unit, pay, per = table.get("unit"), table.get("pay"), table.get("per")
    if unit is not None and unit.text() != POINTS:
        unit.wrong("word", f"{unit.text()!r} is not possible: leave it out for money, or write {POINTS}")
    paid = pay.yes_no() if pay else False
    if paid and unit is not None and pay is not None:
        pay.wrong("pay", "points cannot be paid out: leave 'pay' out")
    source = _read_accounts(table, "from", "who bears it", known)
    target = _read_accounts(table, "to", "who gets it", known)
    if source and source == target:
        value.wrong("account", f"{name!r} goes from {one_of(source)} to itself; name two accounts")
    return MoneyEntry(
        name=name,
        title=read_title(sheet, title) if title else {},
        on=tuple(read_trigger(sheet, item) for item in on.items()) if on else (),
        amount=_read_amount(sheet, name, amount) if amount else Amount(),
        source=source,
        target=target,
        when=read_condition(sheet, table.get("when")),
        unit=POINTS if unit else "",
        pay=paid,
        per=per.choice(_PER) if per else "complaint",
    )


def _read_accounts(table: Table, key: str, what: str, known: _Known) -> tuple[str, ...]:
    entry = table.need(key, f"{what}, for example customer or organisation")
    if entry is None:
        return ()
    return tuple(_account(item, (*ACCOUNTS, *known.own), known.kinds) for item in entry.items())


def _account(item: Entry, known: tuple[str, ...], kinds: Mapping[str, str]) -> str:
    word = item.text()
    if not word.startswith(CHOSEN):
        if word and word not in known:
            item.wrong("account", f"there is no account {word!r}: {did_you_mean(word, (*known, 'chosen:…'))}")
        return word
    field = word.removeprefix(CHOSEN)
    kind = kinds.get(field)
    if kind is None:
        item.wrong("account", f"there is no form field {field!r}: {did_you_mean(field, kinds)}")
    elif kind not in ("person", "unit"):
        item.wrong("account", f"the field {field!r} is {kind}; only a person or a unit can have an account")
    return f"{CHOSEN}{kind}:{field}"


def _read_amount(sheet: Sheet, name: str, entry: Entry) -> Amount:
    table = entry.table(_AMOUNT)
    sheet.put("amount", name, entry)
    given = [key for key in _SOURCES if table.get(key)]
    if len(given) != 1:
        entry.wrong("amount", f"say how much in exactly one way, for example {_EXAMPLES}")
    fixed, times, percent = table.get("fixed"), table.get("times"), table.get("percent")
    remedy = table.get("remedy")
    if percent is not None and table.get("rest_of"):
        percent.wrong("amount", "the rest is what the shares leave: leave 'percent' out")
    share_of = percent.table(("field",)).get("field") if percent and percent.is_table else None
    if percent is not None and percent.is_table and share_of is None:
        percent.wrong("missing", "which field says the percentage? {field: degree}")
    return Amount(
        field=table.text("field"),
        remedies=remedy.texts() if remedy else (),
        entry=table.text("entry"),
        rest_of=table.text("rest_of"),
        fixed=_positive(fixed) if fixed else None,
        times=_positive(times) if times else Decimal(1),
        percent=_positive(percent) if percent and not percent.is_table else None,
        percent_field=share_of.text() if share_of else "",
    )


def _positive(entry: Entry) -> Decimal:
    number = Decimal(entry.number())
    if number <= 0:
        entry.wrong("range", f"{entry.text()!r} must be more than nothing")
        return Decimal(1)
    return number
