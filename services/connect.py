"""The connections every service uses: the database, and a way to Temporal that may be down."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from temporalio.client import Client, RPCTimeoutOrCancelledError
from temporalio.envconfig import ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

from activities.notification import Delivery
from services.catalogue import Catalogue
from services.errors import Unavailable
from services.fresh import Fresh
from services.reads import ReadLog
from storage.engine import Database
from storage.queries import announcements as announcement_queries
from storage.queries import knowledge as knowledge_queries
from storage.queries import tokens as token_queries
from storage.queries.announcements import Announcement
from storage.queries.knowledge import Entry
from storage.queries.tokens import TokenRow
from storage.stores import tokens as token_store
from workflows.converter import data_converter

COMMAND_TIMEOUT = timedelta(seconds=8)
START_TIMEOUT = timedelta(seconds=5)

_PASSING = frozenset(
    (
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.CANCELLED,
    )
)

_NOT_LET_IN = ("28", "3D")
"""SQLSTATEs of a server that does not know this user, password or database."""

_AWAY = ("08", "57P", "53", "58", "25006", *_NOT_LET_IN)
"""SQLSTATEs of a server that cannot be spoken to, or takes nothing: lost, starting, stopping, crashed, with
too many clients, out of memory, with a full or broken disk, only reading (a standby after a failover), or
that does not let us in."""

DATABASE_ERRORS = (DBAPIError, PoolTimeout, OSError)
"""What a query raises when PostgreSQL is away, among other things: ask ``is_database_down``."""


@dataclass
class Connections:
    """What services are handed: the database, how to reach Temporal, and the procedures in memory.

    ``command_timeout`` is how long a command may wait for a worker before it is called unavailable.
    ``delivery`` sends a message again by hand; None where there are no channels.
    ``tokens`` are the valid ones by SHA-256, as they were within the last second.
    ``reads`` takes note of who sees personal data.
    ``announced`` is what was announced then, by procedure and category.
    ``known`` is the knowledge in use then, by procedure.
    ``tried`` are openings that were in order a moment ago, and until when they are taken to be.
    ``accepted`` is set when this process took a complaint in, so that a relay in it need not wait.
    """

    database: Database
    temporal_config: ClientConnectConfig
    command_timeout: timedelta = COMMAND_TIMEOUT
    start_timeout: timedelta = START_TIMEOUT
    delivery: Delivery | None = None
    catalogue: Catalogue = field(init=False)
    tokens: Fresh[bytes, TokenRow | None] = field(init=False)
    announced: Fresh[tuple[str, str], list[Announcement]] = field(init=False)
    known: Fresh[str, list[Entry]] = field(init=False)
    reads: ReadLog = field(init=False)
    tried: dict[Hashable, float] = field(default_factory=dict, init=False)
    accepted: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _client: Client | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.database)
        self.tokens = Fresh(self._token)
        self.announced = Fresh(self._announced)
        self.known = Fresh(self._known)
        self.reads = ReadLog(self.database)

    async def temporal(self) -> Client:
        """The client; it connects at its first call, so a server that is down is no reason not to start."""
        if self._client is None:
            config: dict[str, Any] = {**self.temporal_config}
            config.setdefault("data_converter", data_converter)
            self._client = await Client.connect(**config, lazy=True)
        return self._client

    async def _token(self, hash: bytes) -> TokenRow | None:
        """The valid token with that SHA-256; its use is noted roughly, not at every request."""
        row = await token_queries.by_hash(self.database, hash)
        if row is not None and token_store.to_be_touched(row.last_used_at):
            await token_store.touch(self.database, row.id)
        return row

    async def _announced(self, about: tuple[str, str]) -> list[Announcement]:
        """What is announced now for complaints of a procedure and a category."""
        return await announcement_queries.matching(self.database, *about, datetime.now(UTC))

    async def _known(self, procedure: str) -> list[Entry]:
        """The knowledge in use now for a procedure."""
        return await knowledge_queries.in_use(self.database, procedure)

    def use(self, client: Client) -> None:
        """Use a client that is connected already."""
        self._client = client

    async def close(self) -> None:
        """Give the database connections back. The client needs no closing."""
        await self.database.close()


@contextmanager
def temporal_reachable() -> Iterator[None]:
    """Turn what calls to Temporal raise while it, or every worker, is down into ``Unavailable``."""
    try:
        yield
    except RPCTimeoutOrCancelledError as error:
        if isinstance(error.__cause__, asyncio.CancelledError):
            raise error.__cause__ from error
        raise Unavailable("worker", "no worker answered in time; the request may be repeated") from error
    except RPCError as error:
        if error.status in _PASSING:
            raise Unavailable("temporal", "Temporal does not answer; the request may be repeated") from error
        raise
    except RuntimeError as error:
        # What the SDK raises, as a plain RuntimeError, when its first connection cannot be made.
        if "Failed client connect" in str(error):
            raise Unavailable("temporal", "Temporal cannot be reached") from error
        raise


def is_database_down(error: BaseException) -> bool:
    """Whether an error of a query means that PostgreSQL is away, not that the query was wrong."""
    if isinstance(error, OSError | InterfaceError | OperationalError | asyncio.TimeoutError | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _state(error).startswith(_AWAY)


def not_let_in(error: BaseException) -> str:
    """What PostgreSQL says when it does not know our user, password or database; empty for another error."""
    known = isinstance(error, DBAPIError) and _state(error).startswith(_NOT_LET_IN)
    return str(error.orig) if isinstance(error, DBAPIError) and known else ""


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", ""))
