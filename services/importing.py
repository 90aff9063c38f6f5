"""Importing: rows of a CSV file become complaints, batch by batch, each of them once."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from domain.commands import Actor, Asked, Open
from domain.complaint import Complaint
from domain.decide import decide
from domain.errors import Refused
from domain.events import Place
from domain.fields import FieldType
from domain.forms import placed, routable
from domain.procedure import Procedure
from services import history, naming
from services.connect import Connections
from services.csv_rows import Rejects, Row, read_rows
from services.directory import must_be_known, place_of_unit
from services.import_formats import FORMATS, BadRow, Format, Taken, WrongFormat
from services.opening import DRAWS, Request, facts_of, next_ref, row_of, whom_it_is_about
from services.starting import beginning, to_payload
from storage.stores import imports
from storage.stores.imports import ImportedRow, ImportState

BATCH = 200
"""Rows in one transaction: enough to be quick, few enough that a repeated batch costs nothing."""
LONGEST_STORY = 20_000
"""Characters of one story, as at intake."""
TRIES = 3
POLL = 0.5

IMPORTER = Actor("system:import", ("system",))


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be imported.

    ``as_of``: ``now``, the clocks of every complaint start at its import, or ``received``, they start when it
    was received, however long ago. ``unit``: the one complained of, in all rows. ``limit``: that many rows.
    """

    path: Path
    format: str
    procedure: str
    rejects: Path
    as_of: Literal["now", "received"] = "now"
    owner: str = ""
    unit: str = ""
    limit: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. ``done`` and ``size`` are bytes of the file; the others count rows."""

    size: int
    done: int = 0
    rows: int = 0
    opened: int = 0
    duplicates: int = 0
    rejected: int = 0
    continued_at: int = 0
    import_id: UUID | None = None


Report = Callable[[Progress], None]


async def import_file(connections: Connections, job: Job, report: Report) -> Progress:
    """Open a complaint for every good row of a file that is not one already; bad ones go to the reject file.

    Complaints, their outbox and the position in the file are stored together, a batch at a time, so that an
    import that was interrupted goes on where it was. Workflows are started by the relay. ``report`` hears of
    every batch. Raises WrongFormat, Refused for an unknown procedure, unit or owner, OSError for files, and
    ``storage.stores.imports.Overtaken`` when another process imports the same file.
    """
    found = FORMATS.get(job.format)
    if found is None:
        raise WrongFormat(f"there is no format {job.format!r}; there are {', '.join(FORMATS)}")
    procedure, _, fingerprint = await connections.catalogue.active(job.procedure)
    found.check_procedure(procedure, job.unit)
    await place_of_unit(connections, job.unit)
    if job.owner:
        await must_be_known(connections, job.owner)
    with ExitStack() as open_files:
        file = open_files.enter_context(job.path.open("rb"))
        columns, rows = read_rows(file)
        found.check_columns(columns)
        rejects = open_files.enter_context(Rejects(job.rejects, columns))
        run = _Run(
            connections,
            job,
            format=found,
            procedure=procedure,
            fingerprint=fingerprint,
            rejects=rejects,
            report=report,
        )
        return await run.through(rows)


async def until_started(connections: Connections, import_id: UUID, report: Callable[[int], None]) -> None:
    """Wait until the workflow of every complaint of an import was started; ``report`` hears how many wait."""
    while True:
        count = await imports.waiting(connections.database, import_id)
        report(count)
        if not count:
            return
        await asyncio.sleep(POLL)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the directory says of the units and persons a row names."""

    unit: str
    place: Place
    complained_of: tuple[str, ...]
    facts: Mapping[str, str]


_NAMING = (FieldType.UNIT, FieldType.PERSON)


