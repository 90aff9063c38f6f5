"""Webhooks: one signed JSON body a message, as in the Standard Webhooks specification."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from standardwebhooks import Webhook

from channels.provider_key import one_line, provider_key
from channels.targets import Resolve, resolve_host, safe_addresses
from domain.messages import Message
from domain.ports import DeliveryFailed

WORTH_RETRYING = frozenset((408, 409, 425, 429))
"""Answers below 500 that say something about now, not about the message."""


SecretOf = Callable[[Message], Awaitable[str]]
"""The signing secret of the receiver of a message, or an empty string."""


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Where webhooks go and how they are signed.

    ``url`` is used for messages without an address of their own. ``secret`` is ``whsec_`` and base64 of at
    least 24 bytes; while one is replaced, several separated by spaces: each signs, the receiver takes any.
    ``secret_of`` looks up the secret a message's receiver has of its own, empty when it has none: receivers
    that share a secret could sign in our name to each other.
    ``allow_private`` lets loopback, private and other non-public addresses be called.
    """

    secret: str = field(default="", repr=False)
    url: str = ""
    secret_of: SecretOf | None = None
    allow_private: bool = False
    timeout: timedelta = timedelta(seconds=15)
    tls: ssl.SSLContext | None = None
    resolve: Resolve = resolve_host


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: its status and the beginning of its text."""

    status: int
    text: str


class WebhookChannel:
    """Posts messages to systems; ``webhook-id`` is the message's key, the same on every try."""

    def __init__(self, config: WebhookConfig) -> None:
        """Raises ValueError when the secret or the default URL cannot be used."""
        self._config = config
        self._signers = _signers(config.secret)
        if not self._signers and config.secret_of is None:
            raise ValueError("webhooks need a secret to be signed with")
        self._tls = config.tls or httpx.create_ssl_context(trust_env=False)
        if config.url:
            _parsed(config.url)

    async def send(self, message: Message) -> str:
        """Post the message and return the answer's status, for example ``HTTP 204``.

        Raises DeliveryFailed; permanent for 4xx except 408, 409, 425 and 429, and for a target that must
        not be called. Redirects are not followed. The host is looked up once and the very address that
        was checked is called, so a name that changes its mind in between gains nothing.
        """
        try:
            url = _parsed(message.address or self._config.url)
            signers = await self._signers_for(message)
        except ValueError as error:
            raise DeliveryFailed(str(error), permanent=True) from error
        answer = await self._asked(url, signers, provider_key(message.key), _body(message))
        return f"HTTP {answer.status}"

    async def post(self, key: str, body: str) -> Answer:
        """Post any JSON body to the default URL under ``key``; the answer's text may hold a receipt.

        Raises DeliveryFailed as ``send`` does.
        """
        if not self._signers:
            raise DeliveryFailed("there is no secret to sign this webhook with", permanent=True)
        url = _parsed(self._config.url)
        return await self._asked(url, self._signers, provider_key(key), body, receipt=True)

    async def _asked(
        self, url: httpx.URL, signers: Sequence[Webhook], key: str, body: str, *, receipt: bool = False
    ) -> Answer:
        """One request, signed and to an address that may be called; its answer when that is 2xx."""
        try:
            async with asyncio.timeout(self._config.timeout.total_seconds()):
                addresses = await safe_addresses(
                    url.raw_host.decode("ascii"),
                    url.port or (443 if url.scheme == "https" else 80),
                    resolve=self._config.resolve,
                    allow_private=self._config.allow_private,
                )
                headers = _headers(key, body, signers)
                status, text = await self._post(url, addresses, body, headers, receipt=receipt)
        except TimeoutError as error:
            raise DeliveryFailed(f"{url.host} did not answer in time") from error
        except httpx.TransportError as error:
            raise DeliveryFailed(one_line(f"{url.host}: {error or type(error).__name__}")) from error
        if 200 <= status < 300:
            return Answer(status, text)
        permanent = 400 <= status < 500 and status not in WORTH_RETRYING
        raise DeliveryFailed(one_line(f"HTTP {status} {text}"), permanent=permanent)

    async def _signers_for(self, message: Message) -> list[Webhook]:
        """What signs this message; ValueError when nothing can. Never unsigned."""
        own = await self._config.secret_of(message) if self._config.secret_of else ""
        signers = _signers(own) or self._signers
        if not signers:
            raise ValueError("there is no secret to sign this webhook with")
        return signers

    async def _post(
        self, url: httpx.URL, addresses: list[str], body: str, headers: dict[str, str], *, receipt: bool
    ) -> tuple[int, str]:
        """Post to the first address that takes a connection; returns status and the answer's beginning."""
        # No proxy and no netrc from the environment: the address that was checked is the one called.
        # Each address gets its share of the time, so one that swallows packets does not use it all.
        seconds = self._config.timeout.total_seconds()
        timeout = httpx.Timeout(seconds, connect=seconds / len(addresses))
        async with httpx.AsyncClient(
            verify=self._tls, trust_env=False, follow_redirects=False, timeout=timeout
        ) as client:
            for number, address in enumerate(addresses, 1):
                request = client.build_request(
                    "POST",
                    url.copy_with(host=address),
                    content=body.encode(),
                    headers={**headers, "host": url.netloc.decode("ascii")},
                    extensions={"sni_hostname": url.raw_host.decode("ascii")},
                )
                try:
                    response = await client.send(request, stream=True)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if number == len(addresses):
                        raise
                    continue
                try:
                    # An answer is only looked at to explain a failure or for a receipt, and may be endless.
                    if response.is_success:
                        return response.status_code, await _receipt(response) if receipt else ""
                    return response.status_code, await _beginning(response)
                finally:
                    await response.aclose()
        raise AssertionError("safe_addresses never returns an empty list")


