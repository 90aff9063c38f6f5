"""Procedures and announcements."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic import Field

from api.auth import Caller, Site, one_of
from api.once import OnceKey
from api.problems import answers
from api.schemas.procedures import AnnouncementView, ProcedureDetail, ProcedureView
from api.texts import Instant, Strict, Text, Word
from domain.roles import ADMINISTRATOR, AGENT, SUPERVISOR
from services import announcements, procedures

router = APIRouter(prefix="/api/v1", tags=["procedures"])

Name = Annotated[str, Path(max_length=100, examples=["telecom-si"])]


class ProcedureBody(Strict):
    """A version of a procedure to be stored."""

    source: Annotated[
        str, Field(max_length=500_000, description="YAML.", examples=["procedure: my-company\n…"])
    ]
    activate: bool = Field(default=True, description="Open new complaints under it.")


class AnnouncementBody(Strict):
    """An announcement to be published."""

    procedure: Word = Field(examples=["telecom-si"])
    category: Word = Field(
        default="", description="Only complaints of this category; empty: all.", examples=[""]
    )
    title: Word = Field(min_length=1, examples=["Gateway fault in the north"])
    wording: dict[Word, Text] = Field(
        min_length=1, examples=[{"en": "The gateway in the north fails since 9:00. It is being repaired."}]
    )
    valid_from: Instant | None = Field(default=None, description="Now, if left out.")
    valid_to: Instant | None = Field(default=None)


@router.get(
    "/procedures",
    summary="List active procedures",
    responses=answers(),
    operation_id="list_procedures",
)
async def list_procedures(actor: Caller, site: Site) -> list[ProcedureView]:
    """The version of each procedure under which new complaints are opened."""
    return [ProcedureView.model_validate(row) for row in await procedures.active(site)]


@router.get(
    "/procedures/{name}",
    summary="Read a procedure",
    responses=answers(404),
    operation_id="read_procedure",
)
async def read_procedure(
    name: Name, actor: Caller, site: Site, version: Annotated[Word | None, Query(examples=["2026.1"])] = None
) -> ProcedureDetail:
    """One version (the active one if none is named), with what a client needs to build its forms."""
    return ProcedureDetail.model_validate(await procedures.detail(site, name, version))


@router.get(
    "/procedures/{name}/versions",
    summary="List versions",
    responses=answers(404),
    operation_id="list_versions",
)
async def list_versions(name: Name, actor: Caller, site: Site) -> list[ProcedureView]:
    """Every stored version, the newest first. Complaints stay with the version they were opened under."""
    return [ProcedureView.model_validate(row) for row in await procedures.versions(site, name)]


@router.post(
    "/procedures",
    summary="Store a version",
    status_code=201,
    response_model=ProcedureView,
    responses=answers(403, 409),
    operation_id="store_procedure",
    dependencies=[Depends(one_of(ADMINISTRATOR))],
)
async def store_procedure(body: ProcedureBody, actor: Caller, site: Site, once: OnceKey) -> Response:
    """Check, compile and store a version; everything that is wrong is told with its line."""

    return await once.answer(
        ProcedureView, lambda: procedures.store(site, body.source, activate=body.activate), status=201
    )


@router.get(
    "/announcements",
    summary="List announcements",
    responses=answers(),
    operation_id="list_announcements",
)
async def list_announcements(
    actor: Caller,
    site: Site,
    procedure: Annotated[Word | None, Query(examples=["telecom-si"])] = None,
    category: Annotated[Word, Query()] = "",
) -> list[AnnouncementView]:
    """Announcements in force now, with their unified wording (TEL-16)."""
    found = await announcements.in_force(site, procedure, category)
    return [AnnouncementView.model_validate(row) for row in found]


@router.post(
    "/announcements",
    summary="Publish an announcement",
    status_code=201,
    response_model=AnnouncementView,
    responses=answers(403),
    operation_id="publish_announcement",
    dependencies=[Depends(one_of(AGENT, SUPERVISOR, ADMINISTRATOR))],
)
async def publish_announcement(body: AnnouncementBody, actor: Caller, site: Site, once: OnceKey) -> Response:
    """Publish one wording for everybody who is asked about a matter."""

    return await once.answer(
        AnnouncementView,
        lambda: announcements.publish(site, by=actor.id, **body.model_dump()),
        status=201,
    )
