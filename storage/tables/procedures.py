"""Procedures by version, announcements, and the counters references are numbered by."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint, Uuid

from storage.tables.base import document, flag, instant, label, metadata

procedures = Table(
    "procedures",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("packed", LargeBinary, nullable=False),  # see wire.pack
    Column("source", Text, nullable=False),
    instant("loaded_at", now=True),
    flag("active"),  # new complaints are opened under the one active version of a name
    UniqueConstraint("fingerprint"),
)
Index("uq_procedures_active", procedures.c.name, unique=True, postgresql_where=procedures.c.active)

announcements = Table(
    "announcements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("procedure", Text, nullable=False),
    label("category"),  # empty: whatever the category
    Column("title", Text, nullable=False),
    document("wording"),  # text by language
    instant("valid_from", nullable=False),
    instant("valid_to"),
    label("published_by"),
    instant("published_at", now=True),
)
Index("ix_announcements_procedure", announcements.c.procedure, announcements.c.valid_from)

ref_counters = Table(
    "ref_counters",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)
