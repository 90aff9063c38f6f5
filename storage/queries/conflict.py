"""Conflict of interest as a condition: what concerns the reader is not there for them (MFG-7)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, all_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.tables import complaints

NOT_ABOUT_READER: ColumnElement[bool] = bindparam("reader", type_=Text) != all_(complaints.c.complained_of)
"""Holds for complaints that are not about the person with the actor's id ``reader``; empty: for all."""

_ABOUT_READER = select(complaints.c.ref).where(
    complaints.c.complained_of.contains(bindparam("reader_alone", type_=ARRAY(Text))),
    text("complained_of <> '{}'"),  # the condition of the index: few complaints are about anybody
)


def not_of_reader(ref: ColumnElement[Any]) -> ColumnElement[bool]:
    """Holds for rows whose ``ref`` is no complaint about the reader; see ``reading``."""
    return ref.not_in(_ABOUT_READER)


def reading(reader: str) -> dict[str, Any]:
    """The values ``not_of_reader`` needs: ``reader`` is an actor's id."""
    return {"reader_alone": [reader]}
