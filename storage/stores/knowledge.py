"""Publishing knowledge and retiring it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, insert, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.canonical import clean
from storage.engine import Database
from storage.queries.knowledge import Entry
from storage.search import lexemes
from storage.tables import knowledge

_PUBLISH = insert(knowledge).values(
    {name: bindparam(name) for name in Entry.__slots__ if not name.startswith("retired")}
    | {"search": func.array_to_tsvector(bindparam("lexemes", type_=ARRAY(Text)))}
)
_RETIRE = (
    update(knowledge)
    .where(knowledge.c.id == bindparam("of_id"), knowledge.c.retired_at.is_(None))
    .values(retired_at=bindparam("at"), retired_by=bindparam("who"), retired_why=bindparam("why"))
)


async def publish(
    database: Database,
    *,
    procedure: str,
    about: Mapping[str, str],
    title: Mapping[str, str],
    content: Mapping[str, str],
    from_ref: str,
    by: str,
    at: datetime,
) -> Entry:
    """Keep an entry; it is found by its words in every language. ``at`` is aware."""
    entry = Entry(
        id=uuid.uuid4(),
        procedure=procedure,
        about=clean(dict(about)),
        title=clean(dict(title)),
        content=clean(dict(content)),
        from_ref=from_ref,
        published_by=by,
        published_at=at,
    )
    values = {name: getattr(entry, name) for name in Entry.__slots__ if not name.startswith("retired")}
    words = lexemes([*entry.title.values(), *entry.content.values()])
    await database.run(_PUBLISH, {**values, "lexemes": words})
    return entry


async def retire(database: Database, entry_id: uuid.UUID, *, by: str, why: str, at: datetime) -> bool:
    """Take an entry out of use; False when there is none of that id in use."""
    return await database.run(_RETIRE, {"of_id": entry_id, "at": at, "who": by, "why": clean(why)}) == 1
