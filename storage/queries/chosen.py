"""Whoever is chosen by name, as a condition: they see what they are chosen for beside what their units got.

Each is the second half of a union whose first half is what the units of the reader see. As one condition
with an "or" neither half could be read through its index.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.tables import complaints, orders

_READER = bindparam("reader_alone", type_=ARRAY(Text))
_NOUGHT: ColumnElement[int] = literal_column("0")


def _chosen(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the person ``reader_alone`` (see ``conflict.reading``) is among those in the column.

    The second condition is that of the index. It is not "is not empty", which the planner believes to be true
    of so few that it would fetch all of a person who is chosen often instead of walking from the newest on.
    """
    return and_(column.contains(_READER), func.cardinality(column) > _NOUGHT)


CHOSEN_FOR_COMPLAINT = _chosen(complaints.c.chosen)
"""Holds for complaints in which the reader is named to do something."""

CHOSEN_FOR_ORDER = _chosen(orders.c.chosen)
"""Holds for orders that are for the reader by name."""


def either(theirs: Select[Any], chosen: Select[Any]) -> Select[Any]:
    """The rows of both, each once. Both are to be sorted and to end where a page does; the result is not."""
    ours, named = theirs.subquery("theirs"), chosen.subquery("chosen")
    return select(union(select(ours), select(named)).subquery("either"))
