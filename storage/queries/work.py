"""Work that waits for somebody: orders of units, callbacks that are due, approvals to be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, literal_column, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.base import ColumnCollection
from sqlalchemy.types import Text

from domain.complaint import OrderState, Status
from storage.engine import Database
from storage.queries.chosen import CHOSEN_FOR_ORDER, either
from storage.queries.conflict import NOT_ABOUT_READER, reading
from storage.queries.pages import Page, place, read_place
from storage.tables import complaints, customers, orders

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_OPEN = [state.value for state in OrderState if state.open]


@dataclass(frozen=True, slots=True)
class OrderWork:
    """An order as a line of a unit's list."""

    ref: str
    order_id: str
    unit: str
    purpose: str
    round: int
    state: str
    handler: str
    note: str
    at: datetime
    due: datetime | None
    title: str
    severity: str
    major: bool


@dataclass(frozen=True, slots=True)
class CallbackWork:
    """A customer who is to be called now."""

    ref: str
    attempt: int
    callback_at: datetime
    customer_name: str
    customer_phone: str
    title: str
    language: str
    round: int


@dataclass(frozen=True, slots=True)
class ApprovalWork:
    """A complaint at an approval step, with the approvals given so far."""

    ref: str
    fingerprint: str
    step: str
    approved: Sequence[str]
    title: str
    severity: str
    next_due: datetime | None


_FROM_COMPLAINT = ("title", "severity", "major")
_DUE = func.coalesce(orders.c.due, literal(_NEVER, orders.c.due.type))
_ORDERS = (
    select(
        *(complaints.c[name] if name in _FROM_COMPLAINT else orders.c[name] for name in OrderWork.__slots__)
    )
    .select_from(orders.join(complaints, complaints.c.ref == orders.c.ref))
    .where(NOT_ABOUT_READER)
)
_OPEN_ORDERS = _ORDERS.where(orders.c.state.in_(_OPEN))
_CALLBACKS = (
    select(
        complaints.c.ref,
        complaints.c.callback_attempt.label("attempt"),
        complaints.c.callback_at,
        func.coalesce(func.nullif(customers.c.name, ""), complaints.c.customer_name).label("customer_name"),
        func.coalesce(customers.c.phone, "").label("customer_phone"),
        complaints.c.title,
        complaints.c.language,
        complaints.c.round,
    )
    .select_from(complaints.outerjoin(customers, customers.c.id == complaints.c.customer_id))
    .where(complaints.c.callback_due, NOT_ABOUT_READER)
    .order_by(complaints.c.callback_at, complaints.c.ref)
    .limit(bindparam("limit"))
)
_APPROVALS = (
    select(*(complaints.c[name] for name in ApprovalWork.__slots__))
    .where(complaints.c.status == Status.APPROVAL.value, NOT_ABOUT_READER)
    .order_by(complaints.c.next_due.asc().nulls_last(), complaints.c.ref)
    .limit(bindparam("limit"))
)
_MISSED = complaints.c.breached > literal_column("0")
_OPEN_COUNTS = (
    select(
        complaints.c.status,
        func.count().label("complaints"),
        func.count().filter(_MISSED).label("breached"),
    )
    .where(complaints.c.status.in_([status.value for status in Status if status is not Status.CLOSED]))
    .group_by(complaints.c.status)
)
# Those that are no complaints are few and have an index of their own, so they are taken off afterwards.
_CASE_COUNTS = (
    select(
        complaints.c.status,
        func.count().label("complaints"),
        func.count().filter(_MISSED).label("breached"),
    )
    .where(complaints.c.parent != literal_column("''"))
    .group_by(complaints.c.status)
)
_CLOSED = complaints.c.status == Status.CLOSED.value
# Two counts, each read from an index alone or nearly so: most complaints are closed, few missed a deadline.
_CLOSED_COUNTS = select(
    select(func.count()).where(_CLOSED).scalar_subquery().label("complaints"),
    select(func.count()).where(_CLOSED, _MISSED).scalar_subquery().label("breached"),
)

_COUNTS_ABOUT = (
    select(
        complaints.c.status,
        func.count().label("complaints"),
        func.count().filter(_MISSED).label("breached"),
    )
    # The second condition is that of the index.
    .where(
        complaints.c.complained_of.contains(bindparam("reader", type_=ARRAY(Text))),
        text("complained_of <> '{}'"),
        complaints.c.parent == literal_column("''"),
    )
    .group_by(complaints.c.status)
)


