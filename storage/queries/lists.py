"""Lists of complaints: newest first, by any of the filters, bounded by what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
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
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.types import Text

from domain.complaint import Status
from storage.engine import Database
from storage.queries.pages import Page, place, read_place
from storage.search import tsquery
from storage.tables import complaints as table
from storage.tables import orders


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list; None or empty: whatever.

    ``q`` is free text; ``due_before`` and ``opened_from``/``opened_before`` are aware instants; ``without``
    are facts a complaint must not have, for example the person complained of (MFG-7).
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
    without: Mapping[str, str] = field(default_factory=dict)


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
    breached: int
    major: bool
    repeat_of: str
    seq: int

    def masked(self, customer_name: str) -> ListedComplaint:
        """The same line with another name for the customer."""
        return replace(self, customer_name=customer_name)


_EQUAL = (
    "procedure", "kind", "category", "severity", "channel", "unit", "owner", "customer_id",
    "repeat_of", "major",
)  # fmt: skip
_COLUMNS = [table.c[name] for name in ListedComplaint.__slots__]
_MANY = 20_000
_NOUGHT: ColumnElement[int] = literal_column("0")  # as in the partial index
# As a row comparison it is one condition on the index, not a filter behind it.
_PLACE = func.row(table.c.opened_at, table.c.ref)


async def complaints_page(
    database: Database,
    filters: Filters,
    *,
    units: Sequence[str] | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[ListedComplaint]:
    """One page of complaints, newest first.

    ``units``: only those with an order to one of these units; None does not bound. ``after``: the end of
    the page before; ValueError when it is not one.
    """
    rare = bool(filters.q) and await _is_rare(database, filters.q or "")
    rows = await database.fetch(page_statement(filters, units=units, after=after, limit=limit, rare=rare))
    items = [ListedComplaint(**row._asdict()) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items, place(last.opened_at, last.ref) if last else None)


def page_statement(
    filters: Filters, *, units: Sequence[str] | None, after: str, limit: int, rare: bool = False
) -> Select[Any]:
    """The statement behind ``complaints_page``; it asks for one row more, to know whether there are more.

    ``rare``: few complaints match the free text, so they are found first and the rest is tried on them.
    """
    statement = select(*_COLUMNS).where(*conditions(filters, units))
    if filters.q:
        matches = _matches(filters.q)
        if rare:
            found = select(table.c.ref).where(matches).cte("found").prefix_with("MATERIALIZED")
            matches = table.c.ref.in_(select(found.c.ref))
        statement = statement.where(matches)
    if after:
        instant, (ref,) = read_place(after)
        statement = statement.where(func.row(literal(instant, table.c.opened_at.type), ref) > _PLACE)
    return statement.order_by(table.c.opened_at.desc(), table.c.ref.desc()).limit(limit + 1)


def conditions(filters: Filters, units: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """The filters other than free text, and the bound of the reader, as conditions on ``complaints``."""
    c = table.c
    found: list[ColumnElement[bool]] = [
        c[name] == value for name in _EQUAL if (value := getattr(filters, name)) is not None
    ]
    if filters.status:
        found.append(c.status.in_(list(filters.status)))
    if filters.open is not None:
        closed = c.status == Status.CLOSED.value
        found.append(~closed if filters.open else closed)
    if filters.breached is not None:
        found.append(c.breached > _NOUGHT if filters.breached else c.breached == _NOUGHT)
    if filters.due_before is not None:
        found.append(c.next_due < filters.due_before)
    if filters.opened_from is not None:
        found.append(c.opened_at >= filters.opened_from)
    if filters.opened_before is not None:
        found.append(c.opened_at < filters.opened_before)
    found += [
        or_(~c.facts.has_key(name), c.facts[name].astext != value) for name, value in filters.without.items()
    ]
    if units is not None:
        found.append(exists().where(and_(orders.c.ref == c.ref, orders.c.unit.in_(list(units)))))
    return found


def _matches(asked: str) -> ColumnElement[bool]:
    """Whether every word occurs. The words stand in the statement itself, so that it is planned for them."""
    words = tsquery(asked)
    if not words:
        return literal(False)
    query = bindparam("words", words, type_=Text, unique=True, literal_execute=True)
    return table.c.search.bool_op("@@")(cast(query, TSQUERY))


async def _is_rare(database: Database, asked: str) -> bool:
    """Whether free text matches few complaints; it is counted because it cannot be estimated well."""
    some = (
        select(literal_column("1"))
        .select_from(table)
        .where(_matches(asked))
        .limit(literal_column(str(_MANY)))
        .subquery()
    )
    counted = await database.first(select(func.count().label("found")).select_from(some))
    return counted is not None and counted.found < _MANY
