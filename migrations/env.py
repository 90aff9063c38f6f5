"""Runs migrations over asyncpg, one migrator at a time: a second one waits and then finds nothing to do."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from settings import Settings, async_database_url
from storage.tables import metadata

# Any number that no other advisory lock of this database uses.
MIGRATION_LOCK = 7_255_118_904_417_736


def _database_url() -> str:
    """Return the address given by the caller (`config.attributes["url"]`), else DATABASE_URL."""
    url = async_database_url(context.config.attributes.get("url") or Settings().database_url)
    if not url:
        raise SystemExit(
            "Which database? Set DATABASE_URL, for example postgresql://user:password@host/putright"
        )
    return url


def _migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.commit()
    try:
        context.configure(
            connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        if connection.in_transaction():
            connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()


async def _migrate_online() -> None:
    engine = create_async_engine(_database_url(), poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    context.configure(url=_database_url(), target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(_migrate_online())
