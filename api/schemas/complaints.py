"""Complaints as they are answered: in lists, whole, after a command, at intake."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.archive import NumberView
from api.schemas.base import REF, DueAt, NextDue, View
from api.schemas.consequences import ConsequenceView
from api.schemas.knowledge import KnowledgeView
from api.schemas.procedures import AnnouncementView
from workflows.messages import Done


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


class GuidanceView(View):
    """A point that whoever does the current step is to mind."""

    point: str = Field(examples=["listen"])
    title: str = Field(examples=["Let the guest finish"])
    done: bool
    required: bool = Field(description="Whether the step can be finished before it is done.")


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
    next_due: NextDue
    due_at: DueAt
    breached: int
    major: bool
    repeat_of: str
    parent: str
    consequence: str
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
    referred: list[str] = Field(description="Ways outside the customer was referred to at the end.")
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
    guidance: list[GuidanceView] = Field(description="What to mind in the current step.")
    accepted: str
    beyond_authority: list[str] = Field(
        description="Roles beyond whose authority the proposal is; `true`: beyond the proposer's own."
    )
    approved: list[str]
    callback: CallbackView | None
    next_due: NextDue
    due_at: DueAt
    parent: str = Field(description="The case that raised this one, if it is a consequence.")
    consequence: str = Field(description="As which consequence it was raised.", examples=[""])
    person: str = Field(description="The person a consequence is about, by id.")
    history: dict[str, int] = Field(description="Earlier cases, as the procedure counts them.")
    unit_standing: str = Field(description="Why the unit complained of gets no orders: suspended or ended.")
    consequences: list[ConsequenceView] = Field(description="Cases of their own that this one led to.")
    redacted_at: datetime | None = Field(description="When what is personal was taken out, for good.")
    announcements: list[AnnouncementView] = Field(description="In force now for such complaints.")
    knowledge: list[KnowledgeView] = Field(description="What is known about matters like this.")
    archive: list[NumberView] = Field(description="Its numbers in the archives of its keepers.")
    allowed_actions: list[ActionView]


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
    knowledge: list[KnowledgeView] = Field(description="What is known about matters like this.")
    portal: str = Field(description="The customer's private link.")
