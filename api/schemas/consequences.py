"""Consequences and measures as they are answered."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.base import REF, DueAt, NextDue, View


class ConsequenceView(View):
    """A case of its own that a complaint led to; `new` until it is opened."""

    ref: str = Field(examples=[f"{REF}-1"])
    consequence: str = Field(examples=["rectification"])
    title: str = Field(examples=["Rectification order"])
    unit: str
    person: str
    why: str = Field(description="What raised it, or the reason of the person who did.")
    status: str = Field(examples=["handling"])
    step: str
    opened_at: datetime | None
    closed_at: datetime | None
    closing_reason: str
    next_due: NextDue
    due_at: DueAt
    breached: int


class MeasureView(View):
    """A measure on a unit, and the event it came from."""

    ref: str = Field(examples=[f"{REF}-1"])
    seq: int
    measure: str = Field(examples=["suspend"])
    step: str
    note: str
    by: str
    at: datetime


class StandingView(View):
    """Where a unit stands."""

    unit: str
    standing: str = Field(examples=["active"], description="active, suspended or ended.")
    settlement_suspended: bool
    measures: list[MeasureView]
