"""Following complaints as they move: one connection listens, everybody waits on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import structlog

from domain.commands import Actor
from domain.events import Event
from services.connect import Connections
from services.reading import happened, must_see

CHANNEL = "complaint_events"
RECONNECT = 1.0
LOOK_ANYWAY = 15.0
"""Seconds after which a follower looks even if nothing was heard: a notice may fall into a reconnection."""

log = structlog.get_logger("following")


class Listener:
    """Hears, on one connection of its own, which complaints got new events."""

    def __init__(self, database_url: str) -> None:
        self._dsn = database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def run(self) -> None:
        """Listen until cancelled; a connection that is lost is made anew."""
        while True:
            try:
                connection = await asyncpg.connect(self._dsn, timeout=5)
            except (OSError, asyncpg.PostgresError, TimeoutError) as error:
                log.warning("cannot listen", reason=str(error))
                await asyncio.sleep(RECONNECT)
                continue
            try:
                await self._listen(connection)
            finally:
                connection.terminate()

    async def _listen(self, connection: asyncpg.Connection) -> None:
        """Hear on one connection until it is lost."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, self._heard)
        for waiting in self._waiting.values():
            for moved in waiting:
                moved.set()
        await lost.wait()

    @contextlib.contextmanager
    def following(self, ref: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the complaint may have moved; clear it before looking."""
        moved = asyncio.Event()
        self._waiting[ref].add(moved)
        try:
            yield moved
        finally:
            self._waiting[ref].discard(moved)
            if not self._waiting[ref]:
                del self._waiting[ref]

    def followed(self) -> frozenset[str]:
        """The complaints somebody is following now."""
        return frozenset(self._waiting)

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        ref = str(payload).partition(" ")[0]
        for moved in self._waiting.get(ref, ()):
            moved.set()


async def follow(
    connections: Connections,
    listener: Listener,
    ref: str,
    who: Callable[[], Awaitable[Actor]],
    after: int,
) -> AsyncIterator[Event]:
    """The events above ``after``, first those there are, then each as it is recorded; never ends.

    ``who`` says who is following, each time anew: a token may end while its stream is open.
    Raises Refused at once when they may not see the complaint, and later when they may not see it any more.
    """
    actor = await who()
    await must_see(connections, ref, actor)
    connections.reads.note(actor, "timeline", (ref,))
    with listener.following(ref) as moved:
        while True:
            moved.clear()
            actor = await who()
            await must_see(connections, ref, actor)
            for event in await happened(connections, ref, actor, after=after):
                yield event
                after = event.seq
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), LOOK_ANYWAY)
