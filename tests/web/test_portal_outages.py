"""The customer's pages while Temporal or the database is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

import server
from local.ports import free_port
from tests.api.conftest import Site, serving, settings_for
from tests.web.customer import Customer, Page, browser, customer_of, kinds


async def test_without_temporal_the_page_is_there_and_keeps_what_was_typed(
    site: Site, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    ref, customer = await customer_of(site, client)
    async with beside(site.database_url, tmp_path, secret_of=site) as down:
        page = await Customer(down, customer.path).look()
        answer = await Customer(down, customer.path).send(page, "add_information", text="typed once")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    again = Page(answer)
    assert again.forms["add_information"]["text"].strip() == "typed once"
    assert again.forms["add_information"]["key"] == page.forms["add_information"]["key"]
    for _ in range(2):
        assert (await customer.send(again, "add_information")).status_code == 303
    assert (await kinds(site, ref)).count("information_added") == 1


async def test_without_the_database_there_is_a_friendly_page(
    site: Site, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    ref, customer = await customer_of(site, client)
    page = await customer.look()
    nowhere = f"postgresql+asyncpg://postgres@127.0.0.1:{free_port()}/nothing"
    async with beside(nowhere, tmp_path, secret_of=site) as down:
        answer = await down.get(customer.path)
        assert answer.status_code == 503
        assert "Your complaint is safe" in answer.text
        answer = await Customer(down, customer.path).send(page, "add_information", text="typed & kept")
        assert answer.status_code == 503
    again = Page(answer)
    assert again.forms["add_information"]["text"].strip() == "typed & kept"
    assert (await customer.send(again, "add_information")).status_code == 303
    assert "information_added" in await kinds(site, ref)


@asynccontextmanager
async def beside(database_url: str, home: Path, *, secret_of: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Pages with the same links, over this database and a Temporal that does not listen."""
    settings = settings_for(database_url, f"127.0.0.1:{free_port()}", home)
    app = server.application(settings, relay=False)
    app.state.links = secret_of.links
    async with serving(app) as url, browser(url) as client:
        yield client
