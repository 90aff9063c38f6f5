"""A whole installation in this process: API, relay, worker, PostgreSQL and Temporal; people with tokens."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import text
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

import server
import worker
from channels.memory import MemoryChannel, MemoryPayments
from domain import roles
from domain.messages import ChannelName
from services import demo
from services.access import Links, give_token
from services.connect import Connections
from services.following import Listener
from services.relay import Relay
from settings import Settings
from storage.engine import Database
from tests.servers import Postgres, start_temporal
from tests.waiting import PATIENCE_SECONDS, until
from wiring import outbox_of


@dataclass
class Site:
    """A running installation; ``as_`` gives an HTTP client for a person with a role."""

    url: str
    database_url: str
    connections: Connections
    temporal: Client
    tokens: dict[str, str]
    clients: dict[str, httpx.AsyncClient]
    gate: asyncio.Event
    listener: Listener
    links: Links
    payments: MemoryPayments

    def as_(self, who: str) -> httpx.AsyncClient:
        """A client that calls as the demonstration person of a role, or as nobody for an empty one."""
        return self.with_token(self.tokens[who] if who else "")

    def with_token(self, token: str) -> httpx.AsyncClient:
        """A client that calls with a token."""
        if token not in self.clients:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            self.clients[token] = httpx.AsyncClient(
                base_url=f"{self.url}/api/v1", headers=headers, timeout=30, trust_env=False
            )
        return self.clients[token]

    async def token_for(self, *given: str, units: Sequence[str] = ()) -> str:
        """A new token of a system with some roles in some units."""
        made = await give_token(self.connections, roles=given, units=units, system=f"test-{given[0]}")
        return made.token

    async def opened(self, **changes: Any) -> str:
        """A new telecom complaint whose workflow has recorded its opening; its reference."""
        ref = str((await self.open(**changes)).json()["ref"])
        await self.until(ref, lambda c: c["seq"] > 0)
        return ref

    async def open(self, *, headers: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
        """The answer to opening a telecom complaint."""
        body = {
            "procedure": "telecom-si",
            "channel": "hotline",
            "language": "en",
            "title": "Charged for a service never ordered",
            "facts": {"kind": "complaint", "severity": "urgent", "matter": "charges"},
            "customer": {"name": "Wang Fang", "phone": "+86 10 5555 0100", "email": "wang@customer.example"},
            **changes,
        }
        return await self.as_(roles.AGENT).post("/complaints", json=body, headers=headers)

    async def read(self, ref: str, who: str = roles.SUPERVISOR) -> dict[str, Any]:
        """The complaint as somebody reads it."""
        answer = await self.as_(who).get(f"/complaints/{ref}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(
        self, ref: str, condition: Callable[[dict[str, Any]], object], seconds: float = PATIENCE_SECONDS
    ) -> dict[str, Any]:
        """The complaint once a condition on it holds."""
        return await until(lambda: self.read(ref), condition, seconds=seconds)

    async def told(self, ref: str, reached: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
        """The messages of a complaint once there are those that are wanted."""

        async def messages() -> list[dict[str, Any]]:
            return list((await self.as_(roles.SUPERVISOR).get(f"/complaints/{ref}/messages")).json())

        return await until(messages, reached)

    @asynccontextmanager
    async def without_relay(self) -> AsyncIterator[None]:
        """Nothing is started by itself meanwhile: every complaint accepted now waits."""
        self.gate.clear()
        try:
            yield
        finally:
            self.gate.set()

    async def forget_answer(self, key: str) -> None:
        """As if the API had crashed before it kept its answer to the request with this key."""
        changed = await self.connections.database.run(
            text("UPDATE idempotency_keys SET status = NULL, response = NULL WHERE key = :key"), {"key": key}
        )
        assert changed == 1

    async def unmark_started(self, ref: str) -> None:
        """As if the relay had crashed between starting a workflow and noting it."""
        await self.connections.database.run(
            text("UPDATE intake_outbox SET started_at = NULL, claimed_until = NULL WHERE ref = :ref"),
            {"ref": ref},
        )

    async def fail_message(self, message_id: str) -> None:
        """As if a message had failed for good."""
        await self.connections.database.run(
            text("UPDATE messages SET state = 'failed' WHERE id = CAST(:id AS uuid)"), {"id": message_id}
        )

    async def act(self, ref: str, verb: str, who: str = roles.AGENT, **body: Any) -> httpx.Response:
        """The answer to a command."""
        return await self.as_(who).post(f"/complaints/{ref}/{verb}", json=body)


@pytest.fixture(scope="package")
async def temporal_of_api() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server of its own: complaints of other tests have other databases and other workers."""
    async with await start_temporal() as environment:
        yield environment


@pytest.fixture(scope="package")
async def site(
    postgres: Postgres, temporal_of_api: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """The installation, shared by the tests of this folder; each works on complaints of its own."""
    async with postgres.fresh_database() as url:
        given = await demo.load_demo(url)
        client = temporal_of_api.client
        settings = settings_for(
            url, client.service_client.config.target_host, tmp_path_factory.mktemp("home")
        )
        async with AsyncExitStack() as running:
            database = Database.at(url, pool_size=5)
            running.push_async_callback(database.close)
            channels = {name: MemoryChannel() for name in ChannelName}
            payments = MemoryPayments()
            for one in worker.workers(
                client,
                database,
                outbox_of(settings, database, channels),
                channels,
                payments=payments,
                grace=timedelta(seconds=1),
                look_again=timedelta(seconds=0.2),
            ):
                await running.enter_async_context(one)
            app = server.application(settings, relay=False)
            gate = asyncio.Event()
            gate.set()
            relaying = asyncio.create_task(relay_behind(gate, app.state.connections))
            running.push_async_callback(stopped, relaying)
            app.state.connections.command_timeout = timedelta(seconds=20)
            site = Site(
                url=await running.enter_async_context(serving(app)),
                database_url=url,
                connections=app.state.connections,
                temporal=client,
                tokens={person.role: person.token for person in given},
                clients={},
                gate=gate,
                listener=app.state.listener,
                links=app.state.links,
                payments=payments,
            )
            yield site
            for one in site.clients.values():
                await one.aclose()


async def relay_behind(gate: asyncio.Event, connections: Connections) -> None:
    """A relay that can be held up."""
    relay = Relay(connections, rate=100)
    while True:
        await gate.wait()
        if not await relay.once():
            with suppress(TimeoutError):
                await asyncio.wait_for(connections.accepted.wait(), 0.2)


async def stopped(task: asyncio.Task[None]) -> None:
    """End a task; what it failed with before fails the test run."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def settings_for(database_url: str, temporal: str, home: Path) -> Settings:
    """Settings of an installation on these servers."""
    return Settings(
        database_url=database_url,
        temporal_address=temporal,
        home=home,
        public_url="https://complaints.example",
    )


class serving:
    """Serves an application over HTTP on a free port; gives its address."""

    def __init__(self, app: Any) -> None:
        self.server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2, lifespan="on")
        )
        self.socket = socket.create_server(("127.0.0.1", 0))

    async def __aenter__(self) -> str:
        self.task = asyncio.create_task(self.server._serve(sockets=[self.socket]))

        async def started() -> bool:
            if self.task.done():
                self.task.result()
            return self.server.started

        await until(started)
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self.server.should_exit = True
        await self.task
        self.socket.close()
