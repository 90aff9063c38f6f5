"""Procedures, and what is announced about them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.base import View


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
