"""A recording that takes longer than a workflow task: a replay must find the instant that was recorded."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

import wire
import worker
from channels.memory import MemoryChannel
from domain.commands import Asked, Open
from domain.complaint import Complaint
from domain.evolve import refold
from domain.messages import ChannelName
from domain.ports import Recording
from procedures.loader import load_pack
from procedures.texts import render
from procedures.variables import variables
from services.demo import load_procedures
from services.starting import WORKFLOW, beginning, start_arguments, to_payload
from storage.engine import Database
from storage.queries import complaints as complaint_queries
from storage.stores import intake
from storage.stores.messages import PostgresOutbox
from storage.stores.recorder import PostgresRecorder
from tests.drive import AGENT
from tests.waiting import until

TASK = timedelta(seconds=1)
REF = "TEL-SLOW-1"


class SlowRecorder(PostgresRecorder):
    """As behind a database that is away for longer than a workflow task may take."""

    async def record(self, recording: Recording) -> None:
        await asyncio.sleep(TASK.total_seconds() * 2)  # the database, not the test, takes this long
        await super().record(recording)


async def test_a_replay_finds_the_instant_that_was_recorded(
    temporal_client: Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker keeps the server waiting with empty tasks, which a replay takes for one, at its end."""
    monkeypatch.setattr(worker, "PostgresRecorder", SlowRecorder)
    database = Database.at(database_url, pool_size=4)
    await load_procedures(database)
    procedure = load_pack("telecom-si")
    command = Open(
        ref=REF, facts={"kind": "complaint"}, customer="", owner=AGENT.id, channel="hotline", language="en"
    )
    start = beginning(command, Asked(AGENT, "opening"))
    row = intake.Intake(
        ref=REF,
        procedure=procedure.name,
        version=procedure.version,
        fingerprint=wire.fingerprint(procedure),
        opened_at=datetime.now(UTC),
    )
    await intake.accept(database, row, to_payload(start))
    outbox = PostgresOutbox(
        database, render=render, variables=variables, portal_link=lambda ref: f"https://example.org/{ref}"
    )
    channels = {name: MemoryChannel() for name in ChannelName}
    async with AsyncExitStack() as running:
        running.push_async_callback(database.close)
        # Nothing is cached, so every look at the workflow replays it.
        for one in worker.workers(temporal_client, database, outbox, channels, cached_workflows=0):
            await running.enter_async_context(one)
        handle = await temporal_client.start_workflow(
            WORKFLOW,
            **start_arguments(procedure, wire.pack_rules(procedure), start),
            task_timeout=TASK,
        )
        await until(lambda: handle.query("complaint", result_type=Complaint), lambda complaint: complaint.seq)
        events = await complaint_queries.events(database, REF)
        replayed = await handle.query("complaint", result_type=Complaint)
        await handle.terminate("the test is over")
    assert replayed == refold(procedure, events)
