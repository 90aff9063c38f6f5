"""Connections of the driver's own on which prepared statements run, each a transaction of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from pydantic_core import from_json
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.prepared import Prepared, Record

_AWAY = ("08", "57P", "53300")
_DIALECT_ONLY = ("prepared_statement_cache_size", "prepared_statement_name_func", "async_creator_fn")
Values = Mapping[str, Any]
Taken = TypeVar("Taken")


class _Lane:
    """One connection with the statements that were prepared on it."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.connection = connection
        self._prepared: dict[Prepared, PreparedStatement[Any]] = {}

    async def prepared(self, statement: Prepared) -> PreparedStatement[Any]:
        """The statement, prepared here."""
        found = self._prepared.get(statement)
        if found is None:
            found = await self.connection.prepare(statement.sql, record_class=Record)
            self._prepared[statement] = found
        return found

    def forget(self) -> None:
        """Prepare everything anew: a table has changed its shape since."""
        self._prepared.clear()


class Lanes:
    """Up to ``most`` connections, opened when they are needed. They raise SQLAlchemy's errors."""

    def __init__(self, connect: Mapping[str, Any], *, most: int, patience: float = 10.0) -> None:
        """``connect``: what asyncpg is told; ``patience``: seconds to wait for a free connection."""
        self._connect = {name: value for name, value in connect.items() if name not in _DIALECT_ONLY}
        self._most = most
        self._patience = patience
        self._open = 0
        self._closed = False
        self._idle: list[_Lane] = []
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def fetch(self, statement: Prepared, values: Values) -> list[Any]:
        """The rows of one statement."""
        arguments = statement.arguments(values)
        return await self._through(statement, lambda lane: self._fetched(lane, statement, arguments))

    async def run(self, statement: Prepared, values: Values) -> int:
        """Run one statement; the number of rows it touched."""
        arguments = statement.arguments(values)

        async def touched(lane: _Lane) -> int:
            await self._fetched(lane, statement, arguments)
            status = (await lane.prepared(statement)).get_statusmsg() or "0"
            return int(status.rpartition(" ")[2])

        return await self._through(statement, touched)

    async def run_many(self, statement: Prepared, values: Sequence[Values]) -> None:
        """Run one statement for several sets of values, all or none."""
        arguments = [statement.arguments(one) for one in values]

        async def each(lane: _Lane) -> None:
            await (await lane.prepared(statement)).executemany(arguments)

        await self._through(statement, each)

    async def close(self) -> None:
        """Close every connection; those at work when they are given back."""
        self._closed = True
        while self._idle:
            self._open -= 1
            await self._idle.pop().connection.close()

    async def _through(self, statement: Prepared, work: Callable[[_Lane], Awaitable[Taken]]) -> Taken:
        """Do ``work`` on a connection and give it back."""
        lane = await self._take()
        try:
            done = await work(lane)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._after_error(lane, refused=isinstance(error, asyncpg.PostgresError))
            raise _translated(error, statement.sql) from error
        except BaseException:
            self._after_error(lane, refused=False)
            raise
        self._give(lane)
        return done

    async def _fetched(self, lane: _Lane, statement: Prepared, arguments: Sequence[Any]) -> list[Any]:
        try:
            return await (await lane.prepared(statement)).fetch(*arguments)
        except asyncpg.InvalidCachedStatementError:
            # Nothing was run: the tables have changed since it was prepared.
            lane.forget()
            return await (await lane.prepared(statement)).fetch(*arguments)

    async def _take(self) -> _Lane:
        while True:
            while self._idle:
                lane = self._idle.pop()
                if not lane.connection.is_closed():
                    return lane
                self._open -= 1  # the server has gone away, or has come again
            if self._open < self._most:
                return await self._opened()
            await self._wait()

    async def _opened(self) -> _Lane:
        self._open += 1
        try:
            connection = await asyncpg.connect(**self._connect)
            for name in ("json", "jsonb"):
                await connection.set_type_codec(
                    name, schema="pg_catalog", encoder=str, decoder=from_json, format="text"
                )
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._closed_one()
            raise _translated(error, "") from error
        except BaseException:
            self._closed_one()
            raise
        return _Lane(connection)

    async def _wait(self) -> None:
        free = asyncio.get_running_loop().create_future()
        self._waiting.append(free)
        try:
            async with asyncio.timeout(self._patience):
                await free
        except TimeoutError as error:
            raise PoolTimeout(f"no connection became free within {self._patience:g} s") from error
        finally:
            if free in self._waiting:
                self._waiting.remove(free)
            elif not free.cancelled() and self._idle:
                self._wake()  # woken and gone meanwhile: the next one's turn

    def _wake(self) -> None:
        while self._waiting:
            free = self._waiting.popleft()
            if not free.done():
                free.set_result(None)
                return

    def _give(self, lane: _Lane) -> None:
        if self._closed:
            lane.connection.terminate()
            self._closed_one()
            return
        self._idle.append(lane)
        if self._waiting:
            self._wake()

    def _after_error(self, lane: _Lane, *, refused: bool) -> None:
        """Keep a connection that only refused a statement; any other may be in the middle of one."""
        if refused and not lane.connection.is_closed():
            self._give(lane)
        else:
            lane.connection.terminate()
            self._closed_one()

    def _closed_one(self) -> None:
        self._open -= 1
        self._wake()


def _translated(error: asyncpg.PostgresError | asyncpg.InterfaceError, sql: str) -> DBAPIError:
    """The error as SQLAlchemy would have raised it; without values, which may be personal."""
    if isinstance(error, asyncpg.InterfaceError):
        return InterfaceError(sql, None, error, hide_parameters=True, connection_invalidated=True)
    state = str(error.sqlstate or "")
    if state.startswith("23"):
        return IntegrityError(sql, None, error, hide_parameters=True)
    if state.startswith(_AWAY):
        return OperationalError(sql, None, error, hide_parameters=True, connection_invalidated=True)
    return DBAPIError(sql, None, error, hide_parameters=True)
