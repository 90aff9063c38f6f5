"""A complaint as its customer sees it."""

from __future__ import annotations

from datetime import datetime

from api.schemas.base import View
from api.schemas.complaints import OptionView


class PortalEvent(View):
    """Something that happened, as the customer is told."""

    at: datetime
    kind: str
    text: str


class ContactView(View):
    """A unit the customer can turn to, and how: phone, email, web, address."""

    unit: str
    name: str
    published: dict[str, str]


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
    contacts: list[ContactView]
    external_ways: list[str]
