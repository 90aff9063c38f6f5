"""Imports: a run over a file takes in batch after batch, and a row of a source becomes one complaint."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.engine import Database
from storage.stores.intake import Intake, accept_many
from storage.tables import import_rows, imports, intake_outbox


@dataclass(frozen=True, slots=True)
class ImportState:
    """How far an import has come: rows of the file dealt with, and what became of them."""

    id: uuid.UUID
    position: int = 0
    opened: int = 0
    duplicates: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One row of a source: its id there, the complaint it becomes, and what starts its workflow."""

    source_id: str
    intake: Intake
    payload: Mapping[str, Any]


_COUNTS = ("position", "opened", "duplicates", "rejected")
_INTERRUPTED = (
    select(imports.c.id, *(imports.c[name] for name in _COUNTS))
    .where(
        *(imports.c[name] == bindparam(name) for name in ("file", "format", "procedure")),
        imports.c.state == "running",
    )
    .order_by(imports.c.started_at.desc())
    .limit(1)
)
_KNOWN = select(import_rows.c.source_id).where(
    import_rows.c.source == bindparam("source"),
    import_rows.c.source_id == func.any(bindparam("ids", type_=ARRAY(Text))),
)
_MOVE = (
    update(imports)
    .where(imports.c.id == bindparam("of"), imports.c.position == bindparam("was"))
    .values({name: bindparam(f"to_{name}") for name in _COUNTS})
)
_FINISH = (
    update(imports).where(imports.c.id == bindparam("of")).values(state="finished", finished_at=func.now())
)
_WAITING = (
    select(func.count())
    .select_from(import_rows.join(intake_outbox, intake_outbox.c.ref == import_rows.c.ref))
    .where(import_rows.c.import_id == bindparam("of"), intake_outbox.c.started_at.is_(None))
)


class Overtaken(Exception):
    """Another process works on the same import; this one must give way."""


async def begin(
    database: Database, *, file: str, format: str, procedure: str, started_by: str
) -> ImportState:
    """The interrupted import of this file to go on with, else a new one.

    ``file`` names the content, not only the path: a file that changed is another one.
    """
    named = {"file": file, "format": format, "procedure": procedure}
    found = await database.first(_INTERRUPTED, named)
    if found is not None:
        return ImportState(**found._mapping)
    state = ImportState(uuid.uuid4())
    await database.run(insert(imports), {"id": state.id, "started_by": started_by, **named})
    return state


async def known(database: Database, source: str, ids: Collection[str]) -> set[str]:
    """Those of the ids that became complaints already."""
    rows = await database.fetch(_KNOWN, {"source": source, "ids": list(ids)})
    return {row.source_id for row in rows}


async def take_in(
    database: Database, source: str, rows: Sequence[ImportedRow], before: ImportState, after: ImportState
) -> None:
    """Store a batch: complaints, their outbox, where they came from, how far the import is; all or nothing.

    Raises sqlalchemy's IntegrityError when a row became a complaint meanwhile, and Overtaken when another
    process has moved this import on.
    """
    async with database.transaction() as connection:
        moved = await connection.execute(
            _MOVE,
            {"of": before.id, "was": before.position, **{f"to_{n}": getattr(after, n) for n in _COUNTS}},
        )
        if moved.rowcount != 1:
            raise Overtaken("another process is importing this file")
        await accept_many(connection, [(row.intake, row.payload) for row in rows])
        if rows:
            await connection.execute(
                insert(import_rows),
                [
                    {"source": source, "source_id": r.source_id, "ref": r.intake.ref, "import_id": before.id}
                    for r in rows
                ],
            )


async def finish(database: Database, import_id: uuid.UUID) -> None:
    """Note that the whole file was dealt with; doing it twice changes nothing."""
    await database.run(_FINISH, {"of": import_id})


async def waiting(database: Database, import_id: uuid.UUID) -> int:
    """How many complaints of this import still wait for their workflow."""
    row = await database.first(_WAITING, {"of": import_id})
    assert row is not None, "an aggregate always has a row"
    return int(row[0])
