"""Retention: the schedule that runs it every night, a run by hand, and what the next one would take away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from domain.retention import Expired, Kept
from services.connect import Connections, temporal_reachable
from storage.stores.retention import PostgresRetention
from workflows import registry

HOUR, MINUTE = 3, 17
"""When it runs, in UTC: at night where the customers of most installations are, and not at a full hour."""


async def schedule_retention(client: Client) -> None:
    """Make sure that retention runs once a day; a schedule that is there already is left as it is.

    Operators may pause or move it in the Temporal UI. Two runs never overlap, and a night that was missed
    is made up for within a day.
    """
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            registry.RETENTION, Kept(), id=registry.RETENTION, task_queue=registry.UPKEEP_QUEUE
        ),
        spec=ScheduleSpec(
            calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(HOUR)], minute=[ScheduleRange(MINUTE)])]
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
    )
    try:
        await client.create_schedule(registry.RETENTION, schedule)
    except ScheduleAlreadyRunningError:
        return


async def run_now(connections: Connections) -> Kept:
    """Run retention at once and wait for its end; a run that is under way is waited for instead."""
    client = await connections.temporal()
    with temporal_reachable():
        done: Kept = await client.execute_workflow(
            registry.RETENTION,
            Kept(),
            id=f"{registry.RETENTION}-by-hand",
            task_queue=registry.UPKEEP_QUEUE,
            result_type=Kept,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    return done


async def would_go(connections: Connections, at: datetime, *, limit: int = 1000) -> Sequence[Expired]:
    """The complaints whose time will have come at ``at`` (aware), in order of reference; nothing changes."""
    return await PostgresRetention(connections.database).due(at, limit=limit)


class TemporalHistories:
    """Implements ``domain.ports.Histories``: commands in a history hold what people wrote."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def forget(self, ref: str) -> None:
        """Delete every run of a complaint, which the namespace would keep for a time of its own.

        The last one is named by its id alone: a run that ended a moment ago is not listed yet.
        """
        workflow_id = registry.complaint_workflow_id(ref)
        await self._delete(workflow_id)
        async for run in self._client.list_workflows(f'WorkflowId = "{workflow_id}"'):
            await self._delete(workflow_id, run.run_id)

    async def _delete(self, workflow_id: str, run_id: str = "") -> None:
        execution = WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(
            namespace=self._client.namespace, workflow_execution=execution
        )
        try:
            await self._client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
