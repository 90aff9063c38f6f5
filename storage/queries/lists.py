"""Lists of complaints: newest first, by any of the filters, bounded by what the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.base import ColumnCollection
from sqlalchemy.types import Integer, Text

from domain.complaint import Status
from storage.engine import Database
from storage.queries.chosen import CHOSEN_FOR_COMPLAINT, either
from storage.queries.conflict import NOT_ABOUT_READER, reading
from storage.queries.pages import Page, place, read_place
from storage.search import tsquery, word_pattern
from storage.tables import complaints as table
from storage.tables import orders


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list; None or empty: whatever.

    ``q`` is free text; ``due_before`` and ``opened_from``/``opened_before`` are aware instants.
    """

    status: Sequence[str] = ()
    open: bool | None = None
    procedure: str | None = None
    kind: str | None = None
    category: str | None = None
    severity: str | None = None
    channel: str | None = None
    unit: str | None = None
    owner: str | None = None
    customer_id: str | None = None
    repeat_of: str | None = None
    breached: bool | None = None
    major: bool | None = None
    q: str | None = None
    due_before: datetime | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    raised: bool | None = False
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ListedComplaint:
    """A complaint as a line of a list."""

    ref: str
    procedure: str
    version: str
    title: str
    customer_name: str
    channel: str
    status: str
    step: str
    round: int
    kind: str
    category: str
    severity: str
    unit: str
    owner: str
    opened_at: datetime
    closed_at: datetime | None
    next_due: datetime | None
    due_at: datetime | None
    breached: int
    major: bool
    repeat_of: str
    parent: str
    consequence: str
    seq: int

    def masked(self, customer_name: str) -> ListedComplaint:
        """The same line with another name for the customer."""
        return replace(self, customer_name=customer_name)


_EQUAL = (
    "procedure", "kind", "category", "severity", "channel", "unit", "owner", "customer_id",
    "repeat_of", "major", "parent",
)  # fmt: skip
_COLUMNS = [table.c[name] for name in ListedComplaint.__slots__]
_MANY = 20_000
_NONE: ColumnElement[str] = literal_column("''")
_NOUGHT: ColumnElement[int] = literal_column("0")  # as in the partial index
# As a row comparison it is one condition on the index, not a filter behind it.
_PLACE = func.row(table.c.opened_at, table.c.ref)
_BOUNDS: Mapping[str, Callable[[ColumnElement[Any]], ColumnElement[bool]]] = {
    "due_before": table.c.next_due.__lt__,
    "opened_from": table.c.opened_at.__ge__,
    "opened_before": table.c.opened_at.__lt__,
}
# Whether every word occurs. They stand in the statement itself, so that it is planned for them.
_MATCHES = table.c.search.bool_op("@@")(cast(bindparam("words", type_=Text, literal_execute=True), TSQUERY))
_FOLDED_NAME = func.lower(func.normalize(table.c.customer_name, literal_column("NFKC"))).cast(Text)
_COUNT = select(func.count().label("found")).select_from(
    select(literal_column("1"))
    .select_from(table)
    .where(_MATCHES)
    .limit(literal_column(str(_MANY)))
    .subquery()
)


