"""Chat and SMS through apprise: one URL template per gateway, filled in for each message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

import apprise

from channels.provider_key import one_line, provider_key
from domain.messages import Message
from domain.ports import DeliveryFailed

_PHONE = re.compile(r"\+?[0-9]{3,20}")
_EXAMPLE = {"phone": "+12025550143", "address": "someone", "ref": "C-1", "key": "msg_1"}


class AppriseChannel:
    """Sends through the first gateway that takes the message; the others are its stand-ins.

    A template is an apprise URL with ``{phone}`` (the address, which must be a telephone number),
    ``{address}`` (the address as it is), ``{ref}`` and ``{key}`` (the same on every try) where wanted, for
    example ``jsons://sms.example/send/{phone}?+Idempotency-Key={key}``. What is filled in is percent-encoded,
    so an address cannot change where a message goes.
    """

    def __init__(self, templates: Sequence[str], timeout: timedelta = timedelta(seconds=20)) -> None:
        """Raises ValueError for a template apprise does not understand; the message shows no credentials."""
        self._templates = tuple(templates)
        self._timeout = timeout.total_seconds()
        # Nothing on disk, nothing interpreted: the text arrives as it was written.
        self._asset = apprise.AppriseAsset(
            storage_mode="memory",
            interpret_escapes=False,
            interpret_emojis=False,
            allow_templates=False,
            app_id="Putright",
            app_desc="Putright",
        )
        if not self._templates:
            raise ValueError("a channel needs at least one gateway URL")
        for number, template in enumerate(self._templates, 1):
            if self._gateway(_filled(template, _EXAMPLE)) is None:
                scheme = template.partition(":")[0]
                raise ValueError(f"gateway URL {number} ({scheme}://…) is not one that apprise can use")

    async def send(self, message: Message) -> str:
        """Send and return the name of the gateway that took it.

        Raises DeliveryFailed; permanent when no gateway can use the address. apprise works in a thread
        that cannot be interrupted: after the timeout a message counts as not sent although it may still
        go out, and is then sent again under the same key.
        """
        values = _values(message)
        failures: list[str] = []
        possible = False
        for template in self._templates:
            if "{phone}" in template and not _PHONE.fullmatch(values["phone"]):
                failures.append("the address is not a telephone number")
                continue
            gateway = self._gateway(_filled(template, values))
            if gateway is None:
                failures.append("the gateway cannot use this address")
                continue
            possible = True
            failure = await self._notify(gateway, message)
            if not failure:
                return str(gateway.service_name)
            failures.append(f"{gateway.service_name}: {failure}")
        raise DeliveryFailed(one_line("; ".join(failures)), permanent=not possible)

    def _gateway(self, url: str) -> apprise.NotifyBase | None:
        return apprise.Apprise.instantiate(url, asset=self._asset)

    async def _notify(self, gateway: apprise.NotifyBase, message: Message) -> str:
        """Send through one gateway; returns why it failed, or an empty string."""
        sender = apprise.Apprise(asset=self._asset)
        sender.add(gateway)
        try:
            async with asyncio.timeout(self._timeout + 5):
                result = await sender.async_notify(
                    body=message.body,
                    title=message.subject,
                    body_format=apprise.NotifyFormat.TEXT,
                    timeout=self._timeout,
                )
        except TimeoutError:
            return "no answer in time"
        if result:
            return ""
        logged = [
            entry.message
            for service in result.results
            for attempt in service.attempts
            for entry in attempt.logs
        ]
        return one_line(logged[-1]) if logged else result.status.name.lower()


def _values(message: Message) -> dict[str, str]:
    """What a template may contain; a telephone number loses the marks people write between digits."""
    return {
        "phone": re.sub(r"[ ()./-]", "", message.address),
        "address": message.address,
        "ref": message.ref,
        "key": provider_key(message.key),
    }


def _filled(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(phone|address|ref|key)\}", lambda hole: quote(values[hole[1]], safe=""), template)
