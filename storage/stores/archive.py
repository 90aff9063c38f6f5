"""Archiving: the next number of each keeper, given when the closing is recorded, without gaps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import Archived

# The counter's row is locked until the transaction ends, so numbers follow each other and none is lost to a
# recording that fails. A keeper that has the complaint already is passed over, and its counter left alone.
_NUMBER = text(
    "WITH due AS (SELECT c.procedure, k.keeper FROM complaints AS c, unnest(CAST(:keepers AS text[])) "
    "WITH ORDINALITY AS k(keeper, place) WHERE c.ref = :ref AND NOT EXISTS "
    "(SELECT FROM archive AS a WHERE a.ref = :ref AND a.keeper = k.keeper) ORDER BY k.keeper), "
    "counted AS (INSERT INTO archive_counters AS n (procedure, keeper, year, last) "
    "SELECT due.procedure, due.keeper, :year, 1 FROM due "
    "ON CONFLICT (procedure, keeper, year) DO UPDATE SET last = n.last + 1 "
    "RETURNING n.procedure, n.keeper, n.year, n.last) "
    "INSERT INTO archive (ref, keeper, procedure, year, number, archived_at) "
    "SELECT :ref, keeper, procedure, year, last, :at FROM counted"
)


async def number(connection: AsyncConnection, ref: str, fact: Archived, at: datetime) -> None:
    """Give a closed complaint its number in each keeper's archive; twice changes nothing. ``at`` is aware."""
    await connection.execute(
        _NUMBER, {"ref": ref, "keepers": list(fact.keepers), "year": fact.year, "at": at}
    )
