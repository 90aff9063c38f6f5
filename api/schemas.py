"""What goes out of the API: views of complaints and of what belongs to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.events import Event
from services.reading import event_data
from workflows.messages import Done

REF = "TEL-2026-000001"

Item = TypeVar("Item")


class View(BaseModel):
    """Anything the API answers with."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(View, Generic[Item]):
    """One page of a list; ``after`` leads to the next one and is null on the last."""

    items: Sequence[Item]
    after: str | None = Field(default=None, description="Give this as `after` to get the next page.")


class DoneView(View):
    """Where a complaint stands after a command."""

    ref: str = Field(examples=[REF])
    seq: int = Field(examples=[7], description="Events so far; give it as `expected_seq`.")
    status: str = Field(examples=["handling"])
    step: str = Field(examples=["handle"])
    round: int = Field(examples=[1])
    events: list[str] = Field(examples=[["order_answered", "step_finished"]], description="What it caused.")

    @classmethod
    def of(cls, done: Done) -> DoneView:
        """The view of a workflow's answer."""
        return cls(
            ref=done.ref,
            seq=done.seq,
            status=done.status,
            step=done.step,
            round=done.round,
            events=list(done.events),
        )


class ActionView(View):
    """Something the caller may do now: the verb, and the order, clock or approval it is about."""

    verb: str = Field(examples=["take_order"])
    target: str = Field(default="", examples=["1"])


class OrderView(View):
    """Work given to one unit."""

    id: str
    unit: str = Field(examples=["si-alpha"])
    purpose: str = Field(examples=["handle"])
    round: int
    state: str = Field(examples=["taken"])
    at: datetime
    note: str
    handler: str
    outcome: str
    result: str
    superior: bool


class ClockView(View):
    """One deadline. ``due_at`` is null while the clock is paused."""

    id: str = Field(examples=["reply#1"])
    rule: str = Field(examples=["reply"])
    title: str = Field(examples=["Reply by the service integrator"])
    order: str
    round: int
    limit: str = Field(examples=["24h"])
    state: str = Field(examples=["running"], description="running, paused, breached, met, missed or stopped.")
    started_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None
    asked: str = Field(description="More time somebody asked for, not yet answered.")


class RemedyView(View):
    """One thing offered or promised; the amount is exact."""

    type: str
    note: str
    amount: str | None = Field(examples=["58.00"])
    currency: str


class OptionView(View):
    """One solution offered."""

    id: str
    text: str
    remedies: list[RemedyView]


class CallbackView(View):
    """The callback that is planned or due."""

    attempt: int
    at: datetime
    due: bool


class CustomerView(View):
    """Whom it is about; masked as `***` for roles that do not need it."""

    id: str
    name: str
    phone: str
    email: str


class Row(View):
    """A complaint in a list."""

    ref: str = Field(examples=[REF])
    procedure: str
    version: str
    title: str
    customer_name: str
    channel: str
    status: str
    step: str
    round: int
    kind: str
    category: str
    severity: str
    unit: str
    owner: str
    opened_at: datetime
    closed_at: datetime | None
    next_due: datetime | None
    breached: int
    major: bool
    repeat_of: str
    seq: int


class ComplaintView(View):
    """One complaint as it stands, and what the caller may do with it."""

    ref: str = Field(examples=[REF])
    seq: int
    procedure: str
    version: str
    status: str
    step: str
    step_title: str
    round: int
    channel: str
    language: str
    title: str
    summary: str
    customer: CustomerView
    form: dict[str, str]
    facts: dict[str, str]
    owner: str
    unit: str
    unit_kind: str
    opened_at: datetime
    closed_at: datetime | None
    closing_reason: str
    repeat_of: str
    repeat_reason: str
    repeat_count: int
    major: bool
    flags: list[str]
    marks: list[str]
    held_at: datetime | None
    held_until: datetime | None
    breaches: int
    orders: list[OrderView]
    clocks: list[ClockView]
    options: list[OptionView]
    accepted: str
    approved: list[str]
    callback: CallbackView | None
    next_due: datetime | None
    allowed_actions: list[ActionView]


class EventView(View):
    """One event of a complaint's timeline."""

    seq: int
    at: datetime
    by: str = Field(examples=["person:demo-agent"])
    kind: str = Field(examples=["order_answered"])
    data: dict[str, Any]

    @classmethod
    def of(cls, event: Event) -> EventView:
        """The view of a domain event."""
        return cls(seq=event.seq, at=event.at, by=event.by, kind=event.fact.kind, data=event_data(event))


class SpanView(View):
    """One stretch of a clock's explanation; ``counted`` and ``total`` are seconds."""

    start_at: datetime
    end_at: datetime
    kind: str = Field(examples=["working"])
    counted: float
    total: float
    note: str
    dates: list[str]


