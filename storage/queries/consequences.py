"""What a case has led to: the cases it raised, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

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
    breached: int


_OF_PARENT = (
    select(*(complaints.c[name] for name in CaseRow.__slots__))
    .where(complaints.c.parent == bindparam("of_parent"), complaints.c.parent != "")
    .order_by(complaints.c.ref)
)


async def of_parent(database: Database, ref: str) -> list[CaseRow]:
    """The cases a complaint (or another case) has raised, in no special order."""
    return [CaseRow(**row._asdict()) for row in await database.fetch(_OF_PARENT, {"of_parent": ref})]
