"""What is asked about orders and the visits they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.commands.asking import LOOKED_UP


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Give an order to a unit, or to the ones the procedure names for its purpose when none is named here.

    Its kind and the unit above it are looked up in the directory.
    """

    unit: str = ""
    purpose: str = "handle"
    note: str = ""
    unit_kind: str = field(default="", metadata=LOOKED_UP)
    unit_above: str = field(default="", metadata=LOOKED_UP)


@dataclass(frozen=True, slots=True)
class TakeOrder:
    """A unit takes the order it was given."""

    order: str


@dataclass(frozen=True, slots=True)
class DeclineOrder:
    """A unit declines, with a reason; the order goes back to the dispatcher."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerOrder:
    """A unit reports the result of its order."""

    order: str
    result: str
    outcome: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendBackOrder:
    """The dispatcher returns an answer that does not do."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecallOrder:
    """The dispatcher takes an order away from a unit."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class AgreeVisit:
    """Fix a visit with the customer; the time becomes a deadline of its own."""

    order: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MakeVisit:
    """Somebody of the unit has arrived at the customer's."""

    order: str
