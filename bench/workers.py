"""The two worker processes that are compared: Putright's own `worker.py`, and the bare one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench import bare
from bench.stack import Stack
from bench.watching import Handled
from local.processes import Child
from workflows.registry import COMPLAINT_QUEUE

CACHED = 1000
"""Workflows each side keeps in memory, unless a measurement says otherwise."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Both sides, polling."""

    ours: Child
    bare: Child


async def start_ours(stack: Stack, cached: int = CACHED) -> Child:
    """Start Putright's worker for all its queues and wait until it polls."""
    child = stack.start_python("worker", ["worker.py"], PUTRIGHT_CACHED_WORKFLOWS=str(cached))
    await stack.polled(COMPLAINT_QUEUE, child)
    return child


async def start_bare(
    stack: Stack, cached: int = CACHED, handled: Path | None = None, queue: str = bare.QUEUE
) -> Child:
    """Start the bare worker and wait until it polls; the pipe must have a reader already."""
    arguments = ["-m", "bench.bare_worker", stack.temporal_address, "--cached", str(cached), "--queue", queue]
    child = stack.start_python("bare-worker", [*arguments, *(["--report", str(handled)] if handled else [])])
    await stack.polled(queue, child)
    return child


async def start_both(stack: Stack, cached: int = CACHED) -> tuple[Workers, Handled]:
    """Start both sides, each polling, and what the bare one reports its deadlines to."""
    pipe = stack.folder / "handled"
    os.mkfifo(pipe)
    handled = Handled(pipe)
    return Workers(await start_ours(stack, cached), await start_bare(stack, cached, pipe)), handled
