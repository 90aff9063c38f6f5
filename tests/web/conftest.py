"""The installation the API is tested on, for the pages in front of it, and a customer's browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.conftest import Site, site, temporal_of_api
from tests.web.customer import browser

__all__ = ["client", "site", "temporal_of_api"]


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(site.url) as client:
        yield client
