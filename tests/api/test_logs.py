"""What the API writes to its log: enough to find the fault, nothing that opens a customer's page."""

from __future__ import annotations

import io
import logging

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from api import problems
from services.logs import set_up_logs

TOKEN = "eyJsecret-of-a-customer"


@pytest.mark.parametrize(
    ("fault", "status"), [(RuntimeError("broken"), 500), (ConnectionRefusedError(), 503)]
)
async def test_a_fault_is_logged_with_its_route_and_without_the_private_link(
    fault: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = APIRouter(prefix="/api/v1")

    @router.get("/portal/{token}")
    async def page(token: str) -> None:
        raise fault

    app = FastAPI()
    problems.install(app)
    app.include_router(router)
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    root = logging.getLogger()
    before = (root.handlers, root.level)
    try:
        set_up_logs("debug", "json")
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://putright") as client:
            assert (await client.get(f"/api/v1/portal/{TOKEN}")).status_code == status
    finally:
        root.handlers, root.level = before
    assert "/api/v1/portal/{token}" in written.getvalue()
    assert TOKEN not in written.getvalue()
