"""Access: bearer tokens, hashed, and the first answers to requests that may be repeated."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables.base import instant, label, metadata, words

tokens = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("person_id", Text, ForeignKey("people.id")),
    Column("system", Text),
    words("roles"),
    words("units"),
    label("note"),
    instant("created_at", now=True),
    instant("expires_at"),
    instant("revoked_at"),
    instant("last_used_at"),
    UniqueConstraint("hash"),
    CheckConstraint("(person_id IS NULL) <> (system IS NULL)", name="holder"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger),  # NULL while the first request is still being worked on
    Column("response", JSONB),
    instant("created_at", now=True),
)
Index("ix_idempotency_keys_created_at", idempotency_keys.c.created_at)
