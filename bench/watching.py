"""When deadlines were handled: our side by PostgreSQL's notification at commit, the bare side by its pipe."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

CHANNEL = "complaint_events"
"""Where the recorder says, in the transaction that records, which complaint now stands at which sequence."""


class Recorded:
    """The instants (seconds since 1970) at which recordings of complaints became visible, by reference."""

    def __init__(self) -> None:
        self.at: dict[str, list[float]] = {}

    def heard(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        """Note one notification."""
        self.at.setdefault(str(payload).rsplit(" ", 1)[0], []).append(time.time())

    def count(self, refs: Sequence[str], times: int) -> int:
        """How many of ``refs`` have been recorded at least so often."""
        return sum(len(self.at.get(ref, ())) >= times for ref in refs)


@asynccontextmanager
async def recorded(dsn: str) -> AsyncIterator[Recorded]:
    """Listen while in the block."""
    watch = Recorded()
    connection = await asyncpg.connect(dsn)
    try:
        await connection.add_listener(CHANNEL, watch.heard)
        yield watch
    finally:
        await connection.close()


class Handled:
    """Instants at which the bare side handled a deadline, one for each byte of its pipe, in order."""

    def __init__(self, pipe: Path) -> None:
        self.at: list[float] = []
        self._descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)

    def _read(self) -> None:
        told = os.read(self._descriptor, 65536)
        self.at += [time.time()] * len(told)
        if not told:  # the writer is gone
            asyncio.get_running_loop().remove_reader(self._descriptor)

    def close(self) -> None:
        """Stop reading."""
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)


async def until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until ``done``; TimeoutError naming ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        await asyncio.sleep(0.02)
