"""Which channels there are follows from the configuration."""

import pytest

from channels import ChannelsConfig, MailConfig, WebhookConfig, channels_from
from domain.messages import ChannelName
from tests.channels.catchers import catching_mail, message

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def test_in_app_is_always_there_and_the_row_is_the_message():
    channels = channels_from(ChannelsConfig())
    assert set(channels) == {ChannelName.IN_APP}
    assert await channels[ChannelName.IN_APP].send(message(ChannelName.IN_APP, "")) == "stored"


async def test_everything_that_is_configured_can_be_used():
    async with catching_mail() as catcher:
        channels = channels_from(
            ChannelsConfig(
                mail=MailConfig("127.0.0.1", "care@putright.example", catcher.port),
                webhook=WebhookConfig(SECRET),
                gateways={"sms": ["json://localhost/{phone}"], "chat": ["json://localhost/{address}"]},
            )
        )
        assert set(channels) == set(ChannelName)
        await channels[ChannelName.EMAIL].send(message(ChannelName.EMAIL, "a@example.cn"))
    assert len(catcher.mails) == 1


def test_an_empty_list_of_gateways_is_no_channel():
    assert ChannelName.SMS not in channels_from(ChannelsConfig(gateways={"sms": []}))


def test_a_gateway_for_something_else_is_refused():
    with pytest.raises(ValueError, match="pigeon"):
        channels_from(ChannelsConfig(gateways={"pigeon": ["json://localhost"]}))


def test_passwords_are_not_shown():
    config = ChannelsConfig(
        mail=MailConfig("h", "a@b.example", password="hunter2"), gateways={"sms": ["json://u:hunter2@host"]}
    )
    assert "hunter2" not in repr(config)
