"""Procedures in memory: each is unpacked once per process and found by fingerprint or as the active one."""

from __future__ import annotations

import time
from collections.abc import Sequence

import wire
from domain.complaint import Complaint
from domain.errors import Refused
from domain.events import Event
from domain.evolve import refold, versions_in
from domain.procedure import Procedure
from domain.spelling import nearest
from storage.engine import Database
from storage.queries import procedures as procedure_queries

FRESH_SECONDS = 2.0
"""How long another process's change of the active version may stay unnoticed."""


class Catalogue:
    """Procedures by fingerprint never change, so they are kept; which version is active is asked anew."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[Procedure, bytes]] = {}
        self._active: dict[str, tuple[float, str]] = {}

    async def by_fingerprint(self, fingerprint: str) -> tuple[Procedure, bytes]:
        """The procedure, and its packed rules, as workflows get them; KeyError when it is not stored."""
        known = self._known.get(fingerprint)
        if known is None:
            packed = await procedure_queries.packed(self._database, fingerprint)
            if packed is None:
                raise KeyError(f"no procedure with the fingerprint {fingerprint} is stored")
            procedure = wire.unpack(packed)
            known = self._known[fingerprint] = (procedure, wire.pack_rules(procedure))
        return known

    async def by_version(self, name: str, version: str) -> Procedure | None:
        """The stored version of a procedure, None when there is none."""
        fingerprint = await procedure_queries.fingerprint_of(self._database, name, version)
        return (await self.by_fingerprint(fingerprint))[0] if fingerprint is not None else None

    async def folded(self, fingerprint: str, events: Sequence[Event]) -> tuple[Procedure, Complaint]:
        """The procedure a complaint is pinned to, and the state its events lead to.

        Where it was moved, each event is folded by the version of its time; KeyError when one is not stored.
        """
        procedure, _ = await self.by_fingerprint(fingerprint)
        named = versions_in(events)
        if len(named) <= 1:
            return procedure, refold(procedure, events)
        versions = {}
        for name, version in named:
            found = await self.by_version(name, version)
            if found is None:
                raise KeyError(f"no version {version} of {name} is stored")
            versions[name, version] = found
        return procedure, refold(procedure, events, versions)

    async def active(self, name: str) -> tuple[Procedure, bytes, str]:
        """The version new complaints of this name are opened under, its packed rules, its fingerprint.

        Raises Refused("no_such_procedure").
        """
        at, fingerprint = self._active.get(name, (0.0, ""))
        if time.monotonic() - at > FRESH_SECONDS:
            found = await procedure_queries.active_fingerprint(self._database, name)
            if found is None:
                raise await self._none_called(name)
            fingerprint = found
            self._active[name] = (time.monotonic(), fingerprint)
        return (*await self.by_fingerprint(fingerprint), fingerprint)

    async def _none_called(self, name: str) -> Refused:
        """The refusal of a name, with the one that was meant if one is like it."""
        rows = await procedure_queries.versions(self._database)
        near = nearest(name, [row.name for row in rows if row.active])
        hint = f"did you mean {near!r}? see GET /api/v1/procedures" if near else "see GET /api/v1/procedures"
        return Refused(
            "no_such_procedure", f"there is no active procedure {name!r}", fields={"procedure": hint}
        )

    async def offices(self) -> frozenset[str]:
        """The offices of every stored procedure: words beside the roles that a person's token may carry."""
        rows = await procedure_queries.versions(self._database)
        known = [(await self.by_fingerprint(row.fingerprint))[0] for row in rows]
        return frozenset(office for procedure in known for office in procedure.offices)

    async def in_use(self) -> list[Procedure]:
        """The active version of every procedure."""
        rows = await procedure_queries.versions(self._database)
        return [(await self.by_fingerprint(row.fingerprint))[0] for row in rows if row.active]

    def forget_active(self) -> None:
        """Ask anew which versions are active, after one was loaded here."""
        self._active.clear()
