"""The ways a message can go: implementations of ``domain.ports.Channel``, chosen by configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from channels.email import EmailChannel, MailConfig
from channels.in_app import InAppChannel
from channels.webhook import WebhookChannel, WebhookConfig
from domain.messages import ChannelName
from domain.ports import Channel

__all__ = ["ChannelsConfig", "MailConfig", "WebhookConfig", "channels_from"]

_GATEWAY_CHANNELS = (ChannelName.SMS, ChannelName.CHAT)


@dataclass(frozen=True, slots=True)
class ChannelsConfig:
    """What is there to send with; None or an empty list: that channel does not exist here.

    ``gateways``: apprise URL templates by channel, ``sms`` or ``chat`` (see ``channels.chat``).
    """

    mail: MailConfig | None = None
    webhook: WebhookConfig | None = None
    gateways: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    gateway_timeout: timedelta = timedelta(seconds=20)


def channels_from(config: ChannelsConfig) -> Mapping[ChannelName, Channel]:
    """Return the configured channels by name; in-app is always there.

    Raises ValueError, naming what is wrong, for a configuration that could never send.
    """
    unknown = set(config.gateways) - {name.value for name in _GATEWAY_CHANNELS}
    if unknown:
        raise ValueError(f"gateways are for sms and chat, not for {', '.join(sorted(unknown))}")
    channels: dict[ChannelName, Channel] = {ChannelName.IN_APP: InAppChannel()}
    if config.mail is not None:
        channels[ChannelName.EMAIL] = EmailChannel(config.mail)
    if config.webhook is not None:
        channels[ChannelName.WEBHOOK] = WebhookChannel(config.webhook)
    for name in _GATEWAY_CHANNELS:
        if templates := config.gateways.get(name.value):
            # Imported only where it is used: apprise brings over a hundred gateways with it.
            from channels.chat import AppriseChannel

            channels[name] = AppriseChannel(templates, config.gateway_timeout)
    return channels
