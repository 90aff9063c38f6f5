"""Real servers on random ports that catch what channels send: SMTP (aiosmtpd) and a small HTTP server."""

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from domain.messages import ChannelName, Message

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Self-signed, for `localhost`, `hooks.example.test` and 127.0.0.1, valid for decades; trusted by nobody."""


def server_tls() -> ssl.SSLContext:
    """The TLS side of a test server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def client_tls() -> ssl.SSLContext:
    """A client's context that trusts the test certificate and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(CERTIFICATE)
    return context


def message(channel: ChannelName, address: str, **changes: object) -> Message:
    """A message with Chinese text."""
    values = {
        "id": "7",
        "key": "C-2024-1_12_p1_email",
        "ref": "C-2024-1",
        "seq": 12,
        "template": "warned",
        "channel": channel,
        "recipient": "p1",
        "address": address,
        "subject": "投诉 C-2024-1 将于 17:00 到期",
        "body": "您好,\n\n工单即将超时。\n— Putright",
        "data": {"at": "2024-05-06T07:08:09+00:00", "clock": "reply"},
    }
    return Message(**(values | changes))


@contextmanager
def refusing_port() -> Iterator[socket.socket]:
    """A port of 127.0.0.1 that refuses connections and that nobody else gets: bound, not listening."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held


@dataclass
class MailCatcher:
    """Keeps mails; refuses with `refuse_recipient` or `refuse_data` while they are set."""

    refuse_recipient: str = ""
    refuse_data: str = ""
    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(e.content, policy=email.policy.default) for e in self.envelopes]

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse_data:
            return self.refuse_data
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 queued as 42"

    def log_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def catching_mail(
    *,
    starttls: bool = False,
    tls: bool = False,
    login: bool = False,
    utf8: bool = True,
    on: socket.socket | None = None,
) -> AsyncIterator[MailCatcher]:
    """An SMTP server on a random port (or on a refusing port)."""
    catcher = MailCatcher()

    def protocol() -> SMTP:
        return SMTP(
            catcher,
            hostname="localhost",
            enable_SMTPUTF8=utf8,
            tls_context=server_tls() if starttls else None,
            require_starttls=starttls,
            auth_required=login,
            auth_require_tls=starttls,
            authenticator=catcher.log_in if login else None,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(
        protocol,
        sock=on or socket.create_server(("127.0.0.1", 0)),
        ssl=server_tls() if tls else None,
    )
    catcher.port = server.sockets[0].getsockname()[1]
    try:
        yield catcher
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class Caught:
    """One HTTP request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpCatcher:
    """Keeps requests; answers with `answers`, one after the other, then 204. `None`: never answers."""

    port: int = 0
    answers: list[str | None] = field(default_factory=list)
    requests: list[Caught] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Caught(head[0].split()[1], headers, body))
            answer = self.answers.pop(0) if self.answers else "204 No Content"
            if answer is None:
                await reader.read()  # until the caller gives up
            else:
                status, _, text = answer.partition("\n\n")
                head = f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {len(text)}\r\n\r\n"
                writer.write(f"{head}{text}".encode())
                await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def catching_http(*, tls: bool = False) -> AsyncIterator[HttpCatcher]:
    """An HTTP server on a random port of 127.0.0.1."""
    catcher = HttpCatcher()
    server = await asyncio.start_server(catcher.serve, "127.0.0.1", 0, ssl=server_tls() if tls else None)
    catcher.port = server.sockets[0].getsockname()[1]
    try:
        yield catcher
    finally:
        server.close()
        await server.wait_closed()
