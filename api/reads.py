"""The access log: who saw personal data of which complaints."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth import Caller, Site, one_of
from api.complaints import After, Limit, Ref
from api.problems import answers
from api.schemas.base import Page
from api.schemas.reads import ReadView
from api.texts import Word
from domain.roles import ADMINISTRATOR, SUPERVISOR
from services import reads
from services.reading import must_see

router = APIRouter(prefix="/api/v1", tags=["access log"])
watching = [Depends(one_of(ADMINISTRATOR, SUPERVISOR))]


@router.get(
    "/reads",
    summary="Read the access log",
    responses=answers(403),
    operation_id="list_reads",
    dependencies=watching,
)
async def list_reads(
    actor: Caller,
    site: Site,
    reader: Annotated[Word, Query(description="Only what they saw.", examples=["person:demo-agent"])] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[ReadView]:
    """Every answer that showed personal data, to whom and of which complaints, the newest first (ENT-8)."""
    page = await reads.noted(site, actor, reader=reader, after=after, limit=limit)
    return Page[ReadView](items=[ReadView.model_validate(row) for row in page.items], after=page.after)


@router.get(
    "/complaints/{ref}/reads",
    summary="Who saw its personal data",
    responses=answers(403, 404),
    operation_id="list_reads_of_complaint",
    dependencies=watching,
)
async def list_reads_of_complaint(
    ref: Ref, actor: Caller, site: Site, after: After = "", limit: Limit = 50
) -> Page[ReadView]:
    """Everybody who saw personal data of a complaint, and when, the newest first (ENT-8)."""
    await must_see(site, ref, actor)
    page = await reads.noted(site, actor, ref=ref, after=after, limit=limit)
    return Page[ReadView](items=[ReadView.model_validate(row) for row in page.items], after=page.after)
