"""Everything that can have happened to a complaint: the audit trail and the only way state changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from domain.consequence import ConsequenceOpened, ConsequenceRaised
from domain.guidance import GuidanceTicked
from domain.measures import MeasureTaken
from domain.postings import NotPosted, PaidOut, PayoutFailed, PayoutRetried, Posted
from domain.worktime import Limit


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
class Place:
    """Where a unit stands: its kind, and the id of the unit above it (empty at the top).

    ``standing``: why it gets no orders (suspended, ended); empty when it does.
    """

    kind: str = ""
    above: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    procedure: str
    version: str
    ref: str
    facts: Mapping[str, str]
    customer: str
    owner: str
    channel: str
    language: str
    unit: str = ""
    unit_kind: str = ""
    unit_above: str = ""
    repeat_of: str = ""
    repeat_reason: str = ""
    repeat_count: int = 0
    draw: int = 0
    received_at: datetime | None = None
    parent: str = ""
    consequence: str = ""
    person: str = ""
    history: Mapping[str, int] = field(default_factory=dict)
    unit_standing: str = ""
    complained_of: tuple[str, ...] = ()
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Classified:
    facts: Mapping[str, str]
    note: str = ""
    kind: Literal["classified"] = "classified"


@dataclass(frozen=True, slots=True)
class OwnerAssigned:
    owner: str
    kind: Literal["owner_assigned"] = "owner_assigned"


@dataclass(frozen=True, slots=True)
class RepeatLinked:
    ref: str
    reason: Literal["late_reply", "unsatisfied", "other"]
    kind: Literal["repeat_linked"] = "repeat_linked"


@dataclass(frozen=True, slots=True)
class MajorFlagged:
    why: str
    kind: Literal["major_flagged"] = "major_flagged"


@dataclass(frozen=True, slots=True)
class Flagged:
    flag: str
    note: str
    attachments: tuple[str, ...] = ()
    kind: Literal["flagged"] = "flagged"


@dataclass(frozen=True, slots=True)
class Marked:
    mark: str
    note: str = ""
    kind: Literal["marked"] = "marked"


@dataclass(frozen=True, slots=True)
class StepEntered:
    step: str
    round: int
    kind: Literal["step_entered"] = "step_entered"


@dataclass(frozen=True, slots=True)
class StepFinished:
    step: str
    outcome: str
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    kind: Literal["step_finished"] = "step_finished"


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
class ExtensionAsked:
    clock: str
    limit: Limit
    reason: str
    kind: Literal["extension_asked"] = "extension_asked"


@dataclass(frozen=True, slots=True)
class ExtensionGranted:
    clock: str
    limit: Limit
    kind: Literal["extension_granted"] = "extension_granted"


@dataclass(frozen=True, slots=True)
class ExtensionRefused:
    clock: str
    reason: str
    kind: Literal["extension_refused"] = "extension_refused"


@dataclass(frozen=True, slots=True)
class Held:
    reason: str
    until: datetime | None = None
    kind: Literal["held"] = "held"


@dataclass(frozen=True, slots=True)
class Resumed:
    """``until`` is when the pause ended, if that is earlier than when it was noticed."""

    note: str = ""
    until: datetime | None = None
    kind: Literal["resumed"] = "resumed"


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
class CustomerInformed:
    text: str
    kind: Literal["customer_informed"] = "customer_informed"


@dataclass(frozen=True, slots=True)
class ReplyPromised:
    until: datetime
    text: str = ""
    kind: Literal["reply_promised"] = "reply_promised"


@dataclass(frozen=True, slots=True)
class VisitAgreed:
    order: str
    at: datetime
    kind: Literal["visit_agreed"] = "visit_agreed"


@dataclass(frozen=True, slots=True)
class VisitMade:
    order: str
    kind: Literal["visit_made"] = "visit_made"


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


@dataclass(frozen=True, slots=True)
class CallbackScheduled:
    attempt: int
    at: datetime
    kind: Literal["callback_scheduled"] = "callback_scheduled"


@dataclass(frozen=True, slots=True)
class CallbackDue:
    attempt: int
    kind: Literal["callback_due"] = "callback_due"


@dataclass(frozen=True, slots=True)
class CallbackMade:
    attempt: int
    outcome: Literal["satisfied", "dissatisfied", "unreached"]
    score: int | None = None
    comment: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["callback_made"] = "callback_made"


@dataclass(frozen=True, slots=True)
class NoteAdded:
    text: str
    kind: Literal["note_added"] = "note_added"


@dataclass(frozen=True, slots=True)
class InformationAdded:
    """The customer (or someone for them) added to the facts."""

    text: str
    attachments: tuple[str, ...] = ()
    kind: Literal["information_added"] = "information_added"


@dataclass(frozen=True, slots=True)
class Reopened:
    round: int
    reason: str
    kind: Literal["reopened"] = "reopened"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    reason: str
    kind: Literal["withdrawn"] = "withdrawn"


@dataclass(frozen=True, slots=True)
class Closed:
    """``referred`` names the ways outside the customer was referred to, where the reason refers."""

    reason: str
    note: str = ""
    referred: tuple[str, ...] = ()
    kind: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class Archived:
    """The closed case goes to the archives of ``keepers``: ``organisation`` or ``unit:<id>``.

    Each gives it the next number of ``year`` when this is recorded; who has it already keeps its number.
    """

    year: int
    keepers: tuple[str, ...]
    kind: Literal["archived"] = "archived"


@dataclass(frozen=True, slots=True)
class ClockStarted:
    """``due_at`` is told for the reader; the fold computes it again from limit and calendar."""

    clock: str
    rule: str
    limit: Limit | None
    started_at: datetime
    due_at: datetime
    order: str = ""
    kind: Literal["clock_started"] = "clock_started"


@dataclass(frozen=True, slots=True)
class ClockStopped:
    clock: str
    met: bool
    kind: Literal["clock_stopped"] = "clock_stopped"


@dataclass(frozen=True, slots=True)
class ClockWarned:
    clock: str
    rung: int
    to: tuple[str, ...]
    due_at: datetime
    planned_at: datetime
    kind: Literal["clock_warned"] = "clock_warned"


@dataclass(frozen=True, slots=True)
class ClockBreached:
    """``due_at`` is when it fell due; the event's own instant minus that is the lateness of noticing."""

    clock: str
    due_at: datetime
    kind: Literal["clock_breached"] = "clock_breached"


