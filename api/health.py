"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text
from temporalio.service import RPCError

from api.auth import Site
from services.connect import Connections, is_database_down

router = APIRouter(tags=["health"])

TIMEOUT = timedelta(seconds=2)


@router.get("/health/live", summary="Is it alive", operation_id="live")
async def live() -> dict[str, str]:
    """Answers while the process runs."""
    return {"status": "alive"}


@router.get(
    "/health/ready",
    summary="Is it ready",
    operation_id="ready",
    responses={503: {"description": "Something it needs is down."}},
)
async def ready(site: Site) -> JSONResponse:
    """Whether the database answers; Temporal being down is told but does not stop intake."""
    database, temporal = await _database(site), await _temporal(site)
    body = {"database": database, "temporal": temporal}
    return JSONResponse(body, 200 if database == "ready" else 503)


async def _database(site: Connections) -> str:
    try:
        await site.database.first(text("SELECT 1"))
    except Exception as error:
        if not is_database_down(error):
            raise
        return "down"
    return "ready"


async def _temporal(site: Connections) -> str:
    try:
        client = await site.temporal()
        return "ready" if await client.service_client.check_health(timeout=TIMEOUT) else "down"
    except (RPCError, RuntimeError):
        return "down"
