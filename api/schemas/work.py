"""Work that waits for somebody."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.base import NextDue, View


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
    next_due: NextDue
