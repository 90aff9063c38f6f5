"""Fixtures every test may use: real servers, started once, and a database of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests import servers
from tests.servers import Postgres, start_skipping, start_temporal

ONE_AFTER_THE_OTHER = ("tests/local/test_stack.py", "tests/local/test_topology.py")
"""Files whose tests need both cores, and build on the ones before them."""

_RUN_FOLDER = pytest.StashKey[Path]()
_ALIVE = pytest.StashKey[TextIO]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of this project's tests."""
    parser.addoption(
        "--write-histories",
        action="store_true",
        help="write the histories that replays are tested on",
    )
    parser.addoption(
        "--write-cases",
        action="store_true",
        help="write the worked cases of the procedures' pages from their story tests",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of this run, or take the one the first process made (pytest-xdist)."""
    if hasattr(config, "workerinput"):
        config.stash[_RUN_FOLDER] = Path(config.workerinput["run_folder"])
    else:
        config.stash[_RUN_FOLDER], config.stash[_ALIVE] = servers.begin_run()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give those files to one process, in their order.

    pytest-xdist's own mark for that, ``xdist_group``, has no effect since pytest 9.2 fixes the ids of tests.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneProcessForSome(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "one" if nodeid.startswith(ONE_AFTER_THE_OTHER) else nodeid

    return OneProcessForSome(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a pytest-xdist worker where the run's folder is."""
    node.workerinput["run_folder"] = str(node.config.stash[_RUN_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the run started, in the process that made the folder; the others leave it running."""
    if _ALIVE in config.stash:
        with config.stash[_ALIVE]:
            servers.end_run(config.stash[_RUN_FOLDER])
    else:
        servers.leave_run()


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """A folder shared by all processes of this test run."""
    return pytestconfig.stash[_RUN_FOLDER]


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Postgres:
    """The PostgreSQL of this run: `postgres.fresh_database()` gives a migrated database of your own."""
    return servers.join_postgres(run_folder)


@pytest.fixture
async def database_url(postgres: Postgres) -> AsyncIterator[str]:
    """A fresh, migrated, empty database for this test, as a SQLAlchemy asyncpg URL."""
    async with postgres.fresh_database() as url:
        yield url


@pytest.fixture
async def blank_database_url(postgres: Postgres) -> AsyncIterator[str]:
    """A fresh database without any table, for tests of the migrations themselves."""
    async with postgres.fresh_database(template="template1") as url:
        yield url


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on this test's own database."""
    engine = create_async_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server (random port, in memory) with Putright's search attributes."""
    async with await start_temporal() as environment:
        yield environment


@pytest.fixture(scope="session")
async def skipping_env() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server whose workflows can be moved through time: `fast_forward(handle, duration)`."""
    async with await start_skipping() as environment:
        yield environment


@pytest.fixture
def temporal_client(temporal_env: WorkflowEnvironment) -> Client:
    """A client of `temporal_env`, with the pydantic converter the whole project uses."""
    return temporal_env.client
