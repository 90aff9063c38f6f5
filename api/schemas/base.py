"""What all views share, and pages of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

REF = "TEL-2026-000001"

NextDue = Annotated[
    datetime | None,
    Field(description="When something happens by itself: a warning, a deadline, a callback."),
]
DueAt = Annotated[
    datetime | None, Field(description="The earliest deadline that runs; in the past once it is missed.")
]

Item = TypeVar("Item")


class View(BaseModel):
    """Anything the API answers with."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(View, Generic[Item]):
    """One page of a list; ``after`` leads to the next one and is null on the last."""

    items: Sequence[Item]
    after: str | None = Field(default=None, description="Give this as `after` to get the next page.")


def told(texts: Mapping[str, str], language: str) -> str:
    """The text in the language wanted, else in English, else in any there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
