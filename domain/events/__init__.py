"""Everything that can have happened to a complaint: the audit trail and the only way state changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.consequence import ConsequenceOpened, ConsequenceRaised
from domain.events.callback import CallbackDue, CallbackMade, CallbackScheduled
from domain.events.deadline import (
    ClockBreached,
    ClockExpired,
    ClockStarted,
    ClockStopped,
    ClockWarned,
    Escalated,
    ExtensionAsked,
    ExtensionGranted,
    ExtensionRefused,
    Held,
    ReplyPromised,
    Resumed,
)
from domain.events.desk import (
    Classified,
    CommandRefused,
    CustomerInformed,
    Flagged,
    InformationAdded,
    MajorFlagged,
    Marked,
    NoteAdded,
    Opened,
    OwnerAssigned,
    Place,
    ProcedureMoved,
    RepeatLinked,
    StepEntered,
    StepFinished,
)
from domain.events.ending import Archived, Closed, Reopened, Withdrawn
from domain.events.order import (
    Dispatched,
    OrderAnswered,
    OrderDeclined,
    OrderRecalled,
    OrderSentBack,
    OrderTaken,
    OrderWithheld,
    VisitAgreed,
    VisitMade,
)
from domain.events.proposal import (
    ApprovalOpened,
    ApprovalRefused,
    ApprovalSentBack,
    Approved,
    CustomerAccepted,
    CustomerRejected,
    Fulfilled,
    Option,
    Proposed,
    Remedy,
)
from domain.guidance import GuidanceTicked
from domain.measures import MeasureTaken
from domain.postings import NotPosted, PaidOut, PayoutFailed, PayoutHeld, PayoutRetried, Posted

Fact = (
    Opened | Classified | OwnerAssigned | RepeatLinked | MajorFlagged | Flagged | Marked
    | StepEntered | StepFinished
    | Dispatched | OrderWithheld | OrderTaken | OrderDeclined | OrderSentBack | OrderRecalled | OrderAnswered
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
    | Posted | NotPosted | PaidOut | PayoutHeld | PayoutFailed | PayoutRetried
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

__all__ = [
    "EVENT_KINDS",
    "ApprovalOpened",
    "ApprovalRefused",
    "ApprovalSentBack",
    "Approved",
    "Archived",
    "CallbackDue",
    "CallbackMade",
    "CallbackScheduled",
    "Classified",
    "ClockBreached",
    "ClockExpired",
    "ClockStarted",
    "ClockStopped",
    "ClockWarned",
    "Closed",
    "CommandRefused",
    "ConsequenceOpened",
    "ConsequenceRaised",
    "CustomerAccepted",
    "CustomerInformed",
    "CustomerRejected",
    "Dispatched",
    "Escalated",
    "Event",
    "ExtensionAsked",
    "ExtensionGranted",
    "ExtensionRefused",
    "Fact",
    "Flagged",
    "Fulfilled",
    "GuidanceTicked",
    "Held",
    "InformationAdded",
    "MajorFlagged",
    "Marked",
    "MeasureTaken",
    "NotPosted",
    "NoteAdded",
    "Opened",
    "Option",
    "OrderAnswered",
    "OrderDeclined",
    "OrderRecalled",
    "OrderSentBack",
    "OrderTaken",
    "OrderWithheld",
    "OwnerAssigned",
    "PaidOut",
    "PayoutFailed",
    "PayoutHeld",
    "PayoutRetried",
    "Place",
    "Posted",
    "ProcedureMoved",
    "Proposed",
    "Remedy",
    "Reopened",
    "RepeatLinked",
    "ReplyPromised",
    "Resumed",
    "StepEntered",
    "StepFinished",
    "VisitAgreed",
    "VisitMade",
    "Withdrawn",
]
