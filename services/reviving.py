"""Reviving: an open complaint whose workflow is gone gets one again, from what PostgreSQL knows of it.

A workflow goes when somebody terminates or cancels it in the Temporal UI, or when Temporal's database was
lost or is older than PostgreSQL's. Without it no deadline of the complaint fires until somebody acts on it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from services.acting import answered_before, where_it_stands
from services.connect import Connections, temporal_reachable
from services.starting import WORKFLOW, start_arguments
from storage.queries import complaints as complaint_queries
from storage.queries import consequences as consequence_queries
from storage.queries import ledger as ledger_queries
from storage.queries import outbox as outbox_queries
from workflows.registry import complaint_workflow_id

TOGETHER = 10
"""How many complaints are looked at side by side."""

RUNNING = "WorkflowType = 'Complaint' AND ExecutionStatus = 'Running'"


@dataclass
class Revival:
    """What was done: open complaints looked at, and those whose workflow was started again."""

    seen: int = 0
    revived: int = 0


async def missing(connections: Connections) -> int:
    """How many more open complaints there are than workflows, without those the relay has still to start.

    Temporal counts with a delay of seconds and a closed complaint may still run, so it is an estimate; 0 when
    none seems to be missing.
    """
    client = await connections.temporal()
    with temporal_reachable():
        running = await client.count_workflows(RUNNING, rpc_timeout=connections.start_timeout)
    waiting = await outbox_queries.backlog(connections.database)
    return max(await complaint_queries.count_open(connections.database) - waiting.count - running.count, 0)


async def revive(connections: Connections, *, rate: float) -> Revival:
    """Start a workflow, at most ``rate`` a second, for every complaint that has none and is not finished.

    That is every open one, and a closed one whose payment is still on its way.

    Doing it twice changes nothing. Raises Unavailable when Temporal is down; what was revived stays so.
    """
    client = await connections.temporal()
    done = Revival()
    for unfinished in (
        complaint_queries.open_refs,
        ledger_queries.unpaid_refs,
        consequence_queries.unopened_refs,
    ):
        after = ""
        while refs := await unfinished(connections.database, after=after, limit=TOGETHER):
            began = time.monotonic()
            ends = await asyncio.gather(*(_revived(connections, client, ref) for ref in refs))
            done.seen += len(refs)
            done.revived += sum(ends)
            after = refs[-1]
            await asyncio.sleep(max(sum(ends) / rate - (time.monotonic() - began), 0))
    return done


async def _revived(connections: Connections, client: Client, ref: str) -> bool:
    """Start the workflow of one complaint if none runs; tell whether it was started.

    What PostgreSQL knows is read after it was found that nothing runs, so nothing that was decided is missed.
    """
    with temporal_reachable():
        if await _runs(connections, client, ref):
            return False
        answered = await answered_before(connections, client, ref)
    start, fingerprint = await where_it_stands(connections, ref, answered)
    if start.carried is not None:
        complaint = start.carried.complaint
        if not (complaint.open or complaint.to_pay() or complaint.to_open()):
            return False
    procedure, packed = await connections.catalogue.by_fingerprint(fingerprint)
    try:
        with temporal_reachable():
            await client.start_workflow(
                WORKFLOW,
                **start_arguments(procedure, packed, start),
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                rpc_timeout=connections.start_timeout,
            )
    except WorkflowAlreadyStartedError:
        return False  # the relay, or a command, was first
    return True


async def _runs(connections: Connections, client: Client, ref: str) -> bool:
    handle = client.get_workflow_handle(complaint_workflow_id(ref))
    try:
        found = await handle.describe(rpc_timeout=connections.start_timeout)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return found.status is WorkflowExecutionStatus.RUNNING
