"""Knowledge: what is in use for a procedure, and searching all of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.types import Text

from storage.engine import Database
from storage.queries.pages import Page, place, read_place
from storage.search import tsquery
from storage.tables import knowledge


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; title and content are by language. ``retired_at`` None: it is in use."""

    id: uuid.UUID
    procedure: str
    about: Mapping[str, str]
    title: Mapping[str, str]
    content: Mapping[str, str]
    from_ref: str
    published_by: str
    published_at: datetime
    retired_at: datetime | None = None
    retired_by: str = ""
    retired_why: str = ""

    def fits(self, facts: Mapping[str, str]) -> bool:
        """Whether it is about complaints with these facts."""
        return all(facts.get(name) == word for name, word in self.about.items())


_COLUMNS = [knowledge.c[name] for name in Entry.__slots__]
_NEWEST = select(*_COLUMNS).order_by(knowledge.c.published_at.desc(), knowledge.c.id.desc())
_IN_USE = _NEWEST.where(
    knowledge.c.procedure == bindparam("procedure"), knowledge.c.retired_at.is_(None)
).limit(literal_column("1000"))
_ONE = select(*_COLUMNS).where(knowledge.c.id == bindparam("id"))


async def in_use(database: Database, procedure: str) -> list[Entry]:
    """What is in use for a procedure, the newest first, at most a thousand entries."""
    return [Entry(**row._asdict()) for row in await database.fetch(_IN_USE, {"procedure": procedure})]


async def one(database: Database, entry_id: uuid.UUID) -> Entry | None:
    """The entry of that id, retired or not."""
    row = await database.first(_ONE, {"id": entry_id})
    return Entry(**row._asdict()) if row is not None else None


async def found(
    database: Database,
    *,
    procedure: str = "",
    about: Mapping[str, str] | None = None,
    q: str = "",
    retired: bool = False,
    after: str = "",
    limit: int = 50,
) -> Page[Entry]:
    """Entries by procedure, what they are about, and words in any language, the newest first.

    ``retired``: those no longer in use instead. Raises ValueError when ``after`` is no place.
    """
    statement = _NEWEST.where(
        knowledge.c.retired_at.is_not(None) if retired else knowledge.c.retired_at.is_(None)
    )
    values: dict[str, Any] = {}
    if procedure:
        statement = statement.where(knowledge.c.procedure == procedure)
    for name, word in (about or {}).items():
        statement = statement.where(knowledge.c.about[name].astext == word)
    if q:
        words = tsquery(q)
        if not words:
            return Page([], None)
        asked = bindparam("words", words, type_=Text)
        statement = statement.where(knowledge.c.search.bool_op("@@")(asked.cast(TSQUERY)))
    if after:
        at, (last,) = read_place(after)
        key = func.row(knowledge.c.published_at, knowledge.c.id)
        statement = statement.where(key < func.row(at, uuid.UUID(last)))
    rows = await database.fetch(statement.limit(limit + 1), values)
    items = [Entry(**row._asdict()) for row in rows[:limit]]
    end = items[-1] if len(rows) > limit else None
    return Page(items, place(end.published_at, str(end.id)) if end else None)
