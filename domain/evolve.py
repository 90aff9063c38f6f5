"""Folding: from the events of a complaint to its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain import events as ev
from domain.complaint import Complaint
from domain.errors import CorruptHistory
from domain.events import Event
from domain.folding import (
    Changes,
    callback,
    consequence,
    deadline,
    desk,
    ending,
    money,
    moving,
    order,
    proposal,
)
from domain.procedure import Procedure

_CHANGES: Changes = {
    **desk.CHANGES,
    **order.CHANGES,
    **proposal.CHANGES,
    **deadline.CHANGES,
    **callback.CHANGES,
    **ending.CHANGES,
    **money.CHANGES,
    **consequence.CHANGES,
    **moving.CHANGES,
}


def evolve(procedure: Procedure, complaint: Complaint, event: Event) -> Complaint:
    """The complaint after ``event``.

    Raises CorruptHistory when the event does not follow the one before it.
    """
    if event.seq != complaint.seq + 1:
        raise CorruptHistory(f"{complaint.ref}: event {event.seq} cannot follow {complaint.seq}")
    change = _CHANGES.get(type(event.fact))
    changes = change(procedure, complaint, event, event.fact) if change else {}
    return complaint.changed({**changes, "seq": event.seq})


Versions = Mapping[tuple[str, str], Procedure]
"""Procedures by name and version."""


def refold(procedure: Procedure, events: Iterable[Event], versions: Versions | None = None) -> Complaint:
    """The complaint that ``events``, from the first on, lead to.

    ``versions`` are those it was handled by before ``procedure``, where it was moved (see ``versions_in``).
    """
    complaint, by = Complaint(), procedure
    for event in events:
        if versions and isinstance(event.fact, ev.Opened | ev.ProcedureMoved):
            by = versions.get((event.fact.procedure, event.fact.version), procedure)
        complaint = evolve(by, complaint, event)
    return complaint


def versions_in(events: Iterable[Event]) -> list[tuple[str, str]]:
    """Name and version of every procedure a complaint was handled by; one alone unless it was moved."""
    found = (e.fact for e in events if isinstance(e.fact, ev.Opened | ev.ProcedureMoved))
    return list(dict.fromkeys((fact.procedure, fact.version) for fact in found))
