"""The API process: reads the settings, wires services, serves HTTP, relays intakes and listens for events."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI

from activities.notification import Delivery
from api.app import create_app
from services.connect import Connections
from services.following import Listener
from services.logs import set_up_logs
from services.relay import Relay
from services.repeating import forget_keys
from settings import Settings
from storage.engine import Database
from web.portal import ROUTERS
from wiring import channels_of, keep_what_is_loaded, links_of, outbox_of


def application(settings: Settings, *, relay: bool = True) -> FastAPI:
    """The application as it is served; ``relay``: also start the workflows of accepted complaints."""
    database = Database.at(settings.database_url, pool_size=settings.database_pool)
    channels = channels_of(settings, database)
    delivery = Delivery(outbox_of(settings, database, channels), channels)
    connections = Connections(database, settings.temporal_connect_config(), delivery=delivery)
    listener = Listener(settings.database_url)
    beside: list[Callable[[], Coroutine[Any, Any, None]]] = [
        listener.run,
        partial(forget_keys, connections),
        connections.reads.run,
    ]
    if relay:
        beside.append(Relay(connections, rate=settings.relay_rate).run)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = [asyncio.create_task(run()) for run in beside]
        keep_what_is_loaded()
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await connections.close()

    return create_app(connections, links_of(settings), listener, pages=ROUTERS, lifespan=lifespan)


async def relay_alone(settings: Settings) -> None:
    """Relay and nothing else until SIGTERM or SIGINT, for an API that runs without."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    database = Database.at(settings.database_url, pool_size=2)
    connections = Connections(database, settings.temporal_connect_config())
    running = asyncio.create_task(Relay(connections, rate=settings.relay_rate).run())
    await asked.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await connections.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; requests that have begun are finished within the grace.

    ``python server.py`` serves and relays, ``… api`` only serves, ``… relay`` only relays.
    """
    parser = argparse.ArgumentParser(description="Serve Putright's API.")
    parser.add_argument("part", nargs="?", choices=("all", "api", "relay"), default="all")
    part = parser.parse_args(arguments).part
    settings = Settings()
    set_up_logs(settings.log_level, settings.log_format)
    if part == "relay":
        asyncio.run(relay_alone(settings))
        return
    uvicorn.run(
        application(settings, relay=part == "all"),
        host=settings.bind,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=max(int(settings.grace_seconds), 1),
        server_header=False,
    )


if __name__ == "__main__":
    main()
