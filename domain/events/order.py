"""What happens to orders and the visits they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Dispatched:
    order: str
    unit: str
    purpose: str
    note: str = ""
    unit_kind: str = ""
    unit_above: str = ""
    superior: bool = False
    kind: Literal["dispatched"] = "dispatched"


@dataclass(frozen=True, slots=True)
class OrderWithheld:
    """An order the route would have given by itself, to a unit that gets none: ``standing`` says why."""

    unit: str
    purpose: str
    standing: str
    note: str = ""
    kind: Literal["order_withheld"] = "order_withheld"


@dataclass(frozen=True, slots=True)
class OrderTaken:
    order: str
    handler: str
    kind: Literal["order_taken"] = "order_taken"


@dataclass(frozen=True, slots=True)
class OrderDeclined:
    order: str
    reason: str
    kind: Literal["order_declined"] = "order_declined"


@dataclass(frozen=True, slots=True)
class OrderSentBack:
    """The dispatcher sends an incomplete answer back to the unit."""

    order: str
    reason: str
    kind: Literal["order_sent_back"] = "order_sent_back"


@dataclass(frozen=True, slots=True)
class OrderRecalled:
    order: str
    reason: str
    kind: Literal["order_recalled"] = "order_recalled"


@dataclass(frozen=True, slots=True)
class OrderAnswered:
    order: str
    result: str
    outcome: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["order_answered"] = "order_answered"


@dataclass(frozen=True, slots=True)
class VisitAgreed:
    order: str
    at: datetime
    kind: Literal["visit_agreed"] = "visit_agreed"


@dataclass(frozen=True, slots=True)
class VisitMade:
    order: str
    kind: Literal["visit_made"] = "visit_made"
