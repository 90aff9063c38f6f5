"""Where the commands find PostgreSQL and Temporal: as set, else the laptop stack of this home."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from cli_commands.terminal import UNAVAILABLE, Failure

if TYPE_CHECKING:
    from services.connect import Connections
    from settings import Settings
    from storage.engine import Database

T = TypeVar("T")


def site_settings() -> Settings:
    """The settings, with what is not set taken from the laptop stack; Failure when there is neither."""
    from local.parts import DATABASE, Parts
    from settings import Settings

    settings = Settings()
    if not settings.database_url:
        try:
            url = Parts(settings).postgres().url(DATABASE)
        except FileNotFoundError as error:
            raise Failure(
                "There is no database: DATABASE_URL is not set and no laptop stack was started here.\n"
                "Start one with `putright up`, or set DATABASE_URL.",
                UNAVAILABLE,
            ) from error
        settings = settings.model_copy(update={"database_url": url})
    if not settings.smtp_host:
        own = {"smtp_host": settings.bind, "smtp_port": settings.mail_smtp_port}
        settings = settings.model_copy(update=own)
    return settings


def hand_on(settings: Settings) -> None:
    """Put what was found into the environment, for the worker or the server that this process becomes."""
    os.environ["DATABASE_URL"] = settings.database_url
    os.environ["PUTRIGHT_HOME"] = str(settings.home.resolve())
    os.environ["SMTP_HOST"] = settings.smtp_host
    os.environ["SMTP_PORT"] = str(settings.smtp_port)
    if not settings.temporal_is_given():
        os.environ["TEMPORAL_ADDRESS"] = f"{settings.bind}:{settings.temporal_port}"


@asynccontextmanager
async def open_database(settings: Settings | None = None) -> AsyncIterator[Database]:
    """The database, for as long as it is needed."""
    from storage.engine import Database

    found = Database.at((settings or site_settings()).database_url, pool_size=4)
    try:
        yield found
    finally:
        await found.close()


@asynccontextmanager
async def open_connections(settings: Settings | None = None) -> AsyncIterator[Connections]:
    """Database and Temporal, as services are handed them."""
    from services.connect import Connections

    given = settings or site_settings()
    async with open_database(given) as database:
        yield Connections(database, given.temporal_connect_config())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(work)
