"""What is refused before anything reads it: bodies that are too large, and NUL characters."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

LARGEST_BODY = 12 * 1024 * 1024


class TooLarge(Exception):
    """A body grew beyond what is taken."""


class Limits:
    """ASGI middleware: 413 for bodies above the limit, 422 for a NUL in path or query."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\x00" in scope["path"] or b"\x00" in unquote_to_bytes(scope["query_string"]):
            await problem(422, "invalid", "a NUL character cannot be stored")(scope, receive, send)
            return
        length = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            await problem(413, "too_large", f"at most {LARGEST_BODY} bytes")(scope, receive, send)
            return
        await self._limited(scope, receive, send)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a body whose length was not told, and stop reading when it grows too large."""
        seen, begun = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY:
                raise TooLarge
            return message

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noting)
        except TooLarge:
            if begun:
                raise
            await problem(413, "too_large", f"at most {LARGEST_BODY} bytes")(scope, receive, send)
