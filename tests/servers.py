"""The real servers the tests run against: one PostgreSQL for the run, one Temporal per test process."""

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import asyncpg
from sqlalchemy.engine import make_url
from temporalio.common import SearchAttributeKey
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from local import migrations
from local.ports import free_port
from local.postgres import THROW_AWAY, EmbeddedPostgres
from local.problem import Problem
from local.processes import end_leftover
from local.temporal import temporal_binary
from workflows.converter import data_converter
from workflows.registry import SEARCH_ATTRIBUTES

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "putright_template"
PREFIX = "putright-tests-"
RECORD = "postgres-process.json"


def new_run_folder() -> Path:
    """Make a folder for servers; PostgreSQL, which does not run as root, can enter it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    return folder


def begin_run() -> tuple[Path, TextIO]:
    """Make the folder that the processes of one test run share, and the lock that says the run goes on.

    A run that was killed cannot clean up: the next one ends its PostgreSQL and removes its folder.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/alive"):
        if left.stat().st_uid == os.geteuid():
            _end_dead_run(left)
    folder = new_run_folder()
    alive = (folder / "alive.draft").open("w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    (folder / "alive.draft").rename(folder / "alive")  # seen by others only once it is locked
    return folder, alive


def _end_dead_run(alive: Path) -> None:
    with contextlib.suppress(FileNotFoundError, BlockingIOError), alive.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        end_run(alive.parent)


@dataclass(frozen=True)
class Postgres:
    """The PostgreSQL of this test run: `url` names its maintenance database."""

    url: str
    pid: int

    def database(self, name: str) -> str:
        """Return the URL of a database of this server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    @asynccontextmanager
    async def fresh_database(self, template: str = TEMPLATE) -> AsyncIterator[str]:
        """Give the URL of a new database cloned from `template`; it is dropped at the end."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        await self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.database(name)
        finally:
            await self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def execute(self, statement: str) -> None:
        """Run one statement in the maintenance database."""
        connection = await asyncpg.connect(
            make_url(self.url).set(drivername="postgresql").render_as_string(False)
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


_numbers = itertools.count(1)
_started: list[EmbeddedPostgres] = []  # kept until this process ends, see `leave_run` and `end_run`


@contextmanager
def _only_one(run_folder: Path) -> Iterator[None]:
    with (run_folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def join_postgres(run_folder: Path) -> Postgres:
    """Return the run's PostgreSQL; the first process to ask starts it and migrates the template."""
    noted = run_folder / "postgres.json"
    with _only_one(run_folder):
        if not noted.exists():
            server = _start_postgres(run_folder)
            _started.append(server)
            assert server.child is not None
            postgres = Postgres(server.url(), server.child.pid)
            asyncio.run(postgres.execute(f"CREATE DATABASE {TEMPLATE}"))
            migrations.upgrade(postgres.database(TEMPLATE))
            noted.write_text(json.dumps({"url": postgres.url, "pid": postgres.pid}))
        return Postgres(**json.loads(noted.read_text()))


def _start_postgres(run_folder: Path) -> EmbeddedPostgres:
    """Start PostgreSQL on a random port; another process may take the port first, so try a few."""
    for attempt in itertools.count(1):
        server = EmbeddedPostgres(
            run_folder / "postgres",
            port=free_port(),
            log=run_folder / "postgres.log",
            options=THROW_AWAY,
            record=run_folder / RECORD,
        )
        server.prepare()
        server.start()
        try:
            server.wait_ready()
        except Problem:
            server.stop()
            if attempt == 3:
                raise
        else:
            return server
    raise AssertionError("unreachable")


def _search_attributes() -> list[SearchAttributeKey[Any]]:
    kinds = {
        "Keyword": SearchAttributeKey.for_keyword,
        "Int": SearchAttributeKey.for_int,
        "Bool": SearchAttributeKey.for_bool,
        "Datetime": SearchAttributeKey.for_datetime,
    }
    return [kinds[kind](name) for name, kind in SEARCH_ATTRIBUTES.items()]


async def start_temporal() -> WorkflowEnvironment:
    """Start a real Temporal server (random port, in memory) with Putright's search attributes."""
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_binary()),
        dev_server_log_level="error",
        data_converter=data_converter,
        search_attributes=_search_attributes(),
    )


async def start_skipping() -> WorkflowEnvironment:
    """Start a real Temporal server whose workflows can be moved through time."""
    return await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=str(temporal_binary()),
        dev_server_log_level="error",
        data_converter=data_converter,
        search_attributes=_search_attributes(),
        dev_server_extra_args=[
            *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
            *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'),
            # What is deleted is gone at once, not with the next look of the queue a minute later.
            *("--dynamic-config-value", "history.transferProcessorEnsureCloseBeforeDelete=false"),
        ],
    )


def leave_run() -> None:
    """End this process's part in the run: others may still use the PostgreSQL it started, so that goes on.

    The process that made the run's folder ends it, by its record. Python would warn that a child is left.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        _started.clear()


def end_run(run_folder: Path) -> None:
    """End the run's PostgreSQL, if one was started, and remove the folder."""
    for server in _started:
        server.stop()
    _started.clear()
    end_leftover(run_folder / RECORD, grace=20)
    remove_run_folder(run_folder)


def remove_run_folder(folder: Path) -> None:
    """Remove a folder of `new_run_folder` with all that is in it."""
    shutil.rmtree(folder)
