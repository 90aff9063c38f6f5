"""Measures on units: where a unit stands, and what it came from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.auth import Caller, Site, one_of
from api.problems import answers
from api.schemas.consequences import MeasureView, StandingView
from api.texts import Word
from domain.roles import ADMINISTRATOR, AGENT, ANALYST, SUPERVISOR
from services import measures

router = APIRouter(prefix="/api/v1", tags=["directory"])


@router.get(
    "/units/{unit}/measures",
    summary="Read the measures on a unit",
    responses=answers(403, 404),
    operation_id="read_measures",
    dependencies=[Depends(one_of(AGENT, SUPERVISOR, ANALYST, ADMINISTRATOR))],
)
async def read_measures(
    unit: Annotated[Word, Path(examples=["si-alpha"])], actor: Caller, site: Site
) -> StandingView:
    """Whether it is suspended, its settlement stopped or the cooperation ended, and every measure so far."""
    found = await measures.of_unit(site, actor, unit)
    return StandingView(
        unit=unit,
        standing=found.standing,
        settlement_suspended=found.settlement_suspended,
        measures=[MeasureView.model_validate(row) for row in found.measures],
    )
