"""Knowledge: what is known about a matter, for everybody who is asked; entries are retired, never lost."""

from sqlalchemy import Column, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.tables.base import document, instant, label, metadata

knowledge = Table(
    "knowledge",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("procedure", Text, nullable=False),
    document("about"),  # words of the vocabulary a complaint must have; none: whatever it is about
    document("title"),  # by language
    document("content"),  # by language
    Column("search", TSVECTOR, nullable=False, server_default=text("''")),
    label("from_ref"),  # the closed case it was learnt from; it may be gone by now
    label("published_by"),
    instant("published_at", now=True),
    instant("retired_at"),
    label("retired_by"),
    label("retired_why"),
)
Index("ix_knowledge_procedure", knowledge.c.procedure, knowledge.c.published_at)
Index("ix_knowledge_search", knowledge.c.search, postgresql_using="gin")
