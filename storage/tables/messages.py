"""Messages: one row for each (complaint, event, template, recipient, channel); in-app ones are the inbox."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from storage.tables.base import document, flag, instant, label, metadata, number

messages = Table(
    "messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", Text, nullable=False),  # what the provider is given on every try
    Column("ref", Text, ForeignKey("complaints.ref"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("template", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    label("recipient_name"),
    label("post"),
    flag("stand_in"),
    label("address"),
    label("subject"),
    label("body"),
    document("data"),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    number("tries"),
    label("last_error"),
    label("receipt"),
    instant("created_at", now=True),
    instant("sent_at"),
    instant("read_at"),
    instant("superseded_at"),  # its event was set aside; it no longer stands in the way of another
    UniqueConstraint("key"),
)
Index(
    "uq_messages_once",
    *(messages.c[name] for name in ("ref", "seq", "template", "recipient", "channel")),
    unique=True,
    postgresql_where=messages.c.superseded_at.is_(None),
)
Index(
    "ix_messages_inbox",
    messages.c.recipient,
    messages.c.created_at,
    messages.c.id,
    postgresql_where=messages.c.channel == "in_app",
)
Index(
    "ix_messages_unsent",
    messages.c.state,
    messages.c.created_at,
    messages.c.id,
    postgresql_where=messages.c.state != "sent",
)
