"""The API's documentation: a page that works on a machine without internet."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI

from api import documentation, problems


@pytest.fixture
async def client():
    app = FastAPI(docs_url=None)
    problems.install(app)
    app.include_router(documentation.router)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://putright.test"
    ) as client:
        yield client


async def test_the_page_and_all_it_names_come_from_this_host(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) == 5
    assert not [address for address in named if ":" in address or address.startswith("//")]
    kinds = {}
    for address in named:
        answer = await client.get(str(page.url.join(address)))
        assert answer.status_code == 200, address
        kinds[address.rpartition(".")[2]] = answer.headers["content-type"].partition(";")[0]
    assert kinds == {
        "png": "image/png",
        "css": "text/css",
        "js": "text/javascript",
        "json": "application/json",
    }


async def test_the_browser_is_told_to_ask_no_other_host(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/docs")).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert {source for rule in rules.values() for source in rule.split()} <= {
        "'none'",
        "'self'",
        "'unsafe-inline'",
        "data:",
    }
    assert rules["script-src"] == rules["connect-src"] == "'self'"


async def test_nothing_but_its_own_files_is_served(client: httpx.AsyncClient) -> None:
    for name in ("__init__.py", "..%2Fmain.py", "other.js"):
        assert (await client.get(f"/docs/files/{name}")).status_code == 404


async def test_the_application_has_this_page(site) -> None:
    answer = await site.as_("agent").get(f"{site.url}/docs")
    assert "docs/files/swagger-ui-bundle.js" in answer.text
