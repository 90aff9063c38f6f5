"""A whole installation as processes whose parts can be killed in the middle of work and started again."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from temporalio.client import Client

from local import migrations
from local.parts import DATABASE, Parts
from local.postgres import EmbeddedPostgres
from local.processes import Child
from services.demo import load_demo
from settings import LOOPBACK, ROOT, Settings
from storage.engine import Database
from tests import waiting
from tests.chaos.mail import MailCatcher
from tests.servers import remove_run_folder
from workflows.converter import data_converter

READY_SECONDS = 60.0
CONTINUING_SOON = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"]
"""So few events that every complaint continues as a new run on its way."""
SLOW_RELAY = "0.01"
"""Starts a second of the API's own relay where a relay in a process of its own is to do the work."""


def port_for_long() -> int:
    """A free port that no outgoing connection is given while the part that had it is down.

    The system takes local ports of connections from 32768 up, so a killed server's port could be gone.
    """
    while True:
        port = random.randint(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port


async def until(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = READY_SECONDS) -> float:
    """Wait until a condition holds; how many seconds it took. AssertionError when it takes too long."""
    began = time.monotonic()
    await waiting.until(condition, what=what, seconds=seconds)
    return time.monotonic() - began


class Stack:
    """PostgreSQL that syncs, Temporal with its state on disk, worker, API with its relay, caught mail.

    ``kill`` is SIGKILL to the process this stack started and to its descendants; ``start`` starts it again
    on the same data and ports and waits until it serves.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        for part in ("logs", "run", "mail"):
            (self.home / part).mkdir(parents=True)
        self.mail = MailCatcher(port_for_long())
        self.settings = Settings(
            home=self.home,
            api_port=port_for_long(),
            temporal_port=port_for_long(),
            temporal_ui_port=port_for_long(),
            smtp_host=LOOPBACK,
            smtp_port=self.mail.port,
        )
        self.parts = Parts(self.settings)
        self.postgres = EmbeddedPostgres(
            folder / "state", port=port_for_long(), log=self.home / "logs" / "postgres.log"
        )
        self.temporal = self.parts.temporal()
        self.children: dict[str, Child] = {"temporal": self.temporal}
        self.tokens: dict[str, str] = {}
        self.kills: dict[str, int] = {}
        self.database_url = ""
        self._database: Database | None = None

    @property
    def api_url(self) -> str:
        """Where the API serves."""
        return self.parts.api_url

    @property
    def database(self) -> Database:
        """A pool of connections of the test's own."""
        assert self._database is not None, "begin first"
        return self._database

    async def begin(self) -> None:
        """Make the data and start every part."""
        await self.mail.start()
        await asyncio.to_thread(self.postgres.prepare)
        await asyncio.gather(self.start("postgres"), self.start("temporal"))
        connection = await asyncpg.connect(self.postgres.url().replace("+asyncpg", ""))
        await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        await connection.close()
        self.database_url = self.postgres.url(DATABASE)
        await asyncio.to_thread(migrations.upgrade, self.database_url)
        self.tokens = {person.role: person.token for person in await load_demo(self.database_url)}
        self._database = Database.at(self.database_url, pool_size=4)
        self.client = await Client.connect(
            f"{LOOPBACK}:{self.settings.temporal_port}", data_converter=data_converter
        )
        self.children["worker"] = self.process("worker", "worker.py")
        self.children["api"] = self.process("api", "server.py")
        await asyncio.gather(self.start("worker"), self.start("api"))

    async def end(self) -> None:
        """Stop what runs, in order, and remove the data."""
        for name in reversed(self.children):  # what others need was started first
            await asyncio.to_thread(self.children[name].stop, 15)
        if self._database is not None:
            await self._database.close()
        await asyncio.to_thread(self.postgres.stop)
        await self.mail.stop()
        remove_run_folder(self.folder)

    def process(self, name: str, *command: str, **environment: str) -> Child:
        """A process of ours, not yet started, connected to this stack's servers."""
        ours = {
            "DATABASE_URL": self.database_url,
            "PUTRIGHT_HOME": str(self.home),
            "PUTRIGHT_API_PORT": str(self.settings.api_port),
            "PUTRIGHT_GRACE_SECONDS": "5",
            "TEMPORAL_ADDRESS": f"{LOOPBACK}:{self.settings.temporal_port}",
            "SMTP_HOST": LOOPBACK,
            "SMTP_PORT": str(self.mail.port),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        return Child(
            name,
            [sys.executable, *command],
            log=self.home / "logs" / f"{name}.log",
            environment={**os.environ, **ours},
            folder=ROOT,
        )

    def relay_of_its_own(self, name: str = "relay") -> Child:
        """``putright relay`` as a process, not yet started."""
        return self.process(name, "-c", "import cli; cli.main()", "relay")

    async def kill(self, part: str) -> None:
        """SIGKILL; returns when every process of the part has ended."""
        self.kills[part] = self.kills.get(part, 0) + 1
        await asyncio.to_thread(self.postgres.kill if part == "postgres" else self.children[part].kill)

    async def stop(self, part: str) -> None:
        """Stop a part as an operator does."""
        await asyncio.to_thread(self.children[part].stop, 15)

    async def start(self, part: str) -> float:
        """Start a part and wait until it serves; how many seconds that took."""
        if part == "postgres":
            began = time.monotonic()
            self.postgres.start()
            await asyncio.to_thread(self.postgres.wait_ready)
            if self._database is not None:
                await self._database.engine.dispose()  # connections of ours that ended with the server
            return time.monotonic() - began
        self.parts.began_at = datetime.now(UTC)
        self.children[part].start()
        ready = {
            "temporal": self.parts.temporal_ready,
            "worker": self.parts.worker_ready,
            "api": self.parts.api_ready,
        }.get(part)
        return await until(ready, f"{part} is ready") if ready else 0.0

    @asynccontextmanager
    async def continuing_soon(self) -> AsyncIterator[None]:
        """Temporal asks every complaint to continue as a new run on its way."""
        usual = list(self.temporal.command)
        try:
            for command in ([*usual, *CONTINUING_SOON], usual):
                await self.stop("temporal")
                self.temporal.command = command
                await self.start("temporal")
                if command is not usual:
                    yield
        finally:
            self.temporal.command = usual

    async def read_only(self, on: bool) -> None:
        """Whether PostgreSQL refuses to write, in sessions that are open too."""
        connection = await asyncpg.connect(self.postgres.url().replace("+asyncpg", ""))
        await connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()

    async def restart(self, part: str) -> float:
        """Kill a part and start it again at once; how many seconds it was away."""
        began = time.monotonic()
        await self.kill(part)
        await self.start(part)
        return time.monotonic() - began

    def log(self, part: str) -> str:
        """What a part has logged."""
        return (self.home / "logs" / f"{part}.log").read_text(errors="replace")
