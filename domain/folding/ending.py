"""The end of a complaint: closed, archived, opened again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain import clocks
from domain import events as ev
from domain.complaint import Complaint, OrderState, Status
from domain.events import Event
from domain.folding import Changes
from domain.procedure import Procedure
from domain.step import StepKind


def _reopened(procedure: Procedure, complaint: Complaint, _: Event, fact: ev.Reopened) -> dict[str, Any]:
    """CON-4: a finding stands while the customer refuses what we offer, and no longer than to the end.

    Who comes back after that, or is not satisfied with what was carried out, tells of something nobody has
    looked into: what units found then no longer stands for having been found.
    """
    refused = complaint.status is Status.DECISION
    found = {} if refused else {step.name for step in procedure.steps if step.kind is StepKind.HANDLE}
    return {
        "unverified": complaint.unverified or not refused,
        "outcomes": {step: outcome for step, outcome in complaint.outcomes.items() if step not in found},
        "round": fact.round,
        "closed_at": None,
        "closing_reason": "",
        "referred": (),
        "accepted": "",
        "approved": (),
        "callback": None,
    }


def _closed(_: Procedure, complaint: Complaint, event: Event, fact: ev.Closed) -> dict[str, Any]:
    """Closing stops every clock and takes back every open order: nothing runs on a closed complaint."""
    return {
        "status": Status.CLOSED,
        "step": "",
        "closed_at": event.at,
        "closing_reason": fact.reason,
        "referred": fact.referred,
        "callback": None,
        "held_at": None,
        "held_until": None,
        "asked": {},
        "orders": tuple(
            replace(o, state=OrderState.RECALLED) if o.state.open else o for o in complaint.orders
        ),
        "clocks": tuple(
            clocks.stopped(c, event.at, met=True) if c.stopped_at is None else c for c in complaint.clocks
        ),
    }


CHANGES: Changes = {
    ev.Reopened: _reopened,
    ev.Closed: _closed,
    ev.Archived: lambda _p, c, _e, fact: {"archived": (*c.archived, *fact.keepers)},
}
