"""E-mail by SMTP: plain text, one recipient a message, one connection a message."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr
from typing import Literal

import aiosmtplib

from channels.provider_key import one_line, provider_key
from domain.messages import Message
from domain.ports import DeliveryFailed

_ADDRESS = re.compile(r"""([^\s@<>()\[\],;:\\"]+)@([^\s@<>()\[\],;:\\"]+)""")
"""One bare address in any script. Quoted and commented forms are legal mail but never what somebody meant."""


@dataclass(frozen=True, slots=True)
class MailConfig:
    """How to reach the mail server and who writes.

    ``security``: ``none`` (never encrypts), ``starttls`` (refuses to go on without it) or ``tls``.
    ``sender`` as in a From header. ``tls`` replaces the system's certificate authorities.
    """

    host: str
    sender: str
    port: int = 25
    username: str = ""
    password: str = field(default="", repr=False)
    security: Literal["none", "starttls", "tls"] = "none"
    timeout: timedelta = timedelta(seconds=20)
    tls: ssl.SSLContext | None = None


class EmailChannel:
    """Sends e-mail. The Message-ID comes from the message's key, so a repetition can be recognised."""

    def __init__(self, config: MailConfig) -> None:
        """Raises ValueError when the sender is no e-mail address."""
        self._config = config
        self._tls = None if config.security == "none" else config.tls or ssl.create_default_context()
        name, spec = parseaddr(config.sender)
        try:
            self._sender = Address(display_name=name, addr_spec=spec)
        except (ValueError, MessageError) as error:
            raise ValueError(f"{config.sender!r} is not an e-mail sender: {error}") from error
        if not self._sender.domain:
            raise ValueError(f"{config.sender!r} is not an e-mail sender: it has no domain")

    async def send(self, message: Message) -> str:
        """Hand the message to the mail server and return its last answer.

        Raises DeliveryFailed; permanent when the address or the message itself is refused (5xx). A server
        that cannot be reached, secured or logged in to is never the message's fault, so it is tried again.
        """
        mail = self._written(message)
        config = self._config
        client = aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port,
            username=config.username or None,
            password=config.password or None,
            timeout=config.timeout.total_seconds(),
            use_tls=config.security == "tls",
            start_tls=config.security == "starttls",
            tls_context=self._tls,
        )
        try:
            async with client:
                _, answer = await client.send_message(
                    mail, sender=self._sender.addr_spec, recipients=[message.address.strip()]
                )
        except aiosmtplib.SMTPException as error:
            raise DeliveryFailed(_reason(error), permanent=_refused_for_good(error)) from error
        except OSError as error:
            raise DeliveryFailed(one_line(f"mail server {config.host}: {error}")) from error
        return one_line(answer)

    def _written(self, message: Message) -> EmailMessage:
        """The message with its headers; raises DeliveryFailed, permanent, when it has no usable address."""
        parts = _ADDRESS.fullmatch(message.address.strip())
        if parts is None:
            raise DeliveryFailed(one_line(f"{message.address!r} is not an e-mail address"), permanent=True)
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = self._sender
        mail["To"] = Address(username=parts[1], domain=parts[2])
        mail["Subject"] = " ".join(message.subject.split())
        mail["Date"] = datetime.now(UTC)
        mail["Message-ID"] = f"<{provider_key(message.key)}@{self._sender.domain}>"
        # The messages of one complaint form a thread, and nobody's absence note answers them.
        mail["References"] = f"<{_thread(message)}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body, charset="utf-8")
        return mail


def _thread(message: Message) -> str:
    """The same for all messages of a complaint, and never the key of one of them."""
    readable = "".join(
        letter for letter in message.ref if (letter.isascii() and letter.isalnum()) or letter == "-"
    )
    return f"complaint-{readable}"


def _refused_for_good(error: aiosmtplib.SMTPException) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_refused_for_good(refused) for refused in error.recipients)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return "SMTPUTF8" in str(error)  # this address can never pass; without STARTTLS nothing could
    about_the_message = (
        aiosmtplib.SMTPRecipientRefused,
        aiosmtplib.SMTPSenderRefused,
        aiosmtplib.SMTPDataError,
    )
    # 530: log in first. That is a setting, not the message.
    return isinstance(error, about_the_message) and 500 <= error.code < 600 and error.code != 530


def _reason(error: aiosmtplib.SMTPException) -> str:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return one_line("; ".join(f"{refused.code} {refused.message}" for refused in error.recipients))
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return one_line(f"{error.code} {error.message}")
    return one_line(f"{type(error).__name__}: {error}")
