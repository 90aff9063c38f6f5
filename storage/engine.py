"""The one place where connections are opened and transactions are committed."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from storage.lanes import Lanes
from storage.prepared import Prepared

Taken = TypeVar("Taken")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

SERVER_SETTINGS = {
    "application_name": "putright",
    "timezone": "UTC",
    # Databases live on solid-state disks; with the default, made for turning ones, the planner reads a list
    # of a small unit by walking all complaints instead of fetching the unit's.
    "random_page_cost": "1.1",
    # Many short statements at once: neither compiling nor helpers for a single one pay.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
BY_INDEX = {
    **SERVER_SETTINGS,
    # Prepared statements look up a few rows each. A plan made while a table was empty reads it from end to
    # end, and is kept when it has grown, until its statistics are made.
    "enable_seqscan": "off",
}
CONNECT: Mapping[str, Any] = {"timeout": 5, "command_timeout": 30, "server_settings": SERVER_SETTINGS}


class Database:
    """A pool of connections to one PostgreSQL database.

    Stores and queries take a `Database` for a single statement of their own, or the connection of a
    `transaction` for several; neither of them commits. A `Prepared` statement runs on a connection of the
    driver's own, beside SQLAlchemy's: there are up to ``pool_size`` of each.
    """

    def __init__(self, engine: AsyncEngine, *, pool_size: int = 10) -> None:
        self.engine = engine
        _, place = engine.dialect.create_connect_args(engine.url)
        self._lanes = Lanes({**place, **CONNECT, "server_settings": BY_INDEX}, most=pool_size)
        # Running numbers this process has taken and not used yet, by prefix.
        self.reserved: dict[str, deque[int]] = {}
        # A single statement is its own transaction: one round trip instead of three.
        self._single = engine.sync_engine.execution_options(isolation_level="AUTOCOMMIT")
        self._snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @classmethod
    def at(cls, url: str, *, pool_size: int = 10) -> Database:
        """The database at ``url`` (``postgresql+asyncpg://…``) with at most ``pool_size`` connections."""
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_recycle=1800,
            pool_pre_ping=False,
            hide_parameters=True,  # an error that is logged must not tell a customer's name
            connect_args={**CONNECT, "prepared_statement_cache_size": 300},
        )
        return cls(engine, pool_size=pool_size)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Several statements that happen together: committed at the end, rolled back on any error."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Several reads that see the same moment; nothing can be written."""
        async with self._snapshot.connect() as connection:
            yield connection

    async def fetch(
        self, statement: Executable | Prepared, parameters: Parameters = None
    ) -> Sequence[Row[Any]]:
        """All rows of one statement, which is a transaction of its own."""
        if isinstance(statement, Prepared):
            return await self._lanes.fetch(statement, _one(parameters))
        return await self._run(statement, parameters, lambda result: result.all())

    async def first(self, statement: Executable | Prepared, parameters: Parameters = None) -> Row[Any] | None:
        """The first row of one statement, which is a transaction of its own; None when there is none."""
        if isinstance(statement, Prepared):
            rows: Sequence[Row[Any]] = await self._lanes.fetch(statement, _one(parameters))
            return rows[0] if rows else None
        return await self._run(statement, parameters, lambda result: result.first())

    async def run(self, statement: Executable | Prepared, parameters: Parameters = None) -> int:
        """Run one writing statement as a transaction of its own; the number of rows it touched.

        A prepared one that is given several sets of values is run for each, all or none.
        """
        if isinstance(statement, Prepared):
            if isinstance(parameters, Sequence):
                await self._lanes.run_many(statement, parameters)
                return -1
            return await self._lanes.run(statement, _one(parameters))
        return await self._run(statement, parameters, lambda result: result.rowcount)

    async def _run(
        self, statement: Executable, parameters: Parameters, take: Callable[[CursorResult[Any]], Taken]
    ) -> Taken:
        """What ``take`` finds in the result of one statement.

        Connecting, running and giving the connection back are one greenlet: each `AsyncConnection` method is
        one of its own, and four of them cost as much as the statement.
        """

        def through() -> Taken:
            with self._single.connect() as connection:
                return take(connection.execute(statement, parameters))

        return await greenlet_spawn(through)

    async def close(self) -> None:
        """Close every connection."""
        await self._lanes.close()
        await self.engine.dispose()


def _one(parameters: Parameters) -> Mapping[str, Any]:
    assert not isinstance(parameters, Sequence), "one set of values for a statement that answers"
    return parameters or {}
