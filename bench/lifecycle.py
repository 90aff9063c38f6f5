"""Complete complaints: how many a second, with how much CPU of server and worker, and how long a history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import psutil
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client

from bench import bare
from bench.figure import Figure, at_least, at_most, figure, ratio
from bench.path import MOVES, told
from bench.site import Site
from bench.stack import Cpu, Stack
from bench.workers import Workers
from domain.commands import Asked
from workflows.messages import Done

TOGETHER = 12
"""Complaints under way at the same time."""
SETTLE_SECONDS = 1.0
"""What server and worker still do after the last answer belongs to the round."""
BARE_LIMIT = 9 * 3600.0


@dataclass(frozen=True, slots=True)
class Round:
    """One side of one round: complaints per second of wall time, CPU seconds for each complaint."""

    rate: float
    server: float
    worker: float


async def ours(site: Site, client: Client, ref: str) -> None:
    """One complaint from its workflow's start to its end, as the services drive it."""
    handle = await site.start(client, ref)
    for number, move in enumerate(MOVES):
        request = f"{ref}-{number}"
        await handle.execute_update(
            move.verb, args=[move.command, Asked(move.actor, request)], id=request, result_type=Done
        )
    await handle.result()


async def theirs(client: Client, start: bare.BareStart) -> None:
    """The same with bare code."""
    handle = await client.start_workflow(
        bare.BareLifecycle.run, start, id=f"bare:{start.ref}", task_queue=bare.QUEUE
    )
    for number, stage in enumerate(bare.STAGES[1:]):
        await handle.execute_update(stage, f"some words about {stage}", id=f"{start.ref}-{number}")
    await handle.result()


async def one_round(complaints: Sequence[Callable[[], Awaitable[None]]], server: Cpu, worker: Cpu) -> Round:
    """Run some complaints, ``TOGETHER`` at a time."""
    count = len(complaints)
    gate = asyncio.Semaphore(TOGETHER)

    async def one(complaint: Callable[[], Awaitable[None]]) -> None:
        async with gate:
            await complaint()

    before = server.seconds(), worker.seconds()
    begun = time.perf_counter()
    await asyncio.gather(*(one(complaint) for complaint in complaints))
    took = time.perf_counter() - begun
    await asyncio.sleep(SETTLE_SECONDS)
    return Round(
        rate=count / took,
        server=(server.seconds() - before[0]) / count,
        worker=(worker.seconds() - before[1]) / count,
    )


async def measure(stack: Stack, site: Site, workers: Workers, rounds: int, count: int) -> list[Figure]:
    """Both sides in turn: telecom-si with real recording and real in-app messages, and bare code."""
    shape = told(site.procedure)
    mine: list[Round] = []
    other: list[Round] = []
    ours_cpu, bare_cpu = (Cpu(psutil.Process(child.pid)) for child in (workers.ours, workers.bare))
    for number in range(-1, rounds):
        size = count if number >= 0 else max(4, count // 5)  # the first, smaller one warms both up
        refs = [f"LIFE-{number + 1}-{place}" for place in range(size)]
        await site.accept(refs)
        starts = [bare.BareStart(ref, {"kind": "complaint"}, shape, BARE_LIMIT) for ref in refs]
        theirs_round = await one_round(
            [partial(theirs, stack.bare_client, start) for start in starts], stack.server, bare_cpu
        )
        ours_round = await one_round(
            [partial(ours, site, stack.client, ref) for ref in refs], stack.server, ours_cpu
        )
        if number >= 0:
            mine.append(ours_round)
            other.append(theirs_round)
    return [
        ratio(
            "complete complaints per second against bare",
            [r.rate for r in mine],
            [r.rate for r in other],
            at_least(0.8),
            f"telecom-si, recording in PostgreSQL, in-app messages; {count} complaints a round",
        ),
        figure("complete complaints per second", [r.rate for r in mine], "1/s"),
        figure("complete complaints per second, bare", [r.rate for r in other], "1/s"),
        ratio(
            "Temporal server CPU per complaint against bare",
            [r.server for r in mine],
            [r.server for r in other],
            at_most(1.2),
        ),
        figure("Temporal server CPU per complaint", [r.server * 1000 for r in mine], "ms"),
        figure("Temporal server CPU per complaint, bare", [r.server * 1000 for r in other], "ms"),
        ratio(
            "worker CPU per complaint against bare",
            [r.worker for r in mine],
            [r.worker for r in other],
            at_most(1.6),
        ),
        figure("worker CPU per complaint", [r.worker * 1000 for r in mine], "ms"),
        figure("worker CPU per complaint, bare", [r.worker * 1000 for r in other], "ms"),
    ]


async def history(stack: Stack, site: Site, rounds: int, pause: float = 0.4) -> list[Figure]:
    """Events and bytes, as the server counts them, of the shortest satisfied complaint at people's pace.

    At that pace every message has gone out before the next command comes, so nothing is saved by chance.
    """
    events, sizes = [], []
    for number in range(rounds):
        ref = f"SHORT-{number}"
        await site.accept([ref])
        handle = await site.start(stack.client, ref)
        for place, move in enumerate(MOVES):
            await asyncio.sleep(pause)
            request = f"{ref}-{place}"
            await handle.execute_update(
                move.verb, args=[move.command, Asked(move.actor, request)], id=request, result_type=Done
            )
        await handle.result()
        told = await stack.client.workflow_service.describe_workflow_execution(
            DescribeWorkflowExecutionRequest(
                namespace=stack.client.namespace, execution=WorkflowExecution(workflow_id=handle.id)
            )
        )
        events.append(float(told.workflow_execution_info.history_length))
        sizes.append(told.workflow_execution_info.history_size_bytes / 1024)
    note = "telecom-si: opened, dispatched, answered, proposed, accepted, called back"
    return [
        figure("history of the shortest satisfied complaint, events", events, "events", at_most(75), note),
        figure("history of the shortest satisfied complaint, size", sizes, "KB", at_most(16), note),
    ]
