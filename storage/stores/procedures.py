"""Versions of procedures: stored once, never changed, one of each name active for new complaints."""

from __future__ import annotations

from collections import deque
from typing import Any

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert

import wire
from domain.procedure import Procedure
from storage.engine import Database
from storage.errors import UnknownVersion, VersionTaken
from storage.tables import procedures

_ADD = insert(procedures).on_conflict_do_nothing(index_elements=["name", "version"])
_OF = select(procedures.c.fingerprint).where(
    procedures.c.name == bindparam("of_name"), procedures.c.version == bindparam("of_version")
)


async def add(database: Database, procedure: Procedure, *, source: str, activate: bool = True) -> str:
    """Store one version with its YAML and return its fingerprint; ``activate``: open new complaints by it.

    The procedures of its consequences are stored with it, under the same version and never active: their
    cases are opened by what raises them, not at intake. Storing the same content again changes nothing but
    which version is active. Raises VersionTaken when the name and version are stored with another content.
    """
    fingerprint = wire.fingerprint(procedure)
    named = {"of_name": procedure.name, "of_version": procedure.version}
    parts = (procedure, *procedure.nested.values())
    async with database.transaction() as connection:
        await connection.execute(_ADD, [_row(part, source if part is procedure else "") for part in parts])
        stored = (await connection.execute(_OF, named)).scalar_one()
        if stored != fingerprint:
            raise VersionTaken(
                f"{procedure.name} {procedure.version} is stored with another content: give it a new version"
            )
        if activate:
            await connection.execute(_RETIRE, named)
            await connection.execute(_ACTIVATE, named)
    return fingerprint


def _row(procedure: Procedure, source: str) -> dict[str, Any]:
    return {
        "name": procedure.name,
        "version": procedure.version,
        "fingerprint": wire.fingerprint(procedure),
        "packed": wire.pack(procedure),
        "source": source,
    }


_RETIRE = (
    update(procedures)
    .where(
        procedures.c.name == bindparam("of_name"),
        procedures.c.version != bindparam("of_version"),
        procedures.c.active,
    )
    .values(active=False)
)
_ACTIVATE = (
    update(procedures)
    .where(
        procedures.c.name == bindparam("of_name"),
        procedures.c.version == bindparam("of_version"),
        ~procedures.c.active,
    )
    .values(active=True)
)


async def activate(database: Database, name: str, version: str) -> None:
    """Open new complaints by a version that is stored; raises UnknownVersion when it is not."""
    named = {"of_name": name, "of_version": version}
    async with database.transaction() as connection:
        if (await connection.execute(_OF, named)).first() is None:
            raise UnknownVersion(f"there is no version {version} of the procedure {name}")
        await connection.execute(_RETIRE, named)
        await connection.execute(_ACTIVATE, named)


_RESERVE = text(
    "INSERT INTO ref_counters AS c (prefix, last) VALUES (:prefix, :count) "
    "ON CONFLICT (prefix) DO UPDATE SET last = c.last + excluded.last RETURNING c.last"
)
BLOCK = 20
"""Numbers a process takes at once: fewer round trips and nobody waits for a counter; unused ones are gaps."""


async def next_number(database: Database, prefix: str) -> int:
    """The next running number of a prefix such as ``TEL-2026``; never given twice, with gaps."""
    reserved = database.reserved.setdefault(prefix, deque())
    if not reserved:
        row = await database.first(_RESERVE, {"prefix": prefix, "count": BLOCK})
        assert row is not None, "an upsert returns its row"
        reserved.extend(range(row.last - BLOCK + 1, row.last + 1))
    return reserved.popleft()
