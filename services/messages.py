"""Messages as people look at them: a complaint's, one's own inbox, and sending a failed one again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain import roles
from domain.commands import Actor
from domain.errors import Refused
from domain.messages import MessageState
from services.connect import Connections
from services.listing import Page
from services.masking import MASKED, Personal, seen_by
from services.reading import must_see
from storage.queries import messages as message_queries
from storage.queries.messages import MessageRow
from storage.stores import messages as message_store

CUSTOMER_POST = "customer"


async def of_complaint(connections: Connections, ref: str, actor: Actor) -> Sequence[MessageRow]:
    """The messages of a complaint the actor may see, addresses masked for those who need none."""
    await must_see(connections, ref, actor)
    seen = seen_by(actor)
    connections.reads.note(actor, "messages", (ref,))
    return [_masked(row, seen) for row in await message_queries.of_complaint(connections.database, ref)]


def _masked(row: MessageRow, seen: frozenset[Personal]) -> MessageRow:
    """Texts to a customer begin with the name, so whoever may not see it does not see the text."""
    if Personal.CONTACT not in seen:
        row = replace(row, address=MASKED)
    if row.post == CUSTOMER_POST and Personal.NAME not in seen:
        row = replace(row, recipient_name=MASKED, body=MASKED)
    return row


async def resend(connections: Connections, ref: str, message_id: uuid.UUID, actor: Actor) -> MessageRow:
    """Try to send a message again now, as a person asked; the answer says how it went.

    The provider gets the same key as before, so what it has taken already is not doubled.
    Raises Refused: not_found, or already_sent.
    """
    await must_see(connections, ref, actor)
    row = await _one(connections, ref, message_id)
    if row.state is MessageState.SENT:
        raise Refused("already_sent", "this message was sent")
    message = await message_queries.message(connections.database, row.id)
    if message is None or connections.delivery is None:
        raise Refused("no_channels", "messages cannot be sent from here")
    await connections.delivery.deliver(message, last=True)
    return _masked(await _one(connections, ref, message_id), seen_by(actor))


async def _one(connections: Connections, ref: str, message_id: uuid.UUID) -> MessageRow:
    rows = await message_queries.of_complaint(connections.database, ref)
    found = next((row for row in rows if row.id == str(message_id)), None)
    if found is None:
        raise Refused("not_found", f"{ref} has no such message")
    return found


def _recipients(actor: Actor) -> list[str]:
    """Under which names the actor is told inside Putright."""
    names = [actor.id.removeprefix("person:")]
    return [*names, roles.ADMINISTRATOR] if roles.ADMINISTRATOR in actor.roles else names


async def inbox(
    connections: Connections, actor: Actor, *, unread: bool, after: str, limit: int
) -> Page[MessageRow]:
    """What the actor was told inside Putright, newest first. Raises Refused for a wrong ``after``."""
    rows = await message_queries.inbox(
        connections.database, _recipients(actor), reader=actor.id, limit=limit, after=_place(after)
    )
    last = rows[-1] if len(rows) == limit else None
    following = f"{last.created_at.isoformat()}~{last.id}" if last else None
    return Page([row for row in rows if not unread or row.read_at is None], following)


def _place(after: str) -> tuple[datetime, str] | None:
    if not after:
        return None
    at, _, message_id = after.partition("~")
    try:
        instant = datetime.fromisoformat(at)
        uuid.UUID(message_id)
    except ValueError as error:
        raise Refused("invalid", "this is not where a page ended", fields={"after": str(error)}) from error
    if instant.tzinfo is None:
        raise Refused("invalid", "this is not where a page ended", fields={"after": "not an instant"})
    return instant, message_id


async def mark_read(connections: Connections, message_id: uuid.UUID, actor: Actor) -> None:
    """Note that the actor has read a message of their inbox."""
    for recipient in _recipients(actor):
        await message_store.mark_read(connections.database, str(message_id), recipient)
