"""The access log."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.base import REF, View


class ReadView(View):
    """One answer that showed somebody personal data of some complaints."""

    id: int
    at: datetime
    reader: str = Field(examples=["person:demo-agent"])
    what: str = Field(
        examples=["complaint"], description="complaint, timeline, messages, file, list or callbacks."
    )
    refs: list[str] = Field(examples=[[REF]])
