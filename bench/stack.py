"""The servers and processes a measurement runs on: real ones, started for this run and ended after it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil
from sqlalchemy.engine import make_url
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from local import migrations
from local.ports import free_port
from local.postgres import EmbeddedPostgres
from local.problem import Problem
from local.processes import Child
from local.temporal import temporal_server
from workflows.converter import data_converter
from workflows.registry import SEARCH_ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_SECONDS = 60.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds (user and system) of a process since it began."""

    process: psutil.Process

    def seconds(self) -> float:
        """How much it has used until now."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Resident memory in bytes."""
        return int(self.process.memory_info().rss)


@dataclass
class Stack:
    """PostgreSQL, Temporal with its state on disk, and whatever processes a measurement starts beside them.

    ``database_url`` is the SQLAlchemy URL, ``dsn`` the same for asyncpg. ``client`` has Putright's converter,
    ``bare_client`` the SDK's default one.
    """

    folder: Path
    postgres: EmbeddedPostgres
    temporal: Child
    temporal_address: str
    database_url: str
    client: Client
    bare_client: Client
    children: list[Child] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        """The database's address as asyncpg wants it."""
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def server(self) -> Cpu:
        """The Temporal server's process."""
        return Cpu(psutil.Process(self.temporal.pid))

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of Putright's own processes on this stack; only in-app messages, no mail."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PUTRIGHT_", "TEMPORAL_", "SMTP_", "DATABASE_URL"))
        }
        return {
            **kept,
            "DATABASE_URL": self.database_url,
            "TEMPORAL_ADDRESS": self.temporal_address,
            "PUTRIGHT_HOME": str(self.folder),
            "PUTRIGHT_LOG_LEVEL": "warning",
            **more,
        }

    def start_python(self, name: str, arguments: Sequence[str], **environment: str) -> Child:
        """Start a Python process of the project; it is ended with the stack, or before by ``end``."""
        child = Child(
            name,
            [sys.executable, *arguments],
            log=self.folder / f"{name}.log",
            environment=self.environment(**environment),
            folder=ROOT,
        )
        child.start()
        self.children.append(child)
        return child

    def end(self, child: Child) -> None:
        """End one process that was started on this stack."""
        child.stop()
        self.children.remove(child)

    def temporal_bytes(self) -> int:
        """Bytes in use in Temporal's database, with what still stands in its write-ahead log."""
        with closing(sqlite3.connect(f"file:{self.folder / 'temporal.db'}?mode=ro", uri=True)) as database:
            pages, free, size = (
                int(database.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * size

    async def polled(self, queue: str, child: Child) -> None:
        """Wait until a worker polls the task queue; Problem with its log if it ends before."""

        async def asked() -> bool:
            answer = await self.client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=self.client.namespace,
                    task_queue=TaskQueue(name=queue),
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                )
            )
            return bool(answer.pollers)

        await until(asked, child)


async def until(ready: Callable[[], Awaitable[bool]], child: Child) -> None:
    """Wait until ``ready`` says so; Problem when the process ends before, or after a minute."""
    end = time.monotonic() + START_SECONDS
    while not await ready():
        if child.ended() is not None:
            raise Problem(f"The {child.name} ended while starting:\n{child.tail()}")
        if time.monotonic() > end:
            raise Problem(f"The {child.name} is not ready after {START_SECONDS:.0f} s:\n{child.tail()}")
        await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def running_stack() -> AsyncIterator[Stack]:
    """Start PostgreSQL (migrated) and Temporal in a folder of their own; end and remove all afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="putright-bench-"))
    folder.chmod(0o711)  # noqa: ASYNC240 - PostgreSQL, which does not run as root, must be able to enter
    postgres = EmbeddedPostgres(folder / "postgres", port=free_port(), log=folder / "postgres.log")
    port = free_port()
    temporal = temporal_server(
        database=folder / "temporal.db",
        host=HOST,
        port=port,
        ui_port=free_port(),
        attributes=SEARCH_ATTRIBUTES,
        log=folder / "temporal.log",
    )
    stack = None
    try:
        temporal.start()
        _start_postgres(postgres)  # not in a thread, which could outlive us and leave a server behind
        client = await _connected(temporal, f"{HOST}:{port}")
        stack = Stack(
            folder=folder,
            postgres=postgres,
            temporal=temporal,
            temporal_address=f"{HOST}:{port}",
            database_url=await _fresh_database(postgres),
            client=client,
            bare_client=await Client.connect(f"{HOST}:{port}"),
        )
        yield stack
    finally:
        for child in [*(stack.children if stack else []), temporal]:
            child.stop()
        if postgres.child is not None:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    postgres.start()
    postgres.wait_ready()


async def _fresh_database(postgres: EmbeddedPostgres) -> str:
    url = make_url(postgres.url()).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE DATABASE putright")
    finally:
        await connection.close()
    await asyncio.to_thread(migrations.upgrade, postgres.url("putright"))
    return postgres.url("putright")


async def _connected(temporal: Child, address: str) -> Client:
    clients: list[Client] = []

    async def answers() -> bool:
        try:
            clients.append(await Client.connect(address, data_converter=data_converter))
        except RuntimeError:  # what the SDK raises while nothing listens
            return False
        return True

    await until(answers, temporal)
    return clients[0]
