"""The driver is asked what the API asks, and the lean client speaks HTTP."""

import asyncio

from bench.caller import Caller, prepared
from bench.http import listing_query


def test_the_driver_gets_the_statement_of_the_api():
    statement, parameters = listing_query()
    assert "$1" in statement
    assert "ORDER BY complaints.opened_at DESC" in statement
    assert set(parameters) >= {"telecom-si", "handling", "high", 51}


async def test_the_caller_reads_one_answer_after_the_other():
    seen = []

    async def serve(reader, writer):
        for word in (b"one", b"three"):
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(word), word))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        caller = await Caller.to(*server.sockets[0].getsockname())
        assert await caller.ask(prepared("GET", "/a", {})) == (200, b"one")
        assert await caller.ask(prepared("GET", "/b", {"X-Y": "z"})) == (200, b"three")
        await caller.close()
    assert seen[1].startswith(b"GET /b HTTP/1.1\r\n")
    assert b"X-Y: z\r\n" in seen[1]
