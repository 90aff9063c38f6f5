"""What an open complaint takes: bytes in Temporal's database, and memory of the worker that has it cached."""

from __future__ import annotations

import asyncio

import psutil

from bench.figure import Figure, at_most, figure
from bench.lifecycle import SETTLE_SECONDS, TOGETHER
from bench.path import MOVES
from bench.site import Site
from bench.stack import Cpu, Stack
from bench.workers import start_ours
from domain.commands import Asked
from local.processes import Child
from workflows.messages import Done

WARM = 40
"""Complaints before the first measurement: what a worker needs once is not counted."""


async def measure(
    stack: Stack, site: Site, worker: Child, rounds: int, count: int
) -> tuple[list[Figure], Child]:
    """Open and dispatch complaints that stay open; returns the figures and the fresh worker measured on."""
    stack.end(worker)
    worker = await start_ours(stack, cached=WARM + rounds * count + 10)
    process = Cpu(psutil.Process(worker.pid))
    await _leave_open(stack, site, [f"WARM-{place}" for place in range(WARM)])
    stored, kept = [], []
    for number in range(rounds):
        before = stack.temporal_bytes(), process.memory()
        await _leave_open(stack, site, [f"KEPT-{number}-{place}" for place in range(count)])
        stored.append((stack.temporal_bytes() - before[0]) / count / 1024)
        kept.append((process.memory() - before[1]) / count / 1024)
    note = f"opened and dispatched, {count} a round"
    return [
        figure("Temporal database per open complaint", stored, "KB", at_most(30), note),
        figure("worker memory per cached complaint", kept, "KB", at_most(100), note),
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
