"""The customer's side: what they see of their complaint through a private link, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import events as ev
from domain.booking import account
from domain.closing import ExternalWay
from domain.commands import Actor
from domain.complaint import Complaint, Status
from domain.decide import allowed_actions
from domain.errors import Refused
from domain.events import Event, Option
from domain.postings import PaidOut
from domain.procedure import Procedure
from services import contacts
from services.access import customer_actor
from services.connect import Connections
from services.reading import NOT_FOUND
from storage.queries import complaints as complaint_queries
from storage.queries.complaints import ComplaintRow
from storage.queries.contacts import Contact

VERBS = ("accept", "reject", "withdraw", "add_information", "reopen")
"""What a customer can do; everything else is somebody's work."""

# What the customer is told of each kind of event, by language. Kinds that are not here are internal.
TOLD: Mapping[str, Mapping[str, str]] = {
    "opened": {"en": "Your complaint was accepted.", "zh": "您的投诉已受理。"},
    "dispatched": {"en": "It was given to those who can solve it.", "zh": "已转交负责部门处理。"},
    "customer_informed": {"en": "", "zh": ""},
    "reply_promised": {"en": "We promised you the next reply.", "zh": "我们承诺了下次回复时间。"},
    "proposed": {"en": "A solution was worked out.", "zh": "已形成解决方案。"},
    "visit_agreed": {"en": "A visit was agreed.", "zh": "已约定上门时间。"},
    "customer_accepted": {"en": "You accepted.", "zh": "您已接受方案。"},
    "customer_rejected": {"en": "You rejected what was offered.", "zh": "您未接受方案。"},
    "paid_out": {"en": "Paid to you:", "zh": "已向您支付："},
    "fulfilled": {"en": "What was promised has been carried out.", "zh": "承诺事项已落实。"},
    "information_added": {"en": "You added information.", "zh": "您补充了信息。"},
    "reopened": {"en": "It is being handled again.", "zh": "已重新处理。"},
    "withdrawn": {"en": "You withdrew the complaint.", "zh": "您已撤回投诉。"},
    "closed": {"en": "The complaint was closed.", "zh": "投诉已办结。"},
}


@dataclass(frozen=True, slots=True)
class CustomerEvent:
    """Something that happened, as the customer is told."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class CustomerCase:
    """A complaint as its customer sees it."""

    row: ComplaintRow
    complaint: Complaint
    procedure: Procedure
    timeline: Sequence[CustomerEvent]
    actions: tuple[str, ...]
    contacts: Sequence[Contact] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """The solutions on offer, once they may be known: when the customer is asked, and after."""
        if self.complaint.status in (Status.DECISION, Status.FULFILMENT, Status.CALLBACK, Status.CLOSED):
            return self.complaint.on_offer()
        return ()

    @property
    def ways(self) -> tuple[ExternalWay, ...]:
        """Whom outside the customer can turn to now."""
        return self.procedure.ways_outside(self.complaint.rule_facts())

    @property
    def next_reply_by(self) -> datetime | None:
        """The reply that was promised last, while it is still to come."""
        promised = [c.due_at for c in self.complaint.running() if c.rule == "promise" and c.due_at]
        return min(promised, default=None)


async def customer_case(connections: Connections, ref: str, language: str = "") -> CustomerCase:
    """The complaint behind a link, told in that language, by default the complaint's own.

    Raises Refused("not_found") when there is none any more.
    """
    row, events = await complaint_queries.with_events(connections.database, ref)
    if row is None:
        raise Refused(*NOT_FOUND)
    procedure, complaint = await connections.catalogue.folded(row.fingerprint, events)
    actor = customer_actor(row.customer_id)
    actions = allowed_actions(procedure, complaint, actor)
    return CustomerCase(
        row,
        complaint,
        procedure,
        [
            _told(event, complaint, (language or row.language)[:2])
            for event in events
            if event.fact.kind in TOLD and _is_theirs(event, complaint)
        ],
        tuple(dict.fromkeys(action.verb for action in actions if action.verb in VERBS)),
        await contacts.ladder(connections, complaint.unit or row.unit),
    )


async def customer_of(connections: Connections, ref: str) -> Actor:
    """The customer a link stands for."""
    row, _ = await complaint_queries.with_events(connections.database, ref)
    if row is None:
        raise Refused(*NOT_FOUND)
    return customer_actor(row.customer_id)


def _is_theirs(event: Event, complaint: Complaint) -> bool:
    """Whether it concerns the customer: payments to others do not."""
    if not isinstance(event.fact, PaidOut):
        return True
    posting = complaint.posting(event.fact.posting)
    return posting is not None and posting.target == account("customer", complaint.customer)


def _told(event: Event, complaint: Complaint, language: str) -> CustomerEvent:
    fact = event.fact
    text = TOLD[fact.kind].get(language) or TOLD[fact.kind]["en"]
    if isinstance(fact, ev.CustomerInformed | ev.ReplyPromised | ev.InformationAdded):
        text = " ".join(part for part in (text, fact.text) if part)
    posting = complaint.posting(fact.posting) if isinstance(fact, PaidOut) else None
    if posting is not None:
        text = f"{text} {posting.amount} {posting.currency}"
    return CustomerEvent(event.at, fact.kind, text)
