"""The words by which procedures refer to what happened: what starts and stops clocks, what is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain import events as ev
from domain.approval import base
from domain.complaint import Complaint, Order
from domain.consequence import ConsequenceOpened, ConsequenceRaised
from domain.guidance import GuidanceTicked
from domain.measures import MeasureTaken
from domain.postings import NotPosted, PaidOut, PayoutFailed, PayoutHeld, PayoutRetried, Posted

SIMPLE: Mapping[type, str] = {
    ev.Opened: "opened",
    ev.Classified: "classified",
    ev.OwnerAssigned: "owner_assigned",
    ev.RepeatLinked: "repeat_linked",
    ev.MajorFlagged: "major",
    ev.Dispatched: "dispatched",
    ev.OrderWithheld: "order_withheld",
    ev.OrderTaken: "taken",
    ev.OrderDeclined: "declined",
    ev.OrderSentBack: "order_sent_back",
    ev.OrderRecalled: "recalled",
    ev.OrderAnswered: "answered",
    ev.ExtensionAsked: "extension_asked",
    ev.ExtensionGranted: "extension_granted",
    ev.ExtensionRefused: "extension_refused",
    ev.Held: "held",
    ev.Resumed: "resumed",
    ev.Proposed: "proposed",
    ev.Approved: "approved",
    ev.ApprovalRefused: "approval_refused",
    ev.ApprovalSentBack: "approval_sent_back",
    ev.CustomerInformed: "informed",
    ev.ReplyPromised: "promised",
    ev.VisitAgreed: "visit_agreed",
    ev.VisitMade: "visited",
    ev.CustomerAccepted: "accepted",
    ev.CustomerRejected: "rejected",
    ev.Fulfilled: "fulfilled",
    ev.CallbackScheduled: "callback_scheduled",
    ev.CallbackDue: "callback_due",
    ev.CallbackMade: "callback_made",
    ev.NoteAdded: "note_added",
    ev.InformationAdded: "information_added",
    ev.Reopened: "reopened",
    ev.Withdrawn: "withdrawn",
    ev.Closed: "closed",
    ev.Archived: "archived",
    ev.ClockWarned: "warned",
    ev.ClockBreached: "breached",
    ev.Escalated: "escalated",
    ev.CommandRefused: "refused",
    ev.ProcedureMoved: "procedure_moved",
    ConsequenceOpened: "consequence_opened",
    NotPosted: "not_posted",
    PayoutHeld: "payout_held",
    PayoutFailed: "payout_failed",
    PayoutRetried: "payout_retried",
    GuidanceTicked: "guidance_ticked",
}

NAMED: Mapping[type, Callable[[Any], tuple[str, ...]]] = {
    ev.StepEntered: lambda fact: (f"entered:{fact.step}",),
    ev.StepFinished: lambda fact: (f"finished:{fact.step}", f"outcome:{fact.step}:{fact.outcome}"),
    ev.Marked: lambda fact: (f"mark:{fact.mark}",),
    ev.Flagged: lambda fact: (f"flag:{fact.flag}",),
    ConsequenceRaised: lambda fact: (f"raised:{fact.consequence}",),
    MeasureTaken: lambda fact: (f"measure:{fact.measure}",),
    Posted: lambda fact: (f"{'reversed' if fact.reverses else 'posted'}:{fact.entry}",),
    PaidOut: lambda fact: (f"paid:{fact.entry}",),
    ev.ApprovalOpened: lambda fact: (f"approval:{base(fact.approval)}",),
    ev.Approved: lambda fact: (f"approved:{base(fact.approval)}",),
    ev.Closed: lambda fact: (f"closed:{fact.reason}",),
}

OF_ORDERS = ("dispatched", "taken", "answered", "declined", "order_sent_back", "recalled")
"""What happens to an order; said with the purpose of the order too: ``answered:evidence``."""

OF_CLOCKS = ("warned", "breached", "escalated")
"""What a clock causes; said with the clock's name too: ``breached:reply``."""

PREFIXES = (
    "entered", "finished", "outcome", "mark", "flag", "raised", "measure", "approval", "approved", "closed",
    "posted", "reversed", "paid", *OF_ORDERS, *OF_CLOCKS,
)  # fmt: skip
"""Prefixes of triggers that carry a name from the procedure."""

_OF_ORDERS = frozenset(OF_ORDERS)
_FROM_CLOCKS = (ev.ClockWarned, ev.ClockBreached, ev.Escalated)


def triggers(fact: ev.Fact, order: Order | None = None) -> tuple[str, ...]:
    """The triggers a fact pulls, for example ``("dispatched", "dispatched:evidence")``.

    ``order`` is the one the fact is about, if it is about one.
    """
    word, named = SIMPLE.get(type(fact)), NAMED.get(type(fact))
    if word is None:
        return named(fact) if named is not None else ()
    if word in _OF_ORDERS and order is not None:
        return (word, f"{word}:{order.purpose}")
    if isinstance(fact, _FROM_CLOCKS) and fact.clock:
        return (word, f"{word}:{fact.clock.partition('#')[0]}")
    return (word,) if named is None else (word, *named(fact))


def order_meant(complaint: Complaint, fact: ev.Fact) -> Order | None:
    """The order a fact is about: the one it names, or the one whose clock it names."""
    order_id = getattr(fact, "order", "")
    if not order_id and (clock_id := getattr(fact, "clock", "")):
        clock = complaint.clock(clock_id)
        order_id = clock.order if clock else ""
    return complaint.order(order_id) if order_id else None
