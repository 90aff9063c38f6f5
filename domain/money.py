"""Money as a procedure says it: which entries are booked when, how much, from whom to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from functools import cached_property
from typing import Literal

from domain.conditions import ALWAYS, Condition

POINTS = "points"
"""The unit of entries that count points instead of money."""

ORGANISATION = "organisation"
ACCOUNTS = ("customer", ORGANISATION, "unit", "order_unit", "handler", "owner")
"""Accounts every procedure has."""

CHOSEN = "chosen:"
"""A person or unit chosen in a form; the file says ``chosen:<field>``, the compiled procedure also which of
the two it is: ``chosen:person:<field>``."""

_PLACES: Mapping[str, int] = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Decimals of currencies that have not two."""

ROUNDINGS: Mapping[str, str] = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much an entry is; exactly one source is given.

    ``field``: what was filled in there. ``remedies``: what was promised for these, together. ``entry``:
    what was booked by another entry. ``rest_of``: what the shares of a field leave of it. ``fixed``: always
    the same. It is multiplied by ``times``, or ``percent`` of it (a number, or that in a field) is taken.
    """

    field: str = ""
    remedies: tuple[str, ...] = ()
    entry: str = ""
    rest_of: str = ""
    fixed: Decimal | None = None
    times: Decimal = Decimal(1)
    percent: Decimal | None = None
    percent_field: str = ""

    @property
    def is_share(self) -> bool:
        """Whether a percentage of something is taken."""
        return self.percent is not None or bool(self.percent_field)


@dataclass(frozen=True, slots=True)
class MoneyEntry:
    """One kind of entry: booked ``on`` a trigger ``when`` a condition holds, from one account to another.

    ``source`` and ``target`` are accounts, the first that is known counts. ``per`` says how often it may be
    booked: once in the complaint, in a round, for an order, or every time. ``pay``: it is paid out as well.
    """

    name: str
    title: Mapping[str, str]
    on: tuple[str, ...]
    amount: Amount
    source: tuple[str, ...]
    target: tuple[str, ...]
    when: Condition = ALWAYS
    unit: str = ""
    pay: bool = False
    per: Literal["complaint", "round", "order", "time"] = "complaint"


@dataclass(frozen=True)
class Money:
    """What a procedure says about money. ``accounts`` are its own, beside those there always are."""

    currency: str
    entries: tuple[MoneyEntry, ...]
    accounts: tuple[str, ...] = ()
    rounding: str = "half_up"
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def booked_on(self, trigger: str) -> tuple[MoneyEntry, ...]:
        """The entries that ``trigger`` may book, in the order of the procedure."""
        return self._by_trigger.get(trigger, ())

    def entry(self, name: str) -> MoneyEntry | None:
        """The entry called ``name``, or None."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def rounded(self, amount: Decimal, currency: str) -> Decimal:
        """``amount`` to the smallest coin of the currency (points: two decimals), by the procedure's rule."""
        places = _PLACES.get(currency, 2)
        return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUNDINGS[self.rounding])

    @cached_property
    def _by_trigger(self) -> Mapping[str, tuple[MoneyEntry, ...]]:
        found: dict[str, tuple[MoneyEntry, ...]] = {}
        for entry in self.entries:
            for trigger in entry.on:
                found[trigger] = (*found.get(trigger, ()), entry)
        return found
