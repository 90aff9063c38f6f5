"""The archive: closed complaints by the numbers their keepers gave them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.base import REF, View


class ArchivedView(View):
    """A complaint under its number in one keeper's archive."""

    keeper: str = Field(examples=["organisation"])
    procedure: str
    year: int = Field(examples=[2026])
    number: int = Field(examples=[17])
    ref: str = Field(examples=[REF])
    title: str
    unit: str
    closing_reason: str
    opened_at: datetime
    closed_at: datetime | None
    archived_at: datetime


class NumberView(View):
    """The number of one complaint in one archive."""

    keeper: str = Field(examples=["unit:branch-west"])
    year: int
    number: int