class _Run:
    """One run over a file."""

    def __init__(
        self,
        connections: Connections,
        job: Job,
        *,
        format: Format,
        procedure: Procedure,
        fingerprint: str,
        rejects: Rejects,
        report: Report,
    ) -> None:
        self._connections, self._job, self._format = connections, job, format
        self._procedure, self._fingerprint = procedure, fingerprint
        self._rejects, self._report = rejects, report
        self._progress = Progress(size=job.path.stat().st_size)
        self._state = ImportState(uuid4())  # a dry run's: nothing is stored under it
        self._legal: set[Any] = set()
        self._found: dict[Any, _Found] = {}
        self._checked: set[str] = set()  # ids a dry run has seen, as it leaves no trace of them

    async def through(self, rows: Iterator[Row]) -> Progress:
        """Deal with every row; returns how it ended."""
        if not self._job.dry_run:
            self._state = await imports.begin(
                self._connections.database,
                file=f"{self._job.path.name} sha256:{_digest(self._job.path)}",
                format=self._format.name,
                procedure=self._procedure.name,
                started_by=IMPORTER.id,
            )
        started_at = self._state.position
        self._tell(continued_at=started_at, import_id=self._state.id)
        batch: list[Row] = []
        for number, row in enumerate(rows, start=1):
            if self._job.limit is not None and number > self._job.limit:
                break
            if number <= started_at:
                await self._again(row)
                continue
            batch.append(row)
            if len(batch) == BATCH:
                await self._deal_with(batch)
                batch = []
        await self._deal_with(batch)
        if not self._job.dry_run:
            await imports.finish(self._connections.database, self._state.id)
        return self._progress

    async def _again(self, row: Row) -> None:
        """A row an interrupted run dealt with: only the reject file, written anew, has to hear of it."""
        try:
            await self._prepared(row, datetime.now(UTC))
        except BadRow as bad:
            self._rejects.add(row, str(bad))

    async def _deal_with(self, batch: Sequence[Row]) -> None:
        now = datetime.now(UTC)
        good: dict[str, tuple[Request, Open]] = {}
        bad: list[tuple[Row, str]] = []
        doubles = 0
        for row in batch:
            try:
                source_id, prepared = await self._prepared(row, now)
            except BadRow as error:
                bad.append((row, str(error)))
                continue
            doubles += source_id in good
            good.setdefault(source_id, prepared)
        await self._store(batch, good, doubles, len(bad), now)
        for row, reason in bad:
            self._rejects.add(row, reason)
        self._rejects.flush()
        if batch:
            self._tell(done=batch[-1].end)

    async def _store(
        self,
        batch: Sequence[Row],
        good: Mapping[str, tuple[Request, Open]],
        doubles: int,
        bad: int,
        now: datetime,
    ) -> None:
        """Store what is new of a batch; again when another import took in one of its rows meanwhile."""
        if not batch:
            return
        database = self._connections.database
        for attempt in range(1, TRIES + 1):
            known = await imports.known(database, self._format.name, list(good)) | self._checked & set(good)
            fresh = {source_id: ready for source_id, ready in good.items() if source_id not in known}
            after = ImportState(
                id=self._state.id,
                position=self._state.position + len(batch),
                opened=self._state.opened + len(fresh),
                duplicates=self._state.duplicates + len(known) + doubles,
                rejected=self._state.rejected + bad,
            )
            if not self._job.dry_run:
                try:
                    rows = await self._named(fresh, now)
                    await imports.take_in(database, self._format.name, rows, self._state, after)
                except IntegrityError:
                    if attempt == TRIES:
                        raise
                    continue
                self._connections.accepted.set()
            else:
                self._checked.update(fresh)
            self._state = after
            return

    async def _prepared(self, row: Row, now: datetime) -> tuple[str, tuple[Request, Open]]:
        """The source's id and the opening of a row, still without a reference; raises BadRow."""
        if row.problem:
            raise BadRow(row.problem)
        taken = self._format.take(row.values, self._procedure, now)
        if len(taken.summary) > LONGEST_STORY:
            raise BadRow(f"too long: {len(taken.summary)} characters, at most {LONGEST_STORY}")
        request = self._request(taken)
        try:
            facts = facts_of(self._procedure, request)
            about = await self._about(request)
            opening = Open(
                ref="",
                facts={**facts, **about.facts},
                customer="",
                owner=request.owner or IMPORTER.id,
                channel=request.channel,
                language=request.language,
                unit=about.unit,
                unit_kind=about.place.kind,
                unit_above=about.place.above,
                unit_standing=about.place.standing,
                draw=secrets.randbelow(DRAWS),
                received_at=request.received_at,
                complained_of=about.complained_of,
            )
            self._must_be_legal(opening, now)
        except Refused as refused:
            told = "; ".join(f"{name}: {message}" for name, message in refused.fields.items())
            raise BadRow(f"{refused.reason} ({told})" if told else refused.reason) from refused
        return taken.source_id, (request, opening)

    async def _about(self, request: Request) -> _Found:
        """Whom a row is about and where the units it names stand, looked up once for all that name the same.

        Raises Refused when there is no such unit or person, or two units are named.
        """
        fields = self._procedure.fields
        named = tuple(request.form.get(f.name, "") for f in fields if f.type in _NAMING)
        found = self._found.get(named)
        if found is None:
            places = await naming.checked(self._connections, fields, request.form, prefix="form.")
            unit, complained_of = await whom_it_is_about(self._connections, self._procedure, request)
            facts = routable(fields, placed(fields, request.form, places))
            known = {name: value for name, value in facts.items() if name not in request.form}
            place = await place_of_unit(self._connections, unit)
            found = self._found[named] = _Found(unit, place, complained_of, known)
        return found

    def _must_be_legal(self, opening: Open, now: datetime) -> None:
        """Raise Refused where the rules do not let such a complaint be opened; asked once for all alike."""
        alike = (
            frozenset(opening.facts.items()), opening.channel, opening.received_at, opening.unit,
            opening.complained_of,
        )  # fmt: skip
        if alike not in self._legal:
            decide(self._procedure, Complaint(), opening, Asked(IMPORTER), now)
            self._legal.add(alike)

    def _request(self, taken: Taken) -> Request:
        subjects = [f.name for f in self._procedure.fields if f.subject] if self._job.unit else []
        return Request(
            procedure=self._procedure.name,
            channel=taken.channel,
            language="en" if "en" in self._procedure.languages else self._procedure.languages[0],
            title=taken.title,
            summary=taken.summary,
            facts=taken.facts,
            form={**dict.fromkeys(subjects, self._job.unit), **taken.form},
            unit=self._job.unit,
            owner=self._job.owner,
            received_at=taken.received_at if self._job.as_of == "received" else None,
        )

    async def _named(self, fresh: Mapping[str, tuple[Request, Open]], now: datetime) -> list[ImportedRow]:
        """The rows to store, each with a reference of its own."""
        rows = []
        openings = [opening for _, opening in fresh.values()]
        earlier = await history.counted_in_turn(self._connections.database, self._procedure, openings, now)
        for (source_id, (request, unnamed)), counts in zip(fresh.items(), earlier, strict=True):
            ref = await next_ref(self._connections, self._procedure.name)
            opening = replace(unnamed, ref=ref, history=counts)
            asked = Asked(IMPORTER, f"import:{self._format.name}:{source_id}")
            row = row_of(self._procedure, self._fingerprint, request, opening, now)
            rows.append(ImportedRow(source_id, row, to_payload(beginning(opening, asked))))
        return rows

    def _tell(self, **changes: Any) -> None:
        state = self._state
        self._progress = replace(
            self._progress,
            rows=state.position,
            opened=state.opened,
            duplicates=state.duplicates,
            rejected=state.rejected,
            **changes,
        )
        self._report(self._progress)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