def _headers(key: str, body: str, signers: Sequence[Webhook]) -> dict[str, str]:
    """Identity, time of this try, and signatures over both and the body."""
    now = datetime.now(UTC)
    signatures = (signer.sign(msg_id=key, timestamp=now, data=body) for signer in signers)
    return {
        "content-type": "application/json",
        "user-agent": "Putright",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def _receipt(response: httpx.Response) -> str:
    """What came with a yes; a yes without it is still a yes."""
    with contextlib.suppress(httpx.TransportError, TimeoutError):
        async with asyncio.timeout(2):
            return await _beginning(response)
    return ""


async def _beginning(response: httpx.Response) -> str:
    async for chunk in response.aiter_bytes(500):
        return chunk.decode(errors="replace")
    return ""


def _body(message: Message) -> str:
    """``{type, timestamp, data}``; the same on every try when the data says when it happened (``at``)."""
    return json.dumps(
        {
            "type": f"complaint.{message.template}",
            "timestamp": message.data.get("at") or datetime.now(UTC).isoformat(),
            "data": {"ref": message.ref, "seq": message.seq, **message.data},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _parsed(address: str) -> httpx.URL:
    """The address as a URL; ValueError unless it is http or https with a host."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise ValueError(one_line(f"{address!r} is not a URL: {error}")) from error
    if url.scheme not in ("http", "https") or not url.host or "%" in url.host:
        raise ValueError(one_line(f"{address!r} is not an http or https URL"))
    return url


def _signers(secret: str) -> list[Webhook]:
    """One signer for each secret in the setting; ValueError for one that is malformed or weak."""
    signers = []
    for one in secret.split():
        try:
            strong = one.startswith("whsec_") and len(base64.b64decode(one[6:] + "==")) >= 24
        except binascii.Error:
            strong = False
        if not strong:
            raise ValueError("a webhook secret is whsec_ and base64 of at least 24 bytes")
        signers.append(Webhook(one))
    return signers
