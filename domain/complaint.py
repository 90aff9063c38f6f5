"""The state of one complaint: what folding its events yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.clocks import Clock
from domain.consequence import Raised
from domain.events import Option
from domain.facts import Facts
from domain.postings import PayState, Posting
from domain.step import StepKind
from domain.worktime import Limit


class Status(StrEnum):
    """Where the complaint stands, for people and lists; follows from the kind of the current step."""

    NEW = "new"
    REVIEW = "review"
    HANDLING = "handling"
    PROPOSING = "proposing"
    APPROVAL = "approval"
    DECISION = "decision"
    FULFILMENT = "fulfilment"
    CALLBACK = "callback"
    CLOSED = "closed"


STATUS_OF: Mapping[StepKind, Status] = {
    StepKind.TASK: Status.REVIEW,
    StepKind.HANDLE: Status.HANDLING,
    StepKind.PROPOSE: Status.PROPOSING,
    StepKind.APPROVE: Status.APPROVAL,
    StepKind.DECIDE: Status.DECISION,
    StepKind.FULFIL: Status.FULFILMENT,
    StepKind.CALLBACK: Status.CALLBACK,
}


class OrderState(StrEnum):
    """The life of an order."""

    DISPATCHED = "dispatched"
    TAKEN = "taken"
    ANSWERED = "answered"
    DECLINED = "declined"
    RECALLED = "recalled"

    @property
    def open(self) -> bool:
        """Whether the unit still owes an answer."""
        return self in (OrderState.DISPATCHED, OrderState.TAKEN)


@dataclass(frozen=True, slots=True)
class Order:
    """Work given to one unit in one round.

    ``superior`` asks the unit's superior to look after it where the directory names no unit above.
    ``step`` is the handling step that waits for it, blank for an order that runs beside the route. ``chosen``
    are the persons it is for by name, as actors' ids, if it is for persons chosen in a form.
    ``passed_on``: it was declined, and somebody else has got such an order since.
    """

    id: str
    unit: str
    purpose: str
    round: int
    state: OrderState
    at: datetime
    note: str = ""
    handler: str = ""
    unit_kind: str = ""
    unit_above: str = ""
    superior: bool = False
    outcome: str = ""
    result: str = ""
    step: str = ""
    chosen: tuple[str, ...] = ()
    passed_on: bool = False

    @property
    def unsettled(self) -> bool:
        """Whether it was declined and the dispatcher has not seen to it since."""
        return self.state is OrderState.DECLINED and not self.passed_on


@dataclass(frozen=True, slots=True)
class Callback:
    """The callback in progress: the attempt that is next or waiting, and when it is to be made."""

    attempt: int
    at: datetime
    due: bool


@dataclass(frozen=True)
class Complaint:
    """One complaint as of sequence ``seq``. All instants are aware UTC.

    ``unverified``: it came back after its end, and nobody has looked into it since. ``withheld``: purposes of
    orders the step waits for which a unit did not get because it gets none. Without slots, for ``changed``.
    """

    ref: str = ""
    seq: int = 0
    customer: str = ""
    owner: str = ""
    channel: str = ""
    language: str = ""
    unit: str = ""
    unit_kind: str = ""
    unit_above: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    closing_reason: str = ""
    referred: tuple[str, ...] = ()
    step: str = ""
    status: Status = Status.NEW
    round: int = 1
    repeat_of: str = ""
    repeat_reason: str = ""
    repeat_count: int = 0
    draw: int = 0
    major: bool = False
    flags: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    held_at: datetime | None = None
    held_until: datetime | None = None
    orders: tuple[Order, ...] = ()
    withheld: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] = ()
    asked: Mapping[str, Limit] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    proposed_round: int = 0
    grounds: str = ""
    accepted: str = ""
    beyond: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    opened_approvals: tuple[str, ...] = ()
    callback: Callback | None = None
    breaches: int = 0
    rejections: int = 0
    unverified: bool = False
    parent: str = ""
    consequence: str = ""
    person: str = ""
    history: Mapping[str, int] = field(default_factory=dict)
    raised: tuple[Raised, ...] = ()
    unit_standing: str = ""
    postings: tuple[Posting, ...] = ()
    archived: tuple[str, ...] = ()
    complained_of: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()

    def changed(self, changes: Mapping[str, Any]) -> Complaint:
        """This complaint with other values in some fields, whose names the caller vouches for.

        As ``dataclasses.replace``, which takes 25 times as long for this many fields and was half of all the
        time that deciding took.
        """
        new = object.__new__(Complaint)
        new.__dict__.update(self.__dict__, **changes)
        return new

    @property
    def open(self) -> bool:
        """Opened and not closed."""
        return self.status not in (Status.NEW, Status.CLOSED)

    def order(self, order_id: str) -> Order | None:
        """The order with that id, or None."""
        return next((order for order in self.orders if order.id == order_id), None)

    def open_orders(self) -> tuple[Order, ...]:
        """Orders whose unit still owes an answer."""
        return tuple(order for order in self.orders if order.state.open)

    def running(self) -> tuple[Clock, ...]:
        """Clocks that are not stopped (paused ones included)."""
        return tuple(clock for clock in self.clocks if clock.stopped_at is None)

    def clock(self, clock_id: str) -> Clock | None:
        """The clock with that id, or None."""
        return next((clock for clock in self.clocks if clock.id == clock_id), None)

    def posting(self, posting_id: str) -> Posting | None:
        """The posting with that id, or None."""
        return next((posting for posting in self.postings if posting.id == posting_id), None)

    def to_pay(self) -> tuple[Posting, ...]:
        """Postings whose money is on its way or held: neither paid nor failed."""
        return tuple(p for p in self.postings if p.state in (PayState.DUE, PayState.HELD))

    def to_open(self) -> tuple[Raised, ...]:
        """Consequences that were raised and whose cases are not known to be there."""
        return tuple(raised for raised in self.raised if not raised.opened)

    def on_offer(self) -> tuple[Option, ...]:
        """What is promised or proposed: the accepted option, else all that are proposed."""
        return tuple(o for o in self.options if o.id == self.accepted) or self.options

    def rule_facts(self, order: Order | None = None) -> Facts:
        """The facts conditions are tested on; those of ``order`` are added when it is given."""
        return Facts(self, order)
