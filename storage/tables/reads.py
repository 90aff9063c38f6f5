"""Reads: who saw personal data of which complaints, one row for each answer that showed any (ENT-8)."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from storage.tables.base import instant, metadata, words

reads = Table(
    "reads",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    instant("at", nullable=False),
    Column("reader", Text, nullable=False),
    Column("what", Text, nullable=False),
    words("refs"),
)
Index("ix_reads_refs", reads.c.refs, postgresql_using="gin")
Index("ix_reads_reader", reads.c.reader, reads.c.id)
