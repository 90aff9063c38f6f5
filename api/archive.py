"""What stays of closed complaints: the archives of their keepers, and a customer's whole history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.auth import Caller, Site
from api.complaints import After, Limit
from api.present import listed
from api.problems import answers
from api.schemas.archive import ArchivedView
from api.schemas.base import Page
from api.schemas.complaints import Row
from api.texts import Word
from services import archive
from services.listing import Filters, complaints_page

router = APIRouter(prefix="/api/v1", tags=["archive"])


@router.get(
    "/archive",
    summary="Read an archive",
    response_model=Page[ArchivedView],
    responses=answers(403, 404),
    operation_id="read_archive",
)
async def read_archive(  # noqa: PLR0917 - one argument for each filter
    actor: Caller,
    site: Site,
    keeper: Annotated[
        Word, Query(description="`organisation`, or `unit:` and the id of a unit.", examples=["organisation"])
    ] = "organisation",
    procedure: Annotated[Word, Query(examples=["courier"])] = "",
    year: Annotated[int | None, Query(ge=1970, le=2200)] = None,
    after: After = "",
    limit: Limit = 50,
) -> Response:
    """The closed complaints a keeper has, by number. Who works for units reads the archives of those."""
    page = await archive.kept_by(
        site, actor, keeper, procedure=procedure, year=year, after=after, limit=limit
    )
    return listed(page)


@router.get(
    "/customers/{customer}/complaints",
    summary="Read a customer's history",
    response_model=Page[Row],
    responses=answers(404),
    operation_id="read_customer_history",
)
async def read_customer_history(
    customer: Annotated[Word, Path(description="As in `customer.id` of a complaint.", examples=["c-1001"])],
    actor: Caller,
    site: Site,
    after: After = "",
    limit: Limit = 50,
) -> Response:
    """Every complaint of a customer, open and closed, newest first, as far as you may see them."""
    filters = Filters(customer_id=customer)
    return listed(await complaints_page(site, actor, filters, after=after, limit=limit))
