"""What a case has led to: the cases it raised, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text

from storage.engine import Database
from storage.tables import complaints


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The case of a consequence as it stands. Instants are aware."""

    ref: str
    consequence: str
    unit: str
    status: str
    step: str
    opened_at: datetime | None
    closed_at: datetime | None
    closing_reason: str
    next_due: datetime | None
    due_at: datetime | None
    breached: int


_OF_PARENT = (
    select(*(complaints.c[name] for name in CaseRow.__slots__))
    .where(complaints.c.parent == bindparam("of_parent"), complaints.c.parent != "")
    .order_by(complaints.c.ref)
)


_UNOPENED = text(
    "SELECT DISTINCT e.ref FROM events AS e WHERE e.kind = 'consequence_raised' AND e.ref > :after "
    "AND NOT EXISTS (SELECT FROM events AS o WHERE o.ref = e.ref AND o.kind = 'consequence_opened' "
    "AND o.data ->> 'ref' = e.data ->> 'ref') ORDER BY e.ref LIMIT :limit"
)


async def unopened_refs(database: Database, *, after: str = "", limit: int = 500) -> list[str]:
    """References of complaints that raised what is not known to be opened, in order, behind ``after``."""
    rows = await database.fetch(_UNOPENED, {"after": after, "limit": limit})
    return [row.ref for row in rows]


async def of_parent(database: Database, ref: str) -> list[CaseRow]:
    """The cases a complaint (or another case) has raised, in no special order."""
    return [CaseRow(**row._asdict()) for row in await database.fetch(_OF_PARENT, {"of_parent": ref})]
