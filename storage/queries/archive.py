"""The archive of a keeper: closed complaints by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, select

from storage.engine import Database
from storage.queries.conflict import NOT_ABOUT_READER
from storage.queries.pages import Page
from storage.tables import archive, complaints


@dataclass(frozen=True, slots=True)
class ArchivedComplaint:
    """A complaint under its number in one keeper's archive. Instants are aware."""

    keeper: str
    procedure: str
    year: int
    number: int
    ref: str
    title: str
    unit: str
    closing_reason: str
    opened_at: datetime
    closed_at: datetime | None
    archived_at: datetime


@dataclass(frozen=True, slots=True)
class Number:
    """The number of one complaint in one archive."""

    keeper: str
    year: int
    number: int


_KEY = (archive.c.procedure, archive.c.year, archive.c.number)
_LISTED = [(archive if name in archive.c else complaints).c[name] for name in ArchivedComplaint.__slots__]
_OF = (
    select(archive.c.keeper, archive.c.year, archive.c.number)
    .where(archive.c.ref == bindparam("ref"))
    .order_by(archive.c.keeper)
)


async def kept_by(
    database: Database,
    keeper: str,
    *,
    procedure: str = "",
    year: int | None = None,
    reader: str = "",
    after: str = "",
    limit: int = 50,
) -> Page[ArchivedComplaint]:
    """What a keeper has, by procedure, year and number; ``procedure`` and ``year`` narrow it.

    Complaints about ``reader``, an actor's id, are left out (MFG-7).

    Raises ValueError when ``after`` is not where a page ended.
    """
    wanted: list[Any] = [archive.c.keeper == keeper, NOT_ABOUT_READER]
    if procedure:
        wanted.append(archive.c.procedure == procedure)
    if year is not None:
        wanted.append(archive.c.year == year)
    if after:
        wanted.append(func.row(*_KEY) > func.row(*_place(after)))
    rows = await database.fetch(
        select(*_LISTED)
        .select_from(archive.join(complaints, complaints.c.ref == archive.c.ref))
        .where(and_(*wanted))
        .order_by(*_KEY)
        .limit(limit + 1),
        {"reader": reader},
    )
    items = [ArchivedComplaint(**row._asdict()) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items, f"{last.procedure}~{last.year}~{last.number}" if last else None)


def _place(after: str) -> tuple[str, int, int]:
    procedure, year, number = after.split("~")
    return procedure, int(year), int(number)


async def numbers_of(database: Database, ref: str) -> list[Number]:
    """The numbers a complaint has, by keeper; none when it was never archived."""
    return [Number(**row._asdict()) for row in await database.fetch(_OF, {"ref": ref})]