async def orders_of(
    database: Database,
    *,
    units: Sequence[str] | None = None,
    unit: str | None = None,
    reader: str = "",
    only_open: bool = True,
    after: str = "",
    limit: int = 50,
) -> Page[OrderWork]:
    """One page of orders.

    Open ones: the one due first at the top, those without a deadline last. All: the newest at the top.
    ``units`` None: of all units; else of these and those that are for ``reader`` by name. ``unit``: of these
    only that unit's. ``reader``: an actor's id; none of complaints about them (MFG-7).
    ``after``: the end of the page before; ValueError when it is not one.
    """
    statement = _OPEN_ORDERS if only_open else _ORDERS
    if unit is not None:
        statement = statement.where(orders.c.unit == unit)
    if after:
        instant, (ref, order_id) = read_place(after, names=2)
        there = func.row(literal(instant, orders.c.at.type), ref, order_id)
        here = func.row(_DUE if only_open else orders.c.at, orders.c.ref, orders.c.order_id)
        statement = statement.where(there < here if only_open else there > here)
    found = _first(statement, only_open, limit)
    if units is not None:
        theirs = _first(statement.where(orders.c.unit.in_(list(units))), only_open, limit)
        found = theirs
        if reader:
            both = either(theirs, _first(statement.where(CHOSEN_FOR_ORDER), only_open, limit))
            found = _first(both, only_open, limit, both.selected_columns)
    rows = await database.fetch(found, {"reader": reader, **reading(reader)})
    items = [OrderWork(**row._asdict()) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items, _order_place(last, only_open) if last else None)


def _first(
    statement: Select[Any],
    only_open: bool,
    limit: int,
    columns: ColumnCollection[str, Any] = orders.c,
) -> Select[Any]:
    """The first of them in the order of a page, and one more to know whether there are more."""
    names = [columns["ref"], columns["order_id"]]
    if only_open:
        due = func.coalesce(columns["due"], literal(_NEVER, orders.c.due.type))
        return statement.order_by(due, *names).limit(limit + 1)
    return statement.order_by(columns["at"].desc(), *(name.desc() for name in names)).limit(limit + 1)


def _order_place(order: OrderWork, only_open: bool) -> str:
    return place((order.due or _NEVER) if only_open else order.at, order.ref, order.order_id)


async def callbacks_due(database: Database, *, reader: str = "", limit: int = 50) -> list[CallbackWork]:
    """The customers to be called now, the longest waiting first; none whose complaint is about ``reader``."""
    rows = await database.fetch(_CALLBACKS, {"reader": reader, "limit": limit})
    return [CallbackWork(**row._asdict()) for row in rows]


async def approvals_waiting(database: Database, *, reader: str = "", limit: int = 50) -> list[ApprovalWork]:
    """Complaints that wait for an approval, the one due first at the top; none about ``reader``.

    Which approval is next, and by whom, says the procedure (``domain.route.pending_approvals``).
    """
    rows = await database.fetch(_APPROVALS, {"reader": reader, "limit": limit})
    return [ApprovalWork(**row._asdict()) for row in rows]


@dataclass(frozen=True, slots=True)
class Count:
    """How many complaints are in a status, and how many of them have missed a deadline."""

    complaints: int
    breached: int


async def counts(database: Database, *, reader: str = "") -> dict[Status, Count]:
    """Complaints by status, every status named; those about ``reader``, an actor's id, do not count (MFG-7).

    Nor do cases of consequences. Few are either, so they are taken off rather than looked at one by one.
    """
    found = dict.fromkeys(Status, Count(0, 0))
    for row in await database.fetch(_OPEN_COUNTS):
        found[Status(row.status)] = Count(row.complaints, row.breached)
    closed = await database.first(_CLOSED_COUNTS)
    assert closed is not None, "counts always have a row"
    found[Status.CLOSED] = Count(closed.complaints, closed.breached)
    taken_off = [*await database.fetch(_CASE_COUNTS)]
    if reader:
        taken_off += await database.fetch(_COUNTS_ABOUT, {"reader": [reader]})
    for row in taken_off:
        all_, status = found[Status(row.status)], Status(row.status)
        found[status] = Count(all_.complaints - row.complaints, all_.breached - row.breached)
    return found