async def complaints_page(
    database: Database,
    filters: Filters,
    *,
    units: Sequence[str] | None = None,
    reader: str = "",
    names: bool = True,
    after: str = "",
    limit: int = 50,
) -> Page[ListedComplaint]:
    """One page of complaints, newest first.

    ``units``: only those with an order to one of these units, and those in which the reader is chosen by
    name; None does not bound. ``reader``: an actor's id; complaints about them are left out (MFG-7).
    ``names``: whether free text finds complaints by the name of the customer. ``after``: the end of the page
    before; ValueError when it is not one.
    """
    rare = bool(filters.q) and await _is_rare(database, filters.q or "")
    statement, values = page_statement(
        filters, units=units, reader=reader, names=names, after=after, limit=limit, rare=rare
    )
    rows: Sequence[Sequence[Any]] = await database.fetch(statement, values)
    items = [ListedComplaint(*row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items, place(last.opened_at, last.ref) if last else None)


def page_statement(
    filters: Filters,
    *,
    units: Sequence[str] | None,
    reader: str = "",
    names: bool = True,
    after: str,
    limit: int,
    rare: bool = False,
) -> tuple[Select[Any], dict[str, Any]]:
    """The statement behind ``complaints_page`` and its values.

    It asks for one row more, to know whether there are more. ``rare``: few complaints match the free text,
    so they are found first and the rest is tried on them. ValueError when ``after`` is not a place.
    """
    words = tsquery(filters.q) if filters.q else ""
    found: dict[str, Any] = {
        "status": list(filters.status) or None,
        **{name: getattr(filters, name) for name in (*_EQUAL, *_BOUNDS)},
        "units": None if units is None else list(units),
        "reader": reader or None,
        "words": words or None,
        "unnamed": word_pattern(filters.q) if filters.q and words and not names else None,
    }
    if reader and units is not None:
        found.update(reading(reader))
    if after:
        found["after_at"], (found["after_ref"],) = read_place(after)
    values = {name: value for name, value in found.items() if value is not None} | {"most": limit + 1}
    free = ("rare" if rare else "common") if words else ("nothing" if filters.q else "")
    shape = _Shape(frozenset(values), filters.open, filters.breached, filters.raised, free)
    return _statement(shape), values


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which filters a list has, whatever their values: what a statement is built for, once."""

    names: frozenset[str]
    open: bool | None
    breached: bool | None
    raised: bool | None
    free: str  # text asked for that is rare, common, or has no words in it ("nothing"); empty: none asked


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Select[Any]:
    all_of_them = _first(select(*_COLUMNS).where(*_conditions(shape)))
    if "units" not in shape.names:
        return all_of_them
    dispatched = orders.c.unit.in_(bindparam("units", expanding=True))
    theirs = all_of_them.where(exists().where(and_(orders.c.ref == table.c.ref, dispatched)))
    if "reader_alone" not in shape.names:
        return theirs
    both = either(theirs, all_of_them.where(CHOSEN_FOR_COMPLAINT))
    return _first(both, both.selected_columns)


def _first(statement: Select[Any], columns: ColumnCollection[str, Any] = table.c) -> Select[Any]:
    """The newest of them, as many as are asked for."""
    newest = statement.order_by(columns["opened_at"].desc(), columns["ref"].desc())
    return newest.limit(bindparam("most", type_=Integer))


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    """The filters, and the place where the page before ended, as conditions on ``complaints``."""
    c = table.c
    found: list[ColumnElement[bool]] = [c[name] == bindparam(name) for name in _EQUAL if name in shape.names]
    if "status" in shape.names:
        found.append(c.status.in_(bindparam("status", expanding=True)))
    if shape.open is not None:
        closed = c.status == Status.CLOSED.value
        found.append(~closed if shape.open else closed)
    if shape.breached is not None:
        found.append(c.breached > _NOUGHT if shape.breached else c.breached == _NOUGHT)
    if shape.raised is not None:
        found.append(c.parent != _NONE if shape.raised else c.parent == _NONE)
    found += [bound(bindparam(name)) for name, bound in _BOUNDS.items() if name in shape.names]
    if "unnamed" in shape.names:
        found.append(~_FOLDED_NAME.regexp_match(bindparam("unnamed", type_=Text)))
    if "reader" in shape.names:
        found.append(NOT_ABOUT_READER)
    if shape.free == "rare":
        few = select(c.ref).where(_MATCHES).cte("found").prefix_with("MATERIALIZED")
        found.append(c.ref.in_(select(few.c.ref)))
    elif shape.free:
        found.append(_MATCHES if shape.free == "common" else literal(False))
    if "after_at" in shape.names:
        end = func.row(bindparam("after_at", type_=c.opened_at.type), bindparam("after_ref", type_=Text))
        found.append(end > _PLACE)
    return found


async def _is_rare(database: Database, asked: str) -> bool:
    """Whether free text matches few complaints; it is counted because it cannot be estimated well."""
    words = tsquery(asked)
    counted = await database.first(_COUNT, {"words": words}) if words else None
    return counted is not None and counted.found < _MANY
