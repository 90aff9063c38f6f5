"""Work that waits for somebody: orders of a unit, customers to call, approvals to give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.commands import Actor
from domain.decide import allowed_actions
from domain.errors import Refused
from services import standing_in
from services.connect import Connections
from services.masking import Personal, mask, seen_by
from services.reading import scope_of
from storage.queries import complaints as complaint_queries
from storage.queries import work as work_queries
from storage.queries.pages import Page
from storage.queries.work import ApprovalWork, CallbackWork, OrderWork

MOST_APPROVALS = 200
APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class WaitingApproval:
    """A proposal and which of its open approvals the reader may give."""

    ref: str
    step: str
    approvals: tuple[str, ...]
    title: str
    severity: str
    next_due: datetime | None


async def orders(
    connections: Connections, actor: Actor, *, unit: str | None, only_open: bool, after: str, limit: int
) -> Page[OrderWork]:
    """Orders, those due first at the top; who works for units sees those of these units and their own."""
    try:
        return await work_queries.orders_of(
            connections.database,
            units=scope_of(actor),
            unit=unit,
            reader=actor.id,
            only_open=only_open,
            after=after,
            limit=limit,
        )
    except ValueError as error:
        raise Refused("invalid", "this is not where a page ended", fields={"after": str(error)}) from error


async def callbacks(connections: Connections, actor: Actor, *, limit: int) -> Sequence[CallbackWork]:
    """Callbacks that are due, the oldest first, with what is needed to call."""
    seen = seen_by(actor)
    rows = await work_queries.callbacks_due(connections.database, reader=actor.id, limit=limit)
    connections.reads.note(actor, "callbacks", (row.ref for row in rows))
    return [
        replace(
            row,
            customer_name=mask(row.customer_name, Personal.NAME, seen),
            customer_phone=mask(row.customer_phone, Personal.CONTACT, seen),
        )
        for row in rows
    ]


async def approvals(connections: Connections, actor: Actor, *, limit: int) -> Sequence[WaitingApproval]:
    """Complaints at an approval the actor may give now. Whether they may is for the domain to say."""
    scope = scope_of(actor)
    found = []
    for row in await work_queries.approvals_waiting(
        connections.database, reader=actor.id, limit=MOST_APPROVALS
    ):
        if scope is not None and not await complaint_queries.visible(
            connections.database, row.ref, scope, actor.id
        ):
            continue
        may = await _open_to(connections, row, actor)
        if may:
            found.append(WaitingApproval(row.ref, row.step, may, row.title, row.severity, row.next_due))
    return found[:limit]


async def _open_to(connections: Connections, row: ApprovalWork, actor: Actor) -> tuple[str, ...]:
    """The approvals of a complaint this actor may give now."""
    events = await complaint_queries.events(connections.database, row.ref)
    procedure, complaint = await connections.catalogue.folded(row.fingerprint, events)
    away = await standing_in.away_for(connections, procedure, complaint)
    actions = allowed_actions(procedure, complaint, actor, away)
    return tuple(a.target for a in actions if a.verb == APPROVE and a.target)
