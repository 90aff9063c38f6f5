"""The ways a complaint can end, and the authorities outside a customer can turn to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.conditions import ALWAYS, Condition


@dataclass(frozen=True, slots=True)
class ClosingReason:
    """A way a complaint may end; ``by`` limits who may choose it by hand.

    ``final``: it cannot be opened again. ``refer``: the customer is referred to somebody outside.
    """

    name: str
    title: Mapping[str, str]
    by: tuple[str, ...] = ()
    needs_note: bool = False
    satisfied: bool = False
    final: bool = False
    refer: bool = False


@dataclass(frozen=True, slots=True)
class ExternalWay:
    """An authority outside, such as a regulator, open to the customer when a condition holds."""

    name: str
    title: Mapping[str, str]
    when: Condition = ALWAYS
