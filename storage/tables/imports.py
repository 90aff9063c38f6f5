"""Imports: a run over a file, and which row of which source became which complaint."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, Uuid, text

from storage.tables.base import instant, label, metadata, number

imports = Table(
    "imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("file", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'running'")),
    Column("position", BigInteger, nullable=False, server_default=text("0")),  # rows of the file dealt with
    number("opened"),
    number("duplicates"),
    number("rejected"),
    label("started_by"),
    instant("started_at", now=True),
    instant("finished_at"),
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("source", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("ref", Text, ForeignKey("complaints.ref"), nullable=False),
    Column("import_id", Uuid, ForeignKey("imports.id")),
)
Index("ix_import_rows_ref", import_rows.c.ref)
