"""Conflict of interest as a condition: what concerns the reader is not there for them (MFG-7)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, all_, bindparam
from sqlalchemy.types import Text

from storage.tables import complaints

NOT_ABOUT_READER: ColumnElement[bool] = bindparam("reader", type_=Text) != all_(complaints.c.complained_of)
"""Holds for complaints that are not about the person with the actor's id ``reader``; empty: for all."""
