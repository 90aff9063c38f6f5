"""Measures on units: what cases have led to for them, kept when the cases are gone."""

from sqlalchemy import Column, Index, Integer, Table, Text

from storage.tables.base import instant, label, metadata

measures = Table(
    "measures",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("measure", Text, nullable=False),
    label("step"),
    label("note"),
    Column("by", Text, nullable=False),
    instant("at", nullable=False),
)
Index("ix_measures_unit", measures.c.unit, measures.c.at, measures.c.seq)
