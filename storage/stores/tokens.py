"""Giving and revoking bearer tokens. Only hashes are kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Interval, bindparam, func, or_, update
from sqlalchemy.dialects.postgresql import insert

from storage.engine import Database
from storage.tables import tokens

_ADD = insert(tokens).on_conflict_do_nothing(index_elements=["id"])
_REVOKE = (
    update(tokens)
    .where(tokens.c.id == bindparam("of_id"))
    .values(revoked_at=func.coalesce(tokens.c.revoked_at, func.now()))
)
_TOUCH = (
    update(tokens)
    .where(
        tokens.c.id == bindparam("of_id"),
        or_(
            tokens.c.last_used_at.is_(None),
            tokens.c.last_used_at < func.now() - bindparam("grain", type_=Interval),
        ),
    )
    .values(last_used_at=func.now())
)
GRAIN = timedelta(minutes=5)
"""How exactly the last use is noted: writing a row at every request would cost more than it tells."""


async def add(
    database: Database,
    *,
    hash: bytes,
    person_id: str | None,
    system: str | None,
    roles: Sequence[str],
    units: Sequence[str],
    note: str = "",
    expires_at: datetime | None = None,
    id: uuid.UUID | None = None,
) -> uuid.UUID | None:
    """Keep a new token, given as its SHA-256, of a person or a system; returns its id.

    None when there is one of this ``id`` already: it stays as it is.

    Raises sqlalchemy's IntegrityError when the person is not in the directory, or both or none is named.
    """
    token_id = id or uuid.uuid4()
    added = await database.run(
        _ADD,
        {
            "id": token_id,
            "hash": hash,
            "person_id": person_id,
            "system": system,
            "roles": list(roles),
            "units": list(units),
            "note": note,
            "expires_at": expires_at,
        },
    )
    return token_id if added else None


async def revoke(database: Database, token_id: uuid.UUID) -> bool:
    """End a token at once; again changes nothing. False when there is none of that id."""
    return await database.run(_REVOKE, {"of_id": token_id}) == 1


def to_be_touched(last_used_at: datetime | None) -> bool:
    """Whether a use now is to be noted beside one at ``last_used_at`` (aware; None: never used)."""
    return last_used_at is None or datetime.now(UTC) - last_used_at > GRAIN


async def touch(database: Database, token_id: uuid.UUID) -> None:
    """Note that a token was used, to within ``GRAIN``."""
    await database.run(_TOUCH, {"of_id": token_id, "grain": GRAIN})
