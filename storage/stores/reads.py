"""Noting who saw personal data of which complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert

from storage.engine import Database
from storage.tables import reads


@dataclass(frozen=True, slots=True)
class Read:
    """One answer that showed ``reader`` (an actor's id) personal data of these complaints."""

    at: datetime
    reader: str
    what: str
    refs: Sequence[str]


_ADD = insert(reads)


async def add(database: Database, noted: Sequence[Read]) -> None:
    """Keep some reads, all or none of them."""
    await database.run(_ADD, [asdict(one) for one in noted])
