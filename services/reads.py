"""The access log: who saw personal data of which complaints, and when (ENT-8).

Noting a read costs the request nothing: reads are kept in memory and stored together, several times a second.
A process that is killed loses those of its last moment; one that is stopped stores them first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from domain.commands import Actor
from domain.errors import Refused
from services.masking import seen_by
from storage.engine import Database
from storage.queries import reads as read_queries
from storage.queries.pages import Page
from storage.queries.reads import NotedRead
from storage.stores import reads as read_store
from storage.stores.reads import Read

if TYPE_CHECKING:
    from services.connect import Connections

EVERY = 0.5
"""Seconds between storing: what a killed process may lose."""
TOGETHER = 500
MOST = 100_000
"""Reads kept in memory while the database is away; then answering from it fails as well, so few come."""

log = structlog.get_logger("reads")


class ReadLog:
    """Takes note of reads, and stores them behind the requests."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Read] = deque()
        self._storing = asyncio.Lock()

    def note(self, actor: Actor, what: str, refs: Iterable[str], *, masked: bool = True) -> None:
        """Somebody was shown ``what`` of these complaints; whoever sees personal data masked saw none.

        ``masked``: whether it is masked at all for those who need none.
        """
        if masked and not seen_by(actor):
            return
        named = tuple(dict.fromkeys(refs))
        if named:
            if len(self._waiting) >= MOST:
                log.error("a read could not be noted", reader=actor.id, what=what, refs=named)
                return
            self._waiting.append(Read(datetime.now(UTC), actor.id, what, named))

    async def store(self) -> None:
        """Store all that was noted up to now; what cannot be stored waits on."""
        async with self._storing:
            while self._waiting:
                batch = [self._waiting[place] for place in range(min(TOGETHER, len(self._waiting)))]
                await read_store.add(self._database, batch)
                for _ in batch:
                    self._waiting.popleft()

    async def run(self) -> None:
        """Store every now and then until cancelled, whatever is down; then once more."""
        try:
            while True:
                await asyncio.sleep(EVERY)
                await self._store_if_possible()
        finally:
            await self._store_if_possible()

    async def _store_if_possible(self) -> None:
        try:
            await self.store()
        except Exception:
            # They wait in memory and are tried again; requests must not fail because of it.
            log.exception("reads are stored later", waiting=len(self._waiting))


async def noted(
    connections: Connections, actor: Actor, *, ref: str = "", reader: str = "", after: str, limit: int
) -> Page[NotedRead]:
    """What was noted, by this process up to now and by others half a second ago, the newest first."""
    await connections.reads.store()
    try:
        return await read_queries.noted(
            connections.database, looking=actor.id, ref=ref, reader=reader, after=after, limit=limit
        )
    except ValueError as error:
        raise Refused("invalid", "this is not where a page ended", fields={"after": str(error)}) from error
