"""Who saw personal data of which complaints, as administrators and supervisors look it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.engine import Database
from storage.queries.pages import Page


@dataclass(frozen=True, slots=True)
class NotedRead:
    """One answer that showed personal data of some complaints."""

    id: int
    at: datetime
    reader: str
    what: str
    refs: Sequence[str]


# Complaints about whoever looks are not there for them, here as elsewhere (MFG-7).
_NOTED = (
    "SELECT id, at, reader, what, shown.refs FROM reads CROSS JOIN LATERAL (SELECT ARRAY(SELECT named "
    "FROM unnest(reads.refs) AS named WHERE NOT EXISTS (SELECT 1 FROM complaints AS c "
    "WHERE c.ref = named AND :looking = ANY (c.complained_of))) AS refs) AS shown "
    "WHERE cardinality(shown.refs) > 0{} ORDER BY id DESC LIMIT :most"
)
_OF, _BY, _BEFORE = " AND reads.refs @> :of", " AND reader = :by", " AND id < :before"


def _place(after: str) -> int:
    place = int(after)
    if not 0 <= place < 2**63:
        raise ValueError(f"{after} is no place in the log")
    return place


async def noted(
    database: Database,
    *,
    looking: str,
    ref: str = "",
    reader: str = "",
    after: str = "",
    limit: int = 50,
) -> Page[NotedRead]:
    """One page of reads, the newest first: of one complaint, by one reader, or all.

    ``looking`` is the actor's id of whoever asks. Raises ValueError when ``after`` is not where a page ended.
    """
    bounds = (_OF if ref else "") + (_BY if reader else "") + (_BEFORE if after else "")
    statement = text(_NOTED.format(bounds)).bindparams(bindparam("looking", type_=Text))
    values: dict[str, Any] = {"looking": looking, "most": limit + 1}
    if ref:
        statement = statement.bindparams(bindparam("of", type_=ARRAY(Text)))
        values["of"] = [ref]
    if reader:
        values["by"] = reader
    if after:
        values["before"] = _place(after)
    rows = await database.fetch(statement, values)
    items = [NotedRead(**row._asdict()) for row in rows[:limit]]
    return Page(items, str(items[-1].id) if len(rows) > limit else None)
