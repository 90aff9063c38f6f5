"""Knowledge entries as they are answered."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import View


class KnowledgeView(View):
    """What is known about a matter, by language; shown beside complaints like it while it is in use."""

    id: uuid.UUID
    procedure: str
    about: dict[str, str] = Field(examples=[{"type": "damage"}])
    title: dict[str, str] = Field(examples=[{"en": "A parcel was wet", "zh": "包裹受潮"}])
    content: dict[str, str]
    from_ref: str = Field(description="The closed case it was learnt from.")
    published_by: str
    published_at: datetime
    retired_at: datetime | None
    retired_by: str
    retired_why: str
