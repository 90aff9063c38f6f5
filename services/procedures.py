"""Procedures as they are listed, read and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import wire
from domain.errors import Refused
from procedures.loader import load_procedure
from procedures.problems import ProcedureProblems
from services.connect import Connections
from storage.errors import VersionTaken
from storage.queries import procedures as procedure_queries
from storage.queries.procedures import Version
from storage.stores import procedures as procedure_store


@dataclass(frozen=True, slots=True)
class Listed:
    """One stored version, with its title."""

    name: str
    version: str
    active: bool
    fingerprint: str
    loaded_at: datetime
    title: dict[str, str]
    languages: list[str]


@dataclass(frozen=True, slots=True)
class Detail(Listed):
    """One stored version with what forms are built from."""

    source: str
    vocabulary: dict[str, list[str]]
    titles: dict[str, dict[str, str]]
    fields: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    remedies: list[str]
    defaults: dict[str, str]


async def active(connections: Connections) -> Sequence[Listed]:
    """The active version of each name."""
    rows = await procedure_queries.versions(connections.database)
    return [await _listed(connections, row) for row in rows if row.active]


async def versions(connections: Connections, name: str) -> Sequence[Listed]:
    """Every version of a name, newest first. Raises Refused("not_found")."""
    rows = [row for row in await procedure_queries.versions(connections.database) if row.name == name]
    if not rows:
        raise Refused("not_found", f"there is no procedure {name!r}")
    return [await _listed(connections, row) for row in rows]


async def detail(connections: Connections, name: str, version: str | None) -> Detail:
    """One version, the active one if none is named. Raises Refused("not_found")."""
    rows = await procedure_queries.versions(connections.database)
    found = next(
        (r for r in rows if r.name == name and (r.version == version if version else r.active)), None
    )
    if found is None:
        of_it = [row.version for row in rows if row.name == name]
        known = sorted({row.name for row in rows if row.active})
        there = f"versions: {', '.join(of_it)}" if of_it else f"procedures: {', '.join(known) or 'none'}"
        raise Refused("not_found", f"there is no {name} {version or ''}".rstrip() + f"; {there}")
    procedure, _ = await connections.catalogue.by_fingerprint(found.fingerprint)
    source = await procedure_queries.source(connections.database, found.name, found.version)
    listed = await _listed(connections, found)
    plain = wire.PROCEDURE.dump_python(procedure, mode="json", include={"fields", "steps"})
    return Detail(
        **{name: getattr(listed, name) for name in Listed.__slots__},
        source=source or "",
        vocabulary={fact: list(words) for fact, words in procedure.vocabulary.items()},
        titles={place: dict(texts) for place, texts in procedure.titles.items()},
        fields=plain["fields"],
        steps=plain["steps"],
        remedies=list(procedure.remedies),
        defaults=dict(procedure.defaults),
    )


async def store(connections: Connections, source: str, *, activate: bool) -> Listed:
    """Check, compile and store a version.

    Raises Refused: procedure, with what is wrong by line; version_taken when the version has other content.
    """
    try:
        procedure = load_procedure(source if "\n" in source else f"{source}\n")
    except ProcedureProblems as error:
        fields = {f"line {p.line}": p.message for p in error.problems}
        raise Refused("procedure", "the procedure cannot be used", fields=fields) from error
    try:
        await procedure_store.add(connections.database, procedure, source=source, activate=activate)
    except VersionTaken as error:
        raise Refused("version_taken", str(error), fields={"source": "version"}) from error
    connections.catalogue.forget_active()
    found = await versions(connections, procedure.name)
    return next(row for row in found if row.version == procedure.version)


async def _listed(connections: Connections, row: Version) -> Listed:
    procedure, _ = await connections.catalogue.by_fingerprint(row.fingerprint)
    return Listed(
        row.name,
        row.version,
        row.active,
        row.fingerprint,
        row.loaded_at,
        dict(procedure.title),
        list(procedure.languages),
    )
