"""The numbered archive: which keeper has which closed complaint under which number."""

from sqlalchemy import Column, ForeignKey, Integer, SmallInteger, Table, Text, UniqueConstraint

from storage.tables.base import instant, metadata

archive = Table(
    "archive",
    metadata,
    Column("ref", Text, ForeignKey("complaints.ref"), primary_key=True),
    Column("keeper", Text, primary_key=True),  # organisation, or unit:<id>
    Column("procedure", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("number", Integer, nullable=False),
    instant("archived_at", nullable=False),
    UniqueConstraint("procedure", "keeper", "year", "number"),
)

archive_counters = Table(
    "archive_counters",
    metadata,
    Column("procedure", Text, primary_key=True),
    Column("keeper", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", Integer, nullable=False),
)
