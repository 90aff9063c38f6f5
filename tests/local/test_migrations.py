"""Migrating a database: there and back, equal to the tables of the code, and by two at once."""

import asyncio
import sys

import asyncpg
from sqlalchemy.engine import make_url

from local import migrations
from settings import ROOT

LEFT = """
SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND relname NOT LIKE 'alembic_version%'
UNION SELECT typname FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace
WHERE nspname = 'public' AND typname NOT LIKE '%alembic_version'
"""


async def _what_is_there(url: str) -> list[str]:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
    try:
        return [row[0] for row in await connection.fetch(LEFT)]
    finally:
        await connection.close()


async def test_up_down_and_up_again_gives_the_tables_of_the_code(blank_database_url: str) -> None:
    await asyncio.to_thread(migrations.upgrade, blank_database_url)
    assert await _what_is_there(blank_database_url)
    await asyncio.to_thread(migrations.downgrade, blank_database_url)
    assert await _what_is_there(blank_database_url) == []
    await asyncio.to_thread(migrations.upgrade, blank_database_url)
    await asyncio.to_thread(migrations.check, blank_database_url)


async def test_two_migrators_take_turns(blank_database_url: str) -> None:
    # Alembic keeps its state in module globals, so two at once means two processes, as in a deployment.
    command = [
        "-c",
        "import sys; from local import migrations; migrations.upgrade(sys.argv[1])",
        blank_database_url,
    ]
    both = [await _python(*command) for _ in range(2)]
    assert [await process.wait() for process in both] == [0, 0]
    await asyncio.to_thread(migrations.check, blank_database_url)


async def _python(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT)
