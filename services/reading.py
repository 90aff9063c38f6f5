"""Reading a complaint: its state folded from the events, what may be done now, why it is due when it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import wire
from domain.clocks import Clock, why
from domain.commands import Actor
from domain.complaint import Complaint
from domain.decide import Action, allowed_actions
from domain.errors import Refused
from domain.events import Event
from domain.procedure import Procedure
from domain.roles import CUSTOMER, SYSTEM, UNIT_ROLES, may_see
from domain.worktime import Span
from services import standing_in
from services.connect import Connections
from services.masking import Personal, mask, mask_answers, mask_form, seen_by
from storage.queries import complaints as complaint_queries
from storage.queries.complaints import ComplaintRow

NOT_FOUND = ("not_found", "there is no such complaint for you")


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint as read: its row, its state, its procedure, and who is reading."""

    row: ComplaintRow
    complaint: Complaint
    procedure: Procedure
    actor: Actor
    away: frozenset[str] = frozenset()

    @property
    def actions(self) -> tuple[Action, ...]:
        """What the reader may do now; nothing while the workflow has not recorded the opening."""
        if not self.complaint.seq:
            return ()
        return allowed_actions(self.procedure, self.complaint, self.actor, self.away)

    @property
    def customer(self) -> Mapping[str, str]:
        """Who complains: id, name, phone, email, masked for this reader."""
        seen = seen_by(self.actor)
        return {
            "id": self.row.customer_id,
            "name": mask(self.row.customer_name, Personal.NAME, seen),
            "phone": mask(self.row.customer_phone, Personal.CONTACT, seen),
            "email": mask(self.row.customer_email, Personal.CONTACT, seen),
        }

    @property
    def form(self) -> Mapping[str, str]:
        """What was filled in at intake, masked for this reader."""
        return mask_form(self.procedure, self.row.form, seen_by(self.actor))


def scope_of(actor: Actor) -> tuple[str, ...] | None:
    """The units whose orders bound what the actor sees; None when nothing bounds it.

    Raises Refused for customers: they see one complaint, through their link.
    """
    probe = Complaint()
    if may_see(probe, actor) and CUSTOMER not in actor.roles:
        return None
    if not (UNIT_ROLES | {SYSTEM}).intersection(actor.roles):
        raise Refused(*NOT_FOUND)
    return actor.units


async def case(connections: Connections, ref: str, actor: Actor) -> Case:
    """One complaint as ``actor`` may see it.

    Raises Refused("not_found") when there is none, it lies outside the actor's units, or is about them.
    """
    row, events = await complaint_queries.with_events(connections.database, ref)
    if row is None:
        raise Refused(*NOT_FOUND)
    procedure, complaint = await connections.catalogue.folded(row.fingerprint, events)
    # What intake wrote counts before the workflow has recorded the opening, too.
    if actor.id in row.complained_of or not may_see(complaint, actor):
        raise Refused(*NOT_FOUND)
    away = await standing_in.away_for(connections, procedure, complaint)
    return Case(row, complaint, procedure, actor, away)


async def shown(connections: Connections, ref: str, actor: Actor) -> Case:
    """As ``case``, for an answer that shows its personal data, which is noted (ENT-8)."""
    found = await case(connections, ref, actor)
    connections.reads.note(actor, "complaint", (ref,))
    return found


async def must_see(connections: Connections, ref: str, actor: Actor) -> None:
    """Raise Refused("not_found") unless the actor may know of the complaint."""
    scope = scope_of(actor)
    if not await complaint_queries.visible(connections.database, ref, scope, actor.id):
        await case(connections, ref, actor)  # workers of the version before write no names to the row


async def timeline(
    connections: Connections, ref: str, actor: Actor, *, after: int = 0, limit: int | None = None
) -> Sequence[Event]:
    """The events above ``after``, oldest first, what is personal in them masked for this reader.

    Raises Refused("not_found") outside the actor's scope.
    """
    await must_see(connections, ref, actor)
    connections.reads.note(actor, "timeline", (ref,))
    return await happened(connections, ref, actor, after=after, limit=limit)


async def happened(
    connections: Connections, ref: str, actor: Actor, *, after: int, limit: int | None = None
) -> Sequence[Event]:
    """As ``timeline``, for a reader who is known to see the complaint."""
    events = (await complaint_queries.events(connections.database, ref, after=after))[:limit]
    seen = seen_by(actor)
    if Personal.FORM in seen:
        return events
    fingerprint = await complaint_queries.fingerprint(connections.database, ref)
    assert fingerprint is not None, "who sees a complaint sees one that is there"
    procedure, _ = await connections.catalogue.by_fingerprint(fingerprint)
    return [mask_answers(procedure, event, seen) for event in events]


def event_data(event: Event) -> dict[str, Any]:
    """What an event says, as plain JSON types, without its kind."""
    data = wire.fact_to_data(event.fact)
    data.pop("kind")
    return data


def clock_of(found: Case, clock_id: str) -> Clock:
    """The clock; raises Refused("not_found") when the complaint has none of that id."""
    clock = found.complaint.clock(clock_id)
    if clock is None:
        known = ", ".join(clock.id for clock in found.complaint.clocks) or "none"
        raise Refused("not_found", f"{found.row.ref} has no clock {clock_id!r}; there is {known}")
    return clock


def explanation(found: Case, clock: Clock) -> tuple[Span, ...]:
    """The spans that lead from the clock's start to its due instant."""
    return why(clock, found.procedure.clock_rule(clock.rule), found.procedure.calendar)


def clock_state(clock: Clock) -> str:
    """One word: running, paused, breached (and still running), met, missed or stopped."""
    if clock.stopped_at is not None:
        if clock.met:
            return "met"
        return "missed" if clock.breached_at else "stopped"
    if clock.breached_at is not None:
        return "breached"
    return "paused" if clock.paused_at is not None else "running"
