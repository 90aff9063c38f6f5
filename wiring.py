"""What worker and server both build from the settings."""

from __future__ import annotations

from collections.abc import Mapping

from channels import ChannelsConfig, MailConfig, WebhookConfig, channels_from
from domain.messages import ChannelName
from domain.ports import Channel
from procedures.texts import render
from procedures.variables import variables
from services.access import Links
from settings import Settings
from storage.engine import Database
from storage.stores.messages import PostgresOutbox


def channels_of(settings: Settings) -> Mapping[ChannelName, Channel]:
    """The channels the settings configure; those that are not configured do not exist."""
    mail = MailConfig(
        host=settings.smtp_host,
        sender=settings.mail_from,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        security=settings.smtp_security,
    )
    secret = settings.webhook_secret.get_secret_value()
    return channels_from(
        ChannelsConfig(
            mail=mail if settings.smtp_host else None,
            webhook=WebhookConfig(secret=secret, url=settings.webhook_url) if secret else None,
            gateways=settings.apprise_urls,
        )
    )


def links_of(settings: Settings) -> Links:
    """The customers' private links, signed with the key of the settings."""
    return Links(settings.secret_key(), f"{settings.base_url()}/portal")


def outbox_of(settings: Settings, database: Database) -> PostgresOutbox:
    """The messages to be sent, with links that lead to this installation."""
    return PostgresOutbox(database, render=render, variables=variables, portal_link=links_of(settings).url)
