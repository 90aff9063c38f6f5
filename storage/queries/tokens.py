"""Bearer tokens: whom one stands for, and which were given."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.engine import Database
from storage.tables import people, tokens, units

_COLUMNS = [
    tokens.c[name]
    for name in (
        "id", "person_id", "system", "roles", "units", "note", "created_at", "expires_at", "revoked_at",
        "last_used_at",
    )
]  # fmt: skip
_VALID = (
    select(*_COLUMNS)
    .select_from(tokens.outerjoin(people, people.c.id == tokens.c.person_id))
    .where(
        tokens.c.hash == bindparam("hash"),
        tokens.c.revoked_at.is_(None),
        or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > func.now()),
        or_(people.c.id.is_(None), people.c.active),
    )
)
_ALL = select(*_COLUMNS).order_by(tokens.c.created_at.desc(), tokens.c.id)
_PERSON = select(exists().where(people.c.id == bindparam("person")))
_UNITS = select(units.c.id).where(units.c.id == func.any(bindparam("units", type_=ARRAY(Text))))


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it was given, never the token itself: of a person or of a system."""

    id: uuid.UUID
    person_id: str | None
    system: str | None
    roles: Sequence[str]
    units: Sequence[str]
    note: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @property
    def holder(self) -> str:
        """The actor's id: ``person:<id>`` or ``system:<name>``."""
        return f"person:{self.person_id}" if self.person_id else f"system:{self.system}"


async def by_hash(database: Database, hash: bytes) -> TokenRow | None:
    """The token with that SHA-256, if it is valid now and its person still works here; else None."""
    row = await database.first(_VALID, {"hash": hash})
    return _token(row) if row is not None else None


async def all_tokens(database: Database) -> list[TokenRow]:
    """Every token that was given, newest first."""
    return [_token(row) for row in await database.fetch(_ALL)]


async def missing(database: Database, *, person: str, units: Sequence[str]) -> list[str]:
    """Which of ``person`` and ``units`` name somebody or something the directory does not have."""
    wrong = []
    if person:
        found = await database.first(_PERSON, {"person": person})
        if not (found and found[0]):
            wrong.append("person")
    if units and len(await database.fetch(_UNITS, {"units": list(units)})) < len(set(units)):
        wrong.append("units")
    return wrong


def _token(row: Row[Any]) -> TokenRow:
    return TokenRow(**row._asdict())
