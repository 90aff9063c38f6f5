"""What retention did: a line for each complaint, nothing personal, and the statistics of deleted ones."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from storage.tables.base import document, instant, label, metadata

retentions = Table(
    "retentions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("ref", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    label("version"),
    Column("done", Text, nullable=False),  # anonymise or delete
    document("rows"),  # how many were changed or deleted, by table
    document("figures"),  # of a deleted complaint: what statistics count, its last hash
    instant("closed_at", nullable=False),
    instant("done_at", nullable=False),
    instant("forgotten_at"),  # when its histories in Temporal were deleted too
)
Index("ix_retentions_procedure", retentions.c.procedure, retentions.c.closed_at)
Index("ix_retentions_remembered", retentions.c.ref, postgresql_where=retentions.c.forgotten_at.is_(None))
