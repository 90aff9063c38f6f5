"""Messages: what is still to be sent, what a complaint has caused to be told, and the inbox of a person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer

from domain.messages import ChannelName, Message, MessageState
from storage.engine import Database
from storage.prepared import Prepared
from storage.queries.conflict import NOT_ABOUT_READER
from storage.tables import complaints, messages

_MESSAGE = (
    "id", "key", "ref", "seq", "template", "channel", "recipient", "address", "subject", "body", "data",
    "tries", "state",
)  # fmt: skip
_PENDING = Prepared(
    select(*(messages.c[name] for name in _MESSAGE))
    .where(
        messages.c.ref == bindparam("ref"),
        messages.c.seq == func.any(bindparam("seqs", type_=ARRAY(Integer))),
        messages.c.state == MessageState.PENDING.value,
        messages.c.superseded_at.is_(None),
    )
    .order_by(messages.c.seq, messages.c.created_at, messages.c.id)
)
_ONE = select(*(messages.c[name] for name in _MESSAGE)).where(messages.c.id == bindparam("id"))
_OF = select(messages).where(messages.c.ref == bindparam("ref")).order_by(messages.c.seq, messages.c.id)
_PLACE = tuple_(messages.c.created_at, messages.c.id)
_INBOX = (
    select(messages)
    .join(complaints, complaints.c.ref == messages.c.ref)
    .where(
        messages.c.recipient.in_(bindparam("recipients", expanding=True)),
        messages.c.channel == ChannelName.IN_APP.value,
        messages.c.superseded_at.is_(None),
        NOT_ABOUT_READER,
    )
    .order_by(messages.c.created_at.desc(), messages.c.id.desc())
    .limit(bindparam("limit"))
)
_UNSENT = (
    select(messages)
    .where(messages.c.state == bindparam("state"))
    .order_by(messages.c.created_at, messages.c.id)
    .limit(bindparam("limit"))
)
_COUNTS = (
    select(messages.c.state, func.count().label("messages"))
    .where(messages.c.state != MessageState.SENT.value)
    .group_by(messages.c.state)
)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One stored message with all that is known of it; instants are aware."""

    id: str
    key: str
    ref: str
    seq: int
    template: str
    channel: ChannelName
    recipient: str
    recipient_name: str
    post: str
    stand_in: bool
    address: str
    subject: str
    body: str
    data: Mapping[str, str]
    state: MessageState
    tries: int
    last_error: str
    receipt: str
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None
    superseded_at: datetime | None


async def pending(database: Database, ref: str, seqs: Sequence[int]) -> list[Message]:
    """The messages of these events that are neither sent nor failed for good, in order."""
    return [_message(row) for row in await database.fetch(_PENDING, {"ref": ref, "seqs": list(seqs)})]


async def message(database: Database, message_id: str) -> Message | None:
    """One message as it is sent, for sending it again by hand."""
    row = await database.first(_ONE, {"id": uuid.UUID(message_id)})
    return _message(row) if row is not None else None


async def of_complaint(database: Database, ref: str) -> list[MessageRow]:
    """Every message a complaint has caused, in the order of its events."""
    return [_row(row) for row in await database.fetch(_OF, {"ref": ref})]


async def inbox(
    database: Database,
    recipients: Sequence[str],
    *,
    reader: str = "",
    limit: int = 50,
    after: tuple[datetime, str] | None = None,
) -> list[MessageRow]:
    """What some recipients were told in the application, newest first.

    Recipients are a person's id and, for administrators, ``administrator``. Nothing is there of complaints
    about ``reader``, an actor's id, even if they were told before it was known (MFG-7). ``after``: the
    instant and id of the last message of the page before.
    """
    statement = _INBOX
    if after is not None:
        statement = statement.where(tuple_(after[0], uuid.UUID(after[1])) > _PLACE)
    parameters = {"recipients": list(recipients), "reader": reader, "limit": limit}
    return [_row(row) for row in await database.fetch(statement, parameters)]


async def unsent(database: Database, state: MessageState, *, limit: int = 100) -> list[MessageRow]:
    """The oldest messages that wait or have failed."""
    return [_row(row) for row in await database.fetch(_UNSENT, {"state": state.value, "limit": limit})]


async def counts(database: Database) -> Mapping[MessageState, int]:
    """How many messages wait and how many have failed."""
    found = {MessageState(row.state): row.messages for row in await database.fetch(_COUNTS)}
    return {state: found.get(state, 0) for state in (MessageState.PENDING, MessageState.FAILED)}


def _message(row: Row[Any]) -> Message:
    values = row._asdict()
    return Message(
        **{
            **values,
            "id": str(row.id),
            "channel": ChannelName(row.channel),
            "state": MessageState(row.state),
        }
    )


def _row(row: Row[Any]) -> MessageRow:
    values = row._asdict()
    return MessageRow(
        **{
            **values,
            "id": str(row.id),
            "channel": ChannelName(row.channel),
            "state": MessageState(row.state),
        }
    )
