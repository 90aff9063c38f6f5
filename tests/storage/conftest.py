"""A `Database` on this test's own PostgreSQL database."""

from collections.abc import AsyncIterator

import pytest

from storage.engine import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The storage of this test: fresh, migrated, empty."""
    database = Database.at(database_url, pool_size=5)
    yield database
    await database.close()
