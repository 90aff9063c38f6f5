"""The installation of the rule tests, one per test process. How to write one: ``tests/rules/site.py``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

import server
import worker
from channels.memory import MemoryChannel, MemoryPayments
from domain import roles
from domain.messages import ChannelName
from procedures.organisation import DEMONSTRATION, load_shipped
from services import demo
from services.access import give_token
from services.connect import Connections
from storage.engine import Database
from tests.api.conftest import serving, settings_for
from tests.rules.site import WATCHER, Site
from tests.servers import Postgres, start_skipping
from wiring import outbox_of


@pytest.fixture(scope="package")
async def temporal_of_rules() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server of its own: complaints of other tests have other databases and other workers."""
    async with await start_skipping() as environment:
        yield environment


@pytest.fixture(scope="package")
async def organised(postgres: Postgres) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """A database with every shipped procedure and organisation, and a token of each person by id."""
    async with postgres.fresh_database() as url:
        connections = Connections(Database.at(url, pool_size=2), {})
        chosen = {name: one for name, one in load_shipped().items() if name != DEMONSTRATION}
        await demo.load_procedures(connections.database)
        await demo.load_organisations(connections.database, chosen)
        people = [person for one in chosen.values() for person in one.people]
        tokens = {one.person: one.token for one in await demo.give_tokens(connections, people)}
        watching = [roles.SUPERVISOR, roles.ADMINISTRATOR]
        tokens[WATCHER] = (await give_token(connections, roles=watching, system=WATCHER)).token
        await connections.close()
        yield url, tokens


@pytest.fixture(scope="package")
async def site(
    pytestconfig: pytest.Config,
    organised: tuple[str, dict[str, str]],
    temporal_of_rules: WorkflowEnvironment,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Site]:
    """The installation, shared by the rule tests of this process; each test has complaints of its own."""
    url, tokens = organised
    client = temporal_of_rules.client
    settings = settings_for(url, client.service_client.config.target_host, tmp_path_factory.mktemp("home"))
    async with AsyncExitStack() as running:
        database = Database.at(url, pool_size=5)
        running.push_async_callback(database.close)
        channels = {name: MemoryChannel() for name in ChannelName}
        payments = MemoryPayments()
        outbox = outbox_of(settings, database, channels)
        for one in worker.workers(client, database, outbox, channels, payments=payments, grace=timedelta(0)):
            await running.enter_async_context(one)
        app = server.application(settings)
        app.state.connections.use(client)  # what it starts can be moved through time
        app.state.connections.command_timeout = timedelta(seconds=20)
        address = await running.enter_async_context(serving(app))
        site = Site(address, temporal_of_rules, app.state.connections, tokens, app.state.links, payments)
        site.writes_cases = bool(pytestconfig.getoption("--write-cases"))
        yield site
        for one in site.clients.values():
            await one.aclose()
