"""What happened to a complaint, and why its deadlines are when they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.base import View
from domain.events import Event
from services.reading import event_data


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
