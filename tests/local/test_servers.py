"""The test servers themselves: they are real, fresh per test, and shared by the processes of a run."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker


@workflow.defn
class Sleeper:
    """Sleeps for nine days and says so."""

    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=9))
        return "awake"


@pytest.mark.parametrize("_run", [1, 2])
async def test_each_test_has_a_database_of_its_own(engine: AsyncEngine, _run: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE mine (n int)"))
        assert (await connection.scalar(text("SHOW server_version_num"))).startswith("18")


async def test_temporal_is_a_real_server(temporal_client: Client) -> None:
    assert [w async for w in temporal_client.list_workflows("WorkflowType = 'Nothing'")] == []


async def test_time_can_be_skipped_in_a_running_workflow(skipping_env: WorkflowEnvironment) -> None:
    async with Worker(skipping_env.client, task_queue="sleepers", workflows=[Sleeper]):
        handle = await skipping_env.client.start_workflow(Sleeper.run, id="sleeper", task_queue="sleepers")
        assert await skipping_env.fast_forward(handle, timedelta(days=10)) in (True, False)
        assert await handle.result() == "awake"
