"""The contact ladder: whom a customer can turn to inside, from the unit complained of upward (BNK-1)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.commands import Actor
from services import reading
from services.connect import Connections
from storage.queries import contacts as contact_queries
from storage.queries.contacts import Contact


async def ladder(connections: Connections, unit: str) -> Sequence[Contact]:
    """The unit, the one above it and so on, as far as they publish a contact; nobody without a unit."""
    return await contact_queries.ladder(connections.database, unit) if unit else ()


async def of_complaint(connections: Connections, ref: str, actor: Actor) -> Sequence[Contact]:
    """The ladder of a complaint, for whoever tells it the customer. Raises Refused("not_found")."""
    case = await reading.case(connections, ref, actor)
    return await ladder(connections, case.complaint.unit or case.row.unit)
