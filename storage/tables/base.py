"""What all tables share: names of constraints, and the few column shapes that repeat."""

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def instant(name: str, *, nullable: bool = True, now: bool = False) -> Column[Any]:
    """An aware instant; ``now``: the database fills in its own time."""
    default = text("now()") if now else None
    return Column(name, DateTime(timezone=True), nullable=nullable and not now, server_default=default)


def words(name: str) -> Column[Any]:
    """A list of words, empty unless given."""
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'"))


def document(name: str) -> Column[Any]:
    """A JSON object, empty unless given."""
    return Column(name, JSONB, nullable=False, server_default=text("'{}'"))


def label(name: str) -> Column[Any]:
    """A text that is empty when there is nothing to say, never NULL."""
    return Column(name, Text, nullable=False, server_default=text("''"))


def number(name: str, default: int = 0) -> Column[Any]:
    """A whole number with a default."""
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


def flag(name: str, default: bool = False) -> Column[Any]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))
