"""Work that waits for somebody: orders of units, callbacks that are due, approvals to be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, case, func, literal, select

from domain.complaint import OrderState, Status
from storage.engine import Database
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
    .order_by(_DUE, orders.c.ref, orders.c.order_id)
)
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
    .where(complaints.c.callback_due)
    .order_by(complaints.c.callback_at, complaints.c.ref)
    .limit(bindparam("limit"))
)
_APPROVALS = (
    select(*(complaints.c[name] for name in ApprovalWork.__slots__))
    .where(complaints.c.status == Status.APPROVAL.value)
    .order_by(complaints.c.next_due.asc().nulls_last(), complaints.c.ref)
    .limit(bindparam("limit"))
)
_COUNTS = select(
    complaints.c.status,
    func.count().label("complaints"),
    func.sum(case((complaints.c.breached > 0, 1), else_=0)).label("breached"),
).group_by(complaints.c.status)


async def orders_of(
    database: Database,
    *,
    units: Sequence[str] | None = None,
    only_open: bool = True,
    after: str = "",
    limit: int = 50,
) -> Page[OrderWork]:
    """One page of orders, the one due first at the top, those without a deadline last.

    ``units`` None: of all units. ``after``: the end of the page before; ValueError when it is not one.
    """
    statement = _ORDERS
    if units is not None:
        statement = statement.where(orders.c.unit.in_(list(units)))
    if only_open:
        statement = statement.where(orders.c.state.in_(_OPEN))
    if after:
        due, (ref, order_id) = read_place(after, names=2)
        statement = statement.where(
            func.row(_DUE, orders.c.ref, orders.c.order_id)
            > func.row(literal(due, orders.c.due.type), ref, order_id)
        )
    rows = await database.fetch(statement.limit(limit + 1))
    items = [OrderWork(**row._asdict()) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items, place(last.due or _NEVER, last.ref, last.order_id) if last else None)


async def callbacks_due(database: Database, *, limit: int = 50) -> list[CallbackWork]:
    """The customers to be called now, the longest waiting first."""
    return [CallbackWork(**row._asdict()) for row in await database.fetch(_CALLBACKS, {"limit": limit})]


async def approvals_waiting(database: Database, *, limit: int = 50) -> list[ApprovalWork]:
    """Complaints that wait for an approval, the one due first at the top.

    Which approval is next, and by whom, says the procedure (``domain.route.pending_approvals``).
    """
    return [ApprovalWork(**row._asdict()) for row in await database.fetch(_APPROVALS, {"limit": limit})]


@dataclass(frozen=True, slots=True)
class Count:
    """How many complaints are in a status, and how many of them have missed a deadline."""

    complaints: int
    breached: int


async def counts(database: Database) -> dict[Status, Count]:
    """Complaints by status, every status named."""
    found = {Status(row.status): Count(row.complaints, row.breached) for row in await database.fetch(_COUNTS)}
    return {status: found.get(status, Count(0, 0)) for status in Status}
