"""A mail server in the test's own process: it counts what it was given, and can be away for a while."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections import Counter
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from settings import LOOPBACK


class MailCatcher:
    """Accepts every message while it is started; nothing listens on its port while it is stopped.

    ``to_drop``: so many connections are lost when a message was taken and before that was said; ``seconds``
    pass before that is said.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.caught: list[EmailMessage] = []
        self.to_drop = 0
        self.seconds = 0.0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="localhost", enable_SMTPUTF8=True), host=LOOPBACK, port=self.port
        )

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take one message; the answer is SMTP's."""
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.caught.append(message)
        await asyncio.sleep(self.seconds)
        if self.to_drop:
            self.to_drop -= 1
            assert server.transport is not None
            server.transport.abort()
        return "250 Message kept"

    def times(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(str(message["Message-ID"]) for message in self.caught)
