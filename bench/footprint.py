"""What an open complaint takes: bytes in Temporal's database, and memory of the worker that has it cached.

The bare lifecycle is left open beside it, as far as a complaint that was opened and dispatched has come: what
that takes is the SDK's own.
"""

from __future__ import annotations

import asyncio

import psutil

from bench import bare
from bench.figure import Figure, at_most, figure, ratio
from bench.lifecycle import BARE_LIMIT, SETTLE_SECONDS, TOGETHER
from bench.path import MOVES, told
from bench.site import Site
from bench.stack import Cpu, Stack
from bench.workers import start_bare, start_ours
from domain.commands import Asked
from local.processes import Child
from workflows.messages import Done

QUEUE = "bench-bare-kept"
"""A queue of its own: the bare worker of the other measurements is not to take what is counted here."""
WARM = 40
"""Complaints before the first measurement: what a worker needs once is not counted."""


async def measure(
    stack: Stack, site: Site, worker: Child, rounds: int, count: int
) -> tuple[list[Figure], Child]:
    """Open and dispatch complaints that stay open; returns the figures and the fresh worker measured on."""
    cached = WARM + rounds * count + 10
    stack.end(worker)
    worker, other = await start_ours(stack, cached), await start_bare(stack, cached, queue=QUEUE)
    process, bare_process = (Cpu(psutil.Process(child.pid)) for child in (worker, other))
    shape = told(site.procedure)
    warming = [f"WARM-{place}" for place in range(WARM)]
    await _leave_open(stack, site, warming)
    await _leave_bare_open(stack, shape, warming)
    stored, kept, bare_kept = [], [], []
    for number in range(rounds):
        refs = [f"KEPT-{number}-{place}" for place in range(count)]
        before = stack.temporal_bytes(), process.memory(), bare_process.memory()
        await _leave_open(stack, site, refs)
        stored.append((stack.temporal_bytes() - before[0]) / count / 1024)
        kept.append((process.memory() - before[1]) / count / 1024)
        await _leave_bare_open(stack, shape, refs)
        bare_kept.append((bare_process.memory() - before[2]) / count / 1024)
    stack.end(other)
    note = f"opened and dispatched, {count} a round"
    return [
        figure("Temporal database per open complaint", stored, "KB", at_most(30), note),
        figure("worker memory per cached complaint", kept, "KB", at_most(100), note),
        figure("worker memory per cached workflow, bare", bare_kept, "KB"),
        ratio("worker memory per cached complaint against bare", kept, bare_kept, None, note),
    ], worker


async def _leave_open(stack: Stack, site: Site, refs: list[str]) -> None:
    await site.accept(refs)
    gate = asyncio.Semaphore(TOGETHER)
    dispatch = MOVES[0]

    async def one(ref: str) -> None:
        async with gate:
            handle = await site.start(stack.client, ref)
            await handle.execute_update(
                dispatch.verb,
                args=[dispatch.command, Asked(dispatch.actor, f"{ref}-0")],
                id=f"{ref}-0",
                result_type=Done,
            )

    await asyncio.gather(*(one(ref) for ref in refs))
    await asyncio.sleep(2 * SETTLE_SECONDS)  # messages go out, tasks are done with


async def _leave_bare_open(stack: Stack, shape: tuple[bool, ...], refs: list[str]) -> None:
    gate = asyncio.Semaphore(TOGETHER)

    async def one(ref: str) -> None:
        start = bare.BareStart(ref, {"kind": "complaint"}, shape, BARE_LIMIT)
        async with gate:
            handle = await stack.bare_client.start_workflow(
                bare.BareLifecycle.run, start, id=f"bare:{ref}", task_queue=QUEUE
            )
            await handle.execute_update("dispatched", "some words", id=f"{ref}-0")

    await asyncio.gather(*(one(ref) for ref in refs))
    await asyncio.sleep(2 * SETTLE_SECONDS)
