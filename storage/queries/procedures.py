"""Versions of procedures, and the one a complaint is pinned to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

import wire
from domain.procedure import Procedure
from storage.engine import Database
from storage.tables import procedures

_LISTED = (
    procedures.c.name,
    procedures.c.version,
    procedures.c.fingerprint,
    procedures.c.loaded_at,
    procedures.c.active,
)
_PACKED = select(procedures.c.packed).where(procedures.c.fingerprint == bindparam("fingerprint"))
_ACTIVE = select(procedures.c.fingerprint).where(procedures.c.name == bindparam("name"), procedures.c.active)
_SOURCE = select(procedures.c.source).where(
    procedures.c.name == bindparam("name"), procedures.c.version == bindparam("version")
)
_OF_VERSION = select(procedures.c.fingerprint).where(
    procedures.c.name == bindparam("name"), procedures.c.version == bindparam("version")
)
_VERSIONS = select(*_LISTED).order_by(procedures.c.name, procedures.c.loaded_at.desc(), procedures.c.version)


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version of a procedure; new complaints are opened under the active one of its name."""

    name: str
    version: str
    fingerprint: str
    loaded_at: datetime
    active: bool


async def packed(database: Database, fingerprint: str) -> bytes | None:
    """A compiled procedure as ``wire.pack`` wrote it; None when there is none of that fingerprint."""
    row = await database.first(_PACKED, {"fingerprint": fingerprint})
    return row.packed if row is not None else None


async def active_fingerprint(database: Database, name: str) -> str | None:
    """The fingerprint of the version new complaints of this name are opened under; None: there is none."""
    row = await database.first(_ACTIVE, {"name": name})
    return row.fingerprint if row is not None else None


async def fingerprint_of(database: Database, name: str, version: str) -> str | None:
    """The fingerprint of a stored version; None when there is none."""
    row = await database.first(_OF_VERSION, {"name": name, "version": version})
    return row.fingerprint if row is not None else None


async def source(database: Database, name: str, version: str) -> str | None:
    """The YAML a version was loaded from."""
    row = await database.first(_SOURCE, {"name": name, "version": version})
    return row.source if row is not None else None


async def versions(database: Database) -> list[Version]:
    """Every stored version, by name, the newest first."""
    return [Version(**row._asdict()) for row in await database.fetch(_VERSIONS)]


class PinnedProcedures:
    """The procedures complaints are pinned to; what belongs to a fingerprint never changes, so it is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Procedure] = {}

    async def by_fingerprint(self, fingerprint: str) -> Procedure:
        """The procedure with that fingerprint; KeyError when none is stored."""
        known = self._known.get(fingerprint)
        if known is None:
            stored = await packed(self._database, fingerprint)
            if stored is None:
                raise KeyError(f"no procedure with the fingerprint {fingerprint} is stored")
            known = self._known[fingerprint] = wire.unpack(stored)
        return known
