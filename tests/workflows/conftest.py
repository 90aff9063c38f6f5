"""A world for workflow tests: real Temporal with time to skip, real PostgreSQL, messages kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from temporalio.client import Client, WorkflowHandle, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

import wire
from activities.notification import CARRIED_PAUSE
from channels.memory import MemoryChannel, MemoryPayments
from domain.commands import VERBS, Actor, Asked, Open
from domain.complaint import Complaint
from domain.errors import Refused
from domain.events import Event
from domain.evolve import refold
from domain.messages import ChannelName, Message
from domain.procedure import Procedure
from procedures.loader import load_pack
from procedures.texts import render
from procedures.variables import variables
from services.acting import refusal_in
from services.demo import load_demo
from services.starting import WORKFLOW, beginning, start_arguments, to_payload
from storage.engine import Database
from storage.queries import complaints as complaint_queries
from storage.stores import intake
from storage.stores.messages import PostgresOutbox
from tests.drive import AGENT
from tests.servers import Postgres
from tests.waiting import until
from worker import workers
from workflows.messages import Done, Start

SOON = timedelta(seconds=20)


@dataclass
class World:
    """Opens complaints, gives commands, passes time, and looks at what was recorded and told."""

    env: WorkflowEnvironment
    client: Client
    database: Database
    channels: Mapping[ChannelName, MemoryChannel]
    outbox: PostgresOutbox
    payments: MemoryPayments = field(default_factory=MemoryPayments)
    handles: list[WorkflowHandle[Any, Any]] = field(default_factory=list)
    asked: int = 0

    async def open(
        self,
        name: str,
        facts: Mapping[str, str],
        *,
        continue_after: int = 0,
        opened_by: Actor = AGENT,
        **opening: Any,
    ) -> Case:
        """Accept a complaint under a shipped procedure and start its workflow, as intake does."""
        procedure = load_pack(name)
        ref = f"{procedure.prefix}-{len(self.handles) + 1}"
        given = {"customer": "", "owner": opened_by.id, "channel": "hotline", "language": "en", **opening}
        command = Open(ref=ref, facts=dict(facts), **given)
        start = beginning(command, Asked(opened_by, "opening"))
        row = intake.Intake(
            ref=ref,
            procedure=procedure.name,
            version=procedure.version,
            fingerprint=wire.fingerprint(procedure),
            opened_at=datetime.now(UTC),
            channel=command.channel,
            language=command.language,
            customer_name="Li Wei",
            owner=command.owner,
            facts=command.facts,
        )
        await intake.accept(self.database, row, to_payload(start))
        start = Start(start.opening, start.asked, events_before_continuing=continue_after)
        handle = await self.client.start_workflow(
            WORKFLOW, **start_arguments(procedure, wire.pack_rules(procedure), start)
        )
        self.handles.append(handle)
        case = Case(self, procedure, ref, handle)
        await case.until(lambda complaint: complaint.seq > 0)
        return case


@dataclass
class Case:
    """One complaint of the world."""

    world: World
    procedure: Procedure
    ref: str
    handle: WorkflowHandle[Any, Any]

    async def do(
        self, command: Any, actor: Actor, *, request_id: str = "", expected_seq: int | None = None
    ) -> Done:
        """Give a command as an update; raises Refused."""
        self.world.asked += 1
        asked = Asked(actor, request_id or f"request-{self.world.asked}", expected_seq)

        async def given() -> Done | None:
            try:
                return await self.handle.execute_update(
                    VERBS[type(command)], args=[command, asked], result_type=Done, id=asked.request_id
                )
            except WorkflowUpdateFailedError as failure:
                refusal = refusal_in(failure)
                if refusal is None:
                    raise
                raise refusal from failure
            except RPCError as error:
                if error.status is not RPCStatusCode.FAILED_PRECONDITION:  # just continued as new
                    raise
            return None

        done = await until(given, what=f"{self.ref} takes commands")
        assert done is not None
        return done

    async def refused(self, command: Any, actor: Actor) -> Refused:
        """Give a command that must be refused and change nothing."""
        before = await self.events()
        with pytest.raises(Refused) as caught:
            await self.do(command, actor)
        assert await self.events() == before
        return caught.value

    async def pass_time(self, duration: timedelta) -> None:
        """Move this workflow's clock forward; its timers fire on the way."""
        await self.world.env.fast_forward(self.handle, duration)

    async def events(self) -> list[Event]:
        """What is recorded in PostgreSQL."""
        return await complaint_queries.events(self.world.database, self.ref)

    async def facts(self, kind: str) -> list[Any]:
        """The recorded facts of one kind."""
        return [event.fact for event in await self.events() if event.fact.kind == kind]

    async def state(self) -> Complaint:
        """What folding the recorded events yields."""
        return refold(self.procedure, await self.events())

    async def until(self, reached: Callable[[Complaint], bool]) -> Complaint:
        """Wait until the recorded state is as wanted."""
        return await until(self.state, reached, seconds=SOON.total_seconds())

    async def ended(self) -> Done:
        """Wait for the workflow's end; what a run carried over to the next is sent after a pause of 30 s."""
        async with asyncio.timeout(SOON.total_seconds() + CARRIED_PAUSE.total_seconds()):
            handle: WorkflowHandle[Any, Done] = self.world.client.get_workflow_handle(
                self.handle.id, result_type=Done
            )
            return await handle.result()

    async def history(self) -> WorkflowHistory:
        """The history of the first run."""
        return await self.handle.fetch_history()

    async def histories(self) -> list[WorkflowHistory]:
        """The histories of all its runs, the first one first."""
        run_id: str | None = self.handle.first_execution_run_id
        histories = []
        while run_id:
            history = await self.world.client.get_workflow_handle(
                self.handle.id, run_id=run_id
            ).fetch_history()
            histories.append(history)
            last = history.events[-1]
            run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        return histories

    def told(self, template: str = "") -> list[Message]:
        """The messages about this complaint that went out, in order."""
        return [
            message
            for channel in self.world.channels.values()
            for message in channel.sent
            if message.ref == self.ref and template in ("", message.template)
        ]


@pytest.fixture(scope="session")
async def demonstration(postgres: Postgres) -> AsyncIterator[str]:
    """The name of a database with procedures and the demonstration organisation, to clone from."""
    async with postgres.fresh_database() as url:
        await load_demo(url)
        yield make_url(url).database or ""


@pytest.fixture
async def world(
    skipping_env: WorkflowEnvironment, postgres: Postgres, demonstration: str
) -> AsyncIterator[World]:
    """A worker with everything real but the last mile of the messages."""
    async with postgres.fresh_database(template=demonstration) as url:
        database = Database.at(url)
        async with _populated(skipping_env, database) as world:
            yield world
        await database.close()


@asynccontextmanager
async def _populated(env: WorkflowEnvironment, database: Database) -> AsyncIterator[World]:
    channels = {name: MemoryChannel() for name in ChannelName}
    outbox = PostgresOutbox(
        database, render=render, variables=variables, portal_link=lambda ref: f"https://example.org/{ref}"
    )
    world = World(env, env.client, database, channels, outbox)
    async with AsyncExitStack() as running:
        for worker in workers(
            world.client, database, outbox, channels, payments=world.payments, grace=timedelta(0)
        ):
            await running.enter_async_context(worker)
        yield world
        for handle in world.handles:
            await _ended(world.client.get_workflow_handle(handle.id))


async def _ended(latest: WorkflowHandle[Any, Any]) -> None:
    """End the run that is there; it may end by itself at the same moment."""
    try:
        await latest.terminate("the test is over")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
