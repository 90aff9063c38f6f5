"""Purposes: why an order is given, and what follows from its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.conditions import ALWAYS, Condition
from domain.fields import FormField

MAIN = "handle"
"""The purpose of orders that a handling step waits for unless it plans its own."""

DECLINED = "declined"
"""The word by which an order may follow from one that was declined."""


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order a handling step gives by itself: for a purpose, to units, when a condition holds."""

    purpose: str
    to: tuple[str, ...]
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why an order is given. ``handle`` is the main work; others run beside the route.

    ``outcomes`` an answer must choose from; ``follow`` maps an outcome, or ``declined``, to the purpose of
    the order that is given next by itself and the units it goes to (none said: as its own purpose says, else
    to the same unit). ``requires`` must be filled in with an answer. ``to``: where such orders go unless
    somebody says otherwise; ``by``: who may take and answer them.
    """

    name: str
    title: Mapping[str, str]
    outcomes: tuple[str, ...] = ()
    follow: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    requires: tuple[FormField, ...] = ()
    to: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
