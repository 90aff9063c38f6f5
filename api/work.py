"""Work that waits for somebody: orders of one's units, callbacks that are due, approvals to give."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from api.auth import Caller, Site, one_of
from api.complaints import After, Limit
from api.problems import answers
from api.schemas.base import Page
from api.schemas.work import ApprovalRow, CallbackRow, OrderRow
from api.texts import Word
from domain.roles import CALLBACK, SUPERVISOR
from services import work as service

router = APIRouter(prefix="/api/v1", tags=["work"])


@router.get("/orders", summary="Orders of one's units", responses=answers(), operation_id="list_orders")
async def list_orders(  # noqa: PLR0917 - one argument for each filter
    actor: Caller,
    site: Site,
    unit: Annotated[Word | None, Query(description="Only this unit.", examples=["si-alpha"])] = None,
    state: Annotated[Literal["open", "all"], Query()] = "open",
    after: After = "",
    limit: Limit = 50,
) -> Page[OrderRow]:
    """Orders, the one due first at the top. Who works for units sees theirs, and those for them by name."""
    page = await service.orders(site, actor, unit=unit, only_open=state == "open", after=after, limit=limit)
    return Page[OrderRow](items=[OrderRow.model_validate(row) for row in page.items], after=page.after)


@router.get(
    "/callbacks",
    summary="Customers to call",
    responses=answers(403),
    operation_id="list_callbacks",
    dependencies=[Depends(one_of(CALLBACK, SUPERVISOR))],
)
async def list_callbacks(actor: Caller, site: Site, limit: Limit = 50) -> list[CallbackRow]:
    """Callbacks that are due, the oldest first."""
    return [CallbackRow.model_validate(row) for row in await service.callbacks(site, actor, limit=limit)]


@router.get("/approvals", summary="Approvals to give", responses=answers(), operation_id="list_approvals")
async def list_approvals(actor: Caller, site: Site, limit: Limit = 50) -> list[ApprovalRow]:
    """Proposals that wait for an agreement the caller may give, the one due first at the top."""
    return [ApprovalRow.model_validate(row) for row in await service.approvals(site, actor, limit=limit)]