class ExplanationView(View):
    """Why a clock is due when it is: the spans from its start to its due instant."""

    clock: str
    rule: str
    limit: str
    extensions: list[str]
    timezone: str
    started_at: datetime
    due_at: datetime | None
    paused_at: datetime | None
    spans: list[SpanView]


class MessageView(View):
    """One message to one recipient on one channel."""

    id: uuid.UUID
    seq: int
    template: str
    channel: str
    recipient: str
    recipient_name: str
    post: str
    address: str
    subject: str
    body: str
    state: str
    tries: int
    last_error: str
    created_at: datetime
    sent_at: datetime | None


class Opened(View):
    """The answer to an intake: the complaint is kept, whatever is down, and its workflow starts by itself."""

    ref: str = Field(examples=[REF])
    procedure: str
    version: str
    status: str = Field(examples=["new"])
    repeat_of: str
    repeat_reason: str
    repeat_count: int
    announcements: list[AnnouncementView]
    portal: str = Field(description="The customer's private link.")


class AnnouncementView(View):
    """An announcement with its unified wording (TEL-16)."""

    id: uuid.UUID
    procedure: str
    category: str
    title: str
    wording: dict[str, str]
    valid_from: datetime
    valid_to: datetime | None


class ProcedureView(View):
    """One version of a procedure."""

    name: str = Field(examples=["telecom-si"])
    version: str = Field(examples=["2026.1"])
    active: bool = Field(description="New complaints are opened under it.")
    fingerprint: str
    loaded_at: datetime
    title: dict[str, str]
    languages: list[str]


class ProcedureDetail(ProcedureView):
    """One version of a procedure with what a client needs to build its forms."""

    source: str = Field(description="The YAML it was loaded from.")
    vocabulary: dict[str, list[str]]
    titles: dict[str, dict[str, str]]
    fields: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    remedies: list[str]
    defaults: dict[str, str]


class UnitView(View):
    """A unit: department, branch, partner company or higher body."""

    id: str = Field(examples=["si-alpha"])
    name: dict[str, str] = Field(examples=[{"en": "Alpha Integrators"}])
    kind: str = Field(examples=["si"])
    parent_id: str | None
    active_from: datetime
    active_to: datetime | None


class PostView(View):
    """A role somebody has in a unit (or in the whole organisation), as A or as stand-in B."""

    unit_id: str | None
    role: str
    rank: str


class PersonView(View):
    """Somebody who works with complaints."""

    id: str
    name: str
    language: str
    email: str
    phone: str
    active: bool
    posts: list[PostView]


class TokenView(View):
    """A bearer token, without the token itself."""

    id: uuid.UUID
    holder: str = Field(examples=["person:demo-agent"])
    roles: list[str]
    units: list[str]
    note: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewTokenView(View):
    """A token as it is shown once."""

    id: uuid.UUID
    token: str = Field(description="Keep it: it is not shown again.")
    expires_at: datetime | None


class MeView(View):
    """Who the caller is."""

    id: str = Field(examples=["person:demo-agent"])
    roles: list[str]
    units: list[str]


class OrderRow(View):
    """An order in a unit's inbox."""

    ref: str
    order_id: str
    unit: str
    purpose: str
    round: int
    state: str
    handler: str
    note: str
    at: datetime
    due: datetime | None
    title: str
    severity: str
    major: bool


class CallbackRow(View):
    """A customer to be called."""

    ref: str
    attempt: int
    callback_at: datetime
    customer_name: str
    customer_phone: str
    title: str
    language: str
    round: int


class ApprovalRow(View):
    """A proposal that waits for somebody's agreement."""

    ref: str
    step: str
    approvals: list[str] = Field(description="Those open now that the caller may give.")
    title: str
    severity: str
    next_due: datetime | None


class InboxMessage(View):
    """A message to the caller inside Putright."""

    id: uuid.UUID
    ref: str
    seq: int
    template: str
    subject: str
    body: str
    created_at: datetime
    read_at: datetime | None


class AttachmentView(View):
    """A file that belongs to a complaint."""

    id: uuid.UUID
    name: str
    media_type: str
    size: int
    added_by: str
    added_at: datetime


class PortalEvent(View):
    """Something that happened, as the customer is told."""

    at: datetime
    kind: str
    text: str


class PortalView(View):
    """A complaint as its customer sees it: nothing that is internal."""

    ref: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    title: str
    summary: str
    round: int
    next_reply_by: datetime | None
    options: list[OptionView]
    accepted: str
    timeline: list[PortalEvent]
    allowed_actions: list[str]
    external_ways: list[str]


def told(texts: Mapping[str, str], language: str) -> str:
    """The text in the language wanted, else in English, else in any there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


Opened.model_rebuild()
