"""Migrations: up, down and up again, and what they give equals the tables in code."""

import asyncpg
from sqlalchemy.engine import make_url

from local import migrations
from storage.tables import metadata


async def tables_of(url: str) -> set[str]:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    return {row["tablename"] for row in rows}


async def test_up_down_and_up_again_gives_the_tables_of_the_code(blank_database_url: str) -> None:
    migrations.upgrade(blank_database_url)
    assert await tables_of(blank_database_url) == {*metadata.tables, "alembic_version"}
    migrations.downgrade(blank_database_url)
    assert await tables_of(blank_database_url) == {"alembic_version"}
    migrations.upgrade(blank_database_url)
    migrations.check(blank_database_url)


async def test_migrating_a_database_that_is_up_to_date_changes_nothing(database_url: str) -> None:
    before = await tables_of(database_url)
    migrations.upgrade(database_url)
    assert await tables_of(database_url) == before
