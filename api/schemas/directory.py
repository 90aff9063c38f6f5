"""Units, people and tokens."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import View


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


class HeldPostView(View):
    """A post in a unit and who holds it; A is told first, B steps in when no A is there."""

    person_id: str
    name: str
    role: str
    rank: str
    valid_from: datetime
    valid_to: datetime | None


class UnitDetailView(UnitView):
    """A unit with its addresses and its posts."""

    standing: str = Field(description="Why it gets no orders: suspended or ended; empty when it does.")
    addresses: dict[str, str]
    published: dict[str, str] = Field(description="How customers reach it.")
    webhook_url: str
    posts: list[HeldPostView]
    open_orders: int = Field(description="Orders it still owes an answer to.")


class AbsenceView(View):
    """A time somebody is away."""

    starts_at: datetime
    ends_at: datetime
    reason: str


class ContactChangeView(View):
    """A change of contact data announced ahead; null: stays as it is."""

    email: str | None
    phone: str | None
    effective_at: datetime
    announced_at: datetime
    announced_by: str


class PersonDetailView(PersonView):
    """Somebody with absences and announced contacts."""

    addresses: dict[str, str] = Field(description="By channel, beside e-mail.")
    absences: list[AbsenceView]
    contact_changes: list[ContactChangeView]


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
    token: str = Field(description="Keep it: it is not shown again, and empty in a repeated answer.")
    expires_at: datetime | None


class MeView(View):
    """Who the caller is."""

    id: str = Field(examples=["person:demo-agent"])
    roles: list[str]
    units: list[str]
