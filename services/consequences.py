"""Consequences: their cases opened like complaints, and what a case has led to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.commands import Asked, Open
from domain.complaint import Complaint
from domain.conflict import person
from domain.consequence import CaseRequest, Raised, case_procedure
from domain.decide import CASEKEEPER, decide
from domain.procedure import Procedure
from services import history
from services.catalogue import Catalogue
from services.connect import Connections
from services.reading import Case
from services.starting import beginning, to_payload
from storage.engine import Database
from storage.queries import consequences as consequence_queries
from storage.queries import directory as directory_queries
from storage.queries import procedures as procedure_queries
from storage.queries.consequences import CaseRow
from storage.stores import intake
from storage.stores.intake import Intake

CHANNEL = "consequence"
"""The channel of a case that no customer brought."""


class Opener:
    """Implements ``domain.ports.Cases``: row and outbox in one statement, as for any complaint."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._catalogue = Catalogue(database)

    async def open(self, request: CaseRequest) -> None:
        """Accept the case under its reference, if it is not there; the relay starts its workflow."""
        name = case_procedure(request.procedure, request.raised.consequence)
        fingerprint = await procedure_queries.fingerprint_of(self._database, name, request.version)
        if fingerprint is None:
            raise LookupError(f"{name} {request.version} is not stored: load the procedure it belongs to")
        procedure, _ = await self._catalogue.by_fingerprint(fingerprint)
        now = datetime.now(UTC)
        opening = await self._opening(procedure, request, now)
        asked = Asked(CASEKEEPER, f"open:{opening.ref}")
        decide(procedure, Complaint(), opening, asked, now)
        row = _row(procedure, fingerprint, request, opening, now)
        await intake.accept_new(self._database, row, to_payload(beginning(opening, asked)))

    async def _opening(self, procedure: Procedure, request: CaseRequest, now: datetime) -> Open:
        raised = request.raised
        unit = await directory_queries.unit(self._database, raised.unit) if raised.unit else None
        known = {
            name: value
            for name, value in request.facts.items()
            if value in procedure.vocabulary.get(name, (value,))
        }
        opening = Open(
            ref=raised.ref,
            facts=known,
            customer="",
            owner=request.owner,
            channel=CHANNEL,
            language=procedure.languages[0],
            unit=raised.unit,
            unit_kind=unit.kind if unit else "",
            unit_above=(unit.parent_id or "") if unit else "",
            parent=request.parent,
            consequence=raised.consequence,
            person=raised.person,
            unit_standing=unit.standing if unit else "",
            complained_of=_kept_away(request),
        )
        return replace(opening, history=await history.counted(self._database, procedure, opening, now))


def _kept_away(request: CaseRequest) -> tuple[str, ...]:
    """MFG-7: who is kept from the complaint, and whom the consequence itself is about."""
    about = (person(request.raised.person),) if request.raised.person else ()
    return tuple(dict.fromkeys((*request.complained_of, *about)))


@dataclass(frozen=True, slots=True)
class Caused:
    """A consequence of a case, and its own case as far as it is there."""

    raised: Raised
    case: CaseRow | None


async def caused(connections: Connections, case: Case) -> list[Caused]:
    """What a case has led to, in order; one that has led to nothing is not even looked up."""
    if not case.complaint.raised:
        return []
    rows = {row.ref: row for row in await consequence_queries.of_parent(connections.database, case.row.ref)}
    return [Caused(raised, rows.get(raised.ref)) for raised in case.complaint.raised]


def _row(
    procedure: Procedure, fingerprint: str, request: CaseRequest, opening: Open, now: datetime
) -> Intake:
    title = procedure.title.get(opening.language) or procedure.name
    way = procedure.titles.get(f"raised.{request.raised.consequence}.{request.raised.why}", {})
    return Intake(
        ref=opening.ref,
        procedure=procedure.name,
        version=procedure.version,
        fingerprint=fingerprint,
        opened_at=now,
        channel=opening.channel,
        language=opening.language,
        title=title,
        summary=way.get(opening.language) or request.raised.why,
        owner=opening.owner,
        unit=opening.unit,
        facts=opening.facts,
        complained_of=opening.complained_of,
        parent=opening.parent,
        consequence=opening.consequence,
    )
