"""A lean HTTP/1.1 client: prepared bytes over one connection, so that calling costs next to nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any


class Caller:
    """One kept-alive connection to a server on this machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, host: str, port: int) -> Caller:
        """Connect."""
        return cls(*await asyncio.open_connection(host, port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request made by ``prepared``; returns status and body."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length:")), 0
        )
        return int(head[0].split(b" ")[1]), await self._reader.readexactly(length)

    async def close(self) -> None:
        """Give the connection up."""
        self._writer.close()
        await self._writer.wait_closed()


def prepared(method: str, path: str, headers: Mapping[str, str], body: Any = None) -> bytes:
    """The bytes of a request; ``body`` is sent as JSON."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items())]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content
