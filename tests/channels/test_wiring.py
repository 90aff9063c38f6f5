"""What the settings make: channels that can sign in the name of each unit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from standardwebhooks import Webhook

from domain.messages import ChannelName
from domain.ports import DeliveryFailed
from settings import Settings
from storage.engine import Database
from storage.stores import directory
from tests.channels.catchers import catching_http, message
from wiring import channels_of

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = message(ChannelName.WEBHOOK, "")


async def test_a_unit_s_own_secret_signs_also_when_there_is_no_common_one(database_url: str) -> None:
    database = Database.at(database_url, pool_size=1)
    try:
        await directory.put_unit(database, "network", name={"en": "Network"}, webhook_secret=SECRET)
        webhook = channels_of(Settings(webhook_allow_private=True), database)[ChannelName.WEBHOOK]
        async with catching_http() as catcher:
            address = f"http://127.0.0.1:{catcher.port}/"
            await webhook.send(replace(HOOK, recipient="unit:network", address=address))
            with pytest.raises(DeliveryFailed) as refused:
                await webhook.send(replace(HOOK, recipient="unit:other", address=address))
        assert refused.value.permanent
        (request,) = catcher.requests
        assert Webhook(SECRET).verify(request.body, request.headers)
    finally:
        await database.close()


async def test_private_addresses_are_called_only_when_the_settings_allow_it(database_url: str) -> None:
    database = Database.at(database_url, pool_size=1)
    try:
        webhook = channels_of(Settings(webhook_secret=SECRET), database)[ChannelName.WEBHOOK]
        with pytest.raises(DeliveryFailed, match="not on the public internet"):
            await webhook.send(replace(HOOK, address="http://127.0.0.1:9/"))
    finally:
        await database.close()