@dataclass(frozen=True, slots=True)
class ClockExpired:
    clock: str
    due_at: datetime
    kind: Literal["clock_expired"] = "clock_expired"


@dataclass(frozen=True, slots=True)
class Escalated:
    """``clock`` is empty and ``rung`` -1 when a person escalated by hand."""

    to: tuple[str, ...]
    reason: str
    clock: str = ""
    rung: int = -1
    planned_at: datetime | None = None
    kind: Literal["escalated"] = "escalated"


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A signal that was not legal when it arrived: visible, and nothing else changed."""

    verb: str
    code: str
    reason: str
    kind: Literal["command_refused"] = "command_refused"


@dataclass(frozen=True, slots=True)
class ProcedureMoved:
    """From this event on the complaint is handled by that version; running clocks go by its calendar."""

    procedure: str
    version: str
    reason: str
    kind: Literal["procedure_moved"] = "procedure_moved"


Fact = (
    Opened | Classified | OwnerAssigned | RepeatLinked | MajorFlagged | Flagged | Marked
    | StepEntered | StepFinished
    | Dispatched | OrderTaken | OrderDeclined | OrderSentBack | OrderRecalled | OrderAnswered
    | ExtensionAsked | ExtensionGranted | ExtensionRefused | Held | Resumed
    | Proposed | ApprovalOpened | Approved | ApprovalRefused | ApprovalSentBack
    | CustomerInformed | ReplyPromised | VisitAgreed | VisitMade
    | CustomerAccepted | CustomerRejected | Fulfilled
    | CallbackScheduled | CallbackDue | CallbackMade
    | NoteAdded | InformationAdded | Reopened | Withdrawn | Closed | Archived
    | ClockStarted | ClockStopped | ClockWarned | ClockBreached | ClockExpired | Escalated
    | CommandRefused | ProcedureMoved
    | ConsequenceRaised | ConsequenceOpened | MeasureTaken
    | GuidanceTicked
    | Posted | NotPosted | PaidOut | PayoutFailed | PayoutRetried
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One fact in its place: ``seq`` counts from 1 without gaps, ``at`` is aware UTC.

    ``by`` names the actor: ``person:<id>``, ``customer``, ``system:<name>`` or ``clock``.
    """

    seq: int
    at: datetime
    by: str
    fact: Fact


EVENT_KINDS: tuple[str, ...] = tuple(fact.__dataclass_fields__["kind"].default for fact in Fact.__args__)
