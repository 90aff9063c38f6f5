"""What happens to solutions: proposed, approved, accepted or rejected, carried out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing promised to the customer; ``amount`` is exact, in ``currency`` (ISO 4217)."""

    type: str
    note: str = ""
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One solution offered to the customer; without an ``id`` it gets the number of its place."""

    id: str = ""
    text: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """``beyond``: the roles whose authority does not reach for it; ``true`` means the proposer's own."""

    options: tuple[Option, ...]
    grounds: str = ""
    beyond: tuple[str, ...] = ()
    kind: Literal["proposed"] = "proposed"


@dataclass(frozen=True, slots=True)
class ApprovalOpened:
    """An approval can be given from now on; told only where the procedure has a clock or a notice for it.

    ``order`` is that of the unit whose signature it is.
    """

    approval: str
    order: str = ""
    kind: Literal["approval_opened"] = "approval_opened"


@dataclass(frozen=True, slots=True)
class Approved:
    """``substitute``: the approver's time was over, and a substitute agreed in their place."""

    approval: str
    note: str = ""
    order: str = ""
    substitute: bool = False
    kind: Literal["approved"] = "approved"


@dataclass(frozen=True, slots=True)
class ApprovalRefused:
    approval: str
    reason: str
    order: str = ""
    kind: Literal["approval_refused"] = "approval_refused"


@dataclass(frozen=True, slots=True)
class ApprovalSentBack:
    approval: str
    remarks: str
    order: str = ""
    kind: Literal["approval_sent_back"] = "approval_sent_back"


@dataclass(frozen=True, slots=True)
class CustomerAccepted:
    option: str
    comment: str = ""
    kind: Literal["customer_accepted"] = "customer_accepted"


@dataclass(frozen=True, slots=True)
class CustomerRejected:
    reason: str
    demand: str = ""
    kind: Literal["customer_rejected"] = "customer_rejected"


@dataclass(frozen=True, slots=True)
class Fulfilled:
    note: str = ""
    kind: Literal["fulfilled"] = "fulfilled"
