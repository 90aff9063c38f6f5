"""Announcements: the unified wording that holds while something is known to be wrong (TEL-16)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from storage.engine import Database
from storage.tables import announcements

_COLUMNS = [
    announcements.c[name]
    for name in (
        "id", "procedure", "category", "title", "wording", "valid_from", "valid_to", "published_by",
        "published_at",
    )
]  # fmt: skip
_ALL = select(*_COLUMNS).order_by(announcements.c.valid_from.desc(), announcements.c.id)
_VALID = (
    announcements.c.valid_from <= bindparam("at"),
    or_(announcements.c.valid_to.is_(None), announcements.c.valid_to > bindparam("at")),
)
_AT = _ALL.where(*_VALID)
_MATCHING = _AT.where(
    announcements.c.procedure == bindparam("procedure"),
    announcements.c.category.in_(("", bindparam("category"))),
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement; an empty category means whatever the category. ``valid_to`` None: until ended."""

    id: uuid.UUID
    procedure: str
    category: str
    title: str
    wording: Mapping[str, str]
    valid_from: datetime
    valid_to: datetime | None
    published_by: str
    published_at: datetime


async def matching(database: Database, procedure: str, category: str, at: datetime) -> list[Announcement]:
    """What is announced at ``at`` (aware) for complaints of a category, the newest first."""
    rows = await database.fetch(_MATCHING, {"procedure": procedure, "category": category, "at": at})
    return [Announcement(**row._asdict()) for row in rows]


async def valid(database: Database, at: datetime) -> list[Announcement]:
    """Everything that is announced at ``at`` (aware), the newest first."""
    return [Announcement(**row._asdict()) for row in await database.fetch(_AT, {"at": at})]
