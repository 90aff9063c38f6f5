"""The worker process of the bare side; with ``--report`` it writes a byte for each deadline it handled."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from bench import bare


def reporting(pipe: str) -> Callable[[bare.Step], Awaitable[None]]:
    """An empty recording that says when a deadline was handled, by a byte in the pipe."""
    descriptor = os.open(pipe, os.O_WRONLY)

    @activity.defn(name="record")
    async def record(step: bare.Step) -> None:
        if step.stage == "late":
            os.write(descriptor, b".")

    return record


async def serve(address: str, queue: str, pipe: str, cached: int) -> None:
    """Serve the queue until SIGTERM."""
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    client = await Client.connect(address)
    async with Worker(
        client,
        task_queue=queue,
        workflows=[bare.BareLifecycle, bare.BareSleeper],
        activities=[reporting(pipe) if pipe else bare.record, bare.notify],
        max_cached_workflows=cached,
    ):
        await asked.wait()


def main() -> None:
    """The command line: the Temporal server's address."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--queue", default=bare.QUEUE)
    parser.add_argument("--report", default="", help="a named pipe")
    parser.add_argument("--cached", type=int, default=1000)
    given = parser.parse_args()
    asyncio.run(serve(given.address, given.queue, given.report, given.cached))


if __name__ == "__main__":
    main()
