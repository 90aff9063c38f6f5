"""Over HTTP: intake against the insert of the same row alone, and a page of a million against the driver."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from bench.caller import Caller, prepared
from bench.figure import Figure, at_least, figure, ratio
from bench.fill import fill
from bench.path import AGENT, FACTS
from bench.stack import HOST, Stack, until
from local.ports import free_port
from local.processes import Child
from services.access import hashed
from storage.engine import Database
from storage.prepared import DIALECT
from storage.queries.lists import Filters, page_statement
from storage.stores import tokens

TOKEN = "pr_bench-token-that-is-long-enough-for-a-benchmark"
CONNECTIONS = 8
CUSTOMERS = 300
PAGE = 50
FILTERS = Filters(status=("handling",), procedure="telecom-si", severity="high")
LIST_PATH = f"/api/v1/complaints?status=handling&procedure=telecom-si&severity=high&limit={PAGE}"
BODY = {
    "procedure": "telecom-si",
    "channel": "hotline",
    "language": "en",
    "title": "Charged for a service never ordered",
    "summary": "Since March my bill shows 29 CNY for a game I never used, and nobody can say why.",
    "facts": FACTS,
    "form": {"product": "Monthly game pack"},
    "customer": {"name": "Wang Fang", "phone": "+86 10 5555 0100"},
}


async def add_token(database: Database) -> None:
    """Give the bench's agent a token."""
    await tokens.add(
        database, hash=hashed(TOKEN), person_id=AGENT.id.removeprefix("person:"), system=None,
        roles=list(AGENT.roles), units=[],
    )  # fmt: skip


@asynccontextmanager
async def api(stack: Stack, *, relay_rate: float) -> AsyncIterator[int]:
    """Putright's own API process; gives its port. ``relay_rate``: workflows it starts a second, at most."""
    port = free_port()
    child = stack.start_python(
        "api", ["server.py"], PUTRIGHT_API_PORT=str(port), PUTRIGHT_RELAY_RATE=str(relay_rate)
    )
    async with _served(stack, child, port):
        yield port


@asynccontextmanager
async def bare_api(stack: Stack) -> AsyncIterator[int]:
    """The bare API process; gives its port."""
    port = free_port()
    child = stack.start_python("bare-api", ["-m", "bench.bare_api", str(port)], BENCH_DSN=stack.dsn)
    async with _served(stack, child, port):
        yield port


@asynccontextmanager
async def _served(stack: Stack, child: Child, port: int) -> AsyncIterator[None]:
    async def listens() -> bool:
        try:
            await (await Caller.to(HOST, port)).close()
        except OSError:
            return False
        return True

    await until(listens, child)
    try:
        yield
    finally:
        stack.end(child)


async def intake(stack: Stack, rounds: int, count: int) -> list[Figure]:
    """Complaints accepted a second, eight callers; the relay asleep, then once with it and the worker."""
    ours: list[float] = []
    bare: list[float] = []
    async with bare_api(stack) as bare_port, api(stack, relay_rate=0.001) as port:
        await _rate(port, _openings(count // 4), 201)
        await _rate(bare_port, _insertions(count // 4), 201)
        for _ in range(rounds):
            bare.append(await _rate(bare_port, _insertions(count), 201))
            ours.append(await _rate(port, _openings(count), 201))
    async with api(stack, relay_rate=40.0) as port:
        busy = [await _rate(port, _openings(count), 201)]
    return [
        ratio("intake over HTTP against an insert alone", ours, bare, at_least(0.6), "the relay sleeps"),
        figure("intake over HTTP", ours, "1/s"),
        figure("insert over HTTP, bare", bare, "1/s"),
        figure("intake over HTTP while relay and worker start them", busy, "1/s"),
    ]


def _openings(count: int) -> Iterator[bytes]:
    for number in range(count):
        headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": str(uuid.uuid4())}
        yield prepared("POST", "/api/v1/complaints", headers, _body(number))


def _insertions(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield prepared("POST", "/complaints", {}, _body(number))


def _body(number: int) -> dict[str, object]:
    """A complaint of one of ``CUSTOMERS``: the first of each is a newcomer's, the others repeat it."""
    return {**BODY, "customer": {"name": "Wang Fang", "phone": f"+86 10 5555 {number % CUSTOMERS:04d}"}}


async def _rate(port: int, requests: Iterator[bytes], status: int, connections: int = CONNECTIONS) -> float:
    """Requests a second over some connections; RuntimeError when one is answered otherwise."""
    waiting = list(requests)
    callers = [await Caller.to(HOST, port) for _ in range(connections)]
    left = iter(waiting)

    async def call(caller: Caller) -> None:
        for request in left:
            answer, body = await caller.ask(request)
            if answer != status:
                raise RuntimeError(f"answered {answer}: {body[:500]!r}")

    begun = time.perf_counter()
    await asyncio.gather(*(call(caller) for caller in callers))
    took = time.perf_counter() - begun
    for caller in callers:
        await caller.close()
    return len(waiting) / took


async def pages(
    stack: Stack, database: Database, rounds: int, rows: int, count: int, say: Callable[[str], None]
) -> list[Figure]:
    """Pages of 50 by three filters a second, one caller: over HTTP, and the same query by the driver."""
    begun = time.perf_counter()
    await fill(database, rows, orders=False)
    filled = time.perf_counter() - begun
    say(f"pages: {rows:,} complaints filled in {filled:.0f} s")
    statement, parameters = listing_query()
    connection = await asyncpg.connect(stack.dsn)
    ours: list[float] = []
    driver: list[float] = []
    try:
        query = await connection.prepare(statement)
        found = len(await query.fetch(*parameters))
        async with api(stack, relay_rate=0.001) as port:
            await _rate(port, _listings(count // 4), 200, 1)
            for _ in range(rounds):
                driver.append(await _repeat(lambda: query.fetch(*parameters), count))
                ours.append(await _rate(port, _listings(count), 200, 1))
    finally:
        await connection.close()
    note = f"{rows:,} complaints (filled in {filled:.0f} s), {min(found, PAGE)} on the page"
    return [
        ratio("page of 50 by three filters over HTTP against the driver", ours, driver, at_least(0.25), note),
        figure("page of 50 by three filters over HTTP", ours, "1/s"),
        figure("page of 50 by three filters, driver alone", driver, "1/s"),
    ]


def _listings(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield prepared("GET", LIST_PATH, {"Authorization": f"Bearer {TOKEN}"})


def listing_query() -> tuple[str, Sequence[object]]:
    """The API's own statement as the driver takes it."""
    statement, values = page_statement(FILTERS, units=None, after="", limit=PAGE)
    expanded = statement.compile(dialect=DIALECT).construct_expanded_state(values)
    return expanded.statement, list(expanded.positional_parameters)


async def _repeat(ask: Callable[[], Awaitable[object]], count: int) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        await ask()
    return count / (time.perf_counter() - begun)
