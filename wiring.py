"""What worker and server both build from the settings."""

from __future__ import annotations

import gc
from collections.abc import Collection, Mapping
from functools import partial

from activities.payment import NoPaymentSystem
from channels import ChannelsConfig, MailConfig, WebhookConfig, channels_from
from channels.payment import WebhookPayments
from domain.messages import ChannelName
from domain.ports import Channel, PaymentSystem
from procedures.texts import render
from procedures.variables import variables
from services.access import Links
from settings import Settings
from storage.engine import Database
from storage.queries.directory import webhook_secret
from storage.stores.messages import PostgresOutbox


def channels_of(settings: Settings, database: Database) -> Mapping[ChannelName, Channel]:
    """The channels the settings configure; those that are not configured do not exist.

    Webhooks are always there: each unit may have an address and a signing secret of its own.
    """
    mail = MailConfig(
        host=settings.smtp_host,
        sender=settings.mail_from,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        security=settings.smtp_security,
    )
    webhook = WebhookConfig(
        secret=settings.webhook_secret.get_secret_value(),
        url=settings.webhook_url,
        secret_of=partial(webhook_secret, database),
        allow_private=settings.webhook_allow_private,
    )
    return channels_from(
        ChannelsConfig(
            mail=mail if settings.smtp_host else None,
            webhook=webhook,
            gateways=settings.apprise_urls,
        )
    )


def payment_system_of(settings: Settings) -> PaymentSystem:
    """The payment system the settings name; without one every payment is left to people."""
    if not settings.payments_url:
        return NoPaymentSystem()
    return WebhookPayments(
        WebhookConfig(
            secret=settings.payments_secret.get_secret_value(),
            url=settings.payments_url,
            allow_private=settings.webhook_allow_private,
        )
    )


def links_of(settings: Settings) -> Links:
    """The customers' private links, signed with the key of the settings."""
    return Links(settings.secret_key(), f"{settings.base_url()}/portal")


def outbox_of(settings: Settings, database: Database, channels: Collection[ChannelName]) -> PostgresOutbox:
    """The messages to be sent, on ``channels`` only, with links that lead to this installation."""
    return PostgresOutbox(
        database,
        render=render,
        variables=variables,
        portal_link=links_of(settings).url,
        channels=channels,
    )


def keep_what_is_loaded() -> None:
    """Take what was loaded at the start out of the garbage collector's sight; call it once, when ready.

    It looks through everything only when much has been added since it last did, measured by all there is.
    With half a million objects of modules and models in it that came too seldom (a worker kept the garbage
    of hundreds of complaints) and took too long.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
