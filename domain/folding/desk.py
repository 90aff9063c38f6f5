"""What the desk does: opening, facts, flags and marks, steps entered and finished."""

from __future__ import annotations

from typing import Any

from domain import events as ev
from domain.complaint import STATUS_OF, Complaint
from domain.conflict import named_in
from domain.events import Event
from domain.folding import Changes, with_facts
from domain.forms import routable
from domain.guidance import GuidanceTicked
from domain.procedure import Procedure
from domain.step import StepKind


def _opened(procedure: Procedure, complaint: Complaint, event: Event, fact: ev.Opened) -> dict[str, Any]:
    return {
        "ref": fact.ref,
        "customer": fact.customer,
        "owner": fact.owner,
        "channel": fact.channel,
        "language": fact.language,
        "unit": fact.unit,
        "unit_kind": fact.unit_kind,
        "unit_above": fact.unit_above,
        **with_facts(procedure, complaint, fact.facts),
        "opened_at": fact.received_at or event.at,
        "repeat_of": fact.repeat_of,
        "repeat_reason": fact.repeat_reason,
        "repeat_count": fact.repeat_count,
        "draw": fact.draw,
        "parent": fact.parent,
        "consequence": fact.consequence,
        "person": fact.person,
        "history": dict(fact.history),
        "unit_standing": fact.unit_standing,
        "complained_of": fact.complained_of,
    }


def _classified(procedure: Procedure, complaint: Complaint, _: Event, fact: ev.Classified) -> dict[str, Any]:
    return with_facts(procedure, complaint, fact.facts)


def _repeat_linked(_: Procedure, complaint: Complaint, __: Event, fact: ev.RepeatLinked) -> dict[str, Any]:
    return {
        "repeat_of": fact.ref,
        "repeat_reason": fact.reason,
        "repeat_count": max(complaint.repeat_count, 1),
    }


def _step_entered(
    procedure: Procedure, complaint: Complaint, _: Event, fact: ev.StepEntered
) -> dict[str, Any]:
    outcomes = {step: outcome for step, outcome in complaint.outcomes.items() if step != fact.step}
    kind = procedure.step(fact.step).kind
    return {
        "step": fact.step,
        "ticked": (),
        "withheld": (),
        "status": STATUS_OF[kind],
        "outcomes": outcomes,
        "callback": None,
        "opened_approvals": (),
    }


def _step_finished(
    procedure: Procedure, complaint: Complaint, _: Event, fact: ev.StepFinished
) -> dict[str, Any]:
    step = procedure.step(fact.step)
    named = named_in(step.requires, fact.answers)
    return {
        "outcomes": {**complaint.outcomes, fact.step: fact.outcome},
        **with_facts(procedure, complaint, routable(step.requires, fact.answers)),
        "unverified": complaint.unverified and step.kind is not StepKind.TASK,
        "callback": None,
        "complained_of": tuple(dict.fromkeys((*complaint.complained_of, *named))),
    }


CHANGES: Changes = {
    ev.Opened: _opened,
    ev.Classified: _classified,
    ev.OwnerAssigned: lambda _p, _c, _e, fact: {"owner": fact.owner},
    ev.RepeatLinked: _repeat_linked,
    ev.MajorFlagged: lambda _p, _c, _e, _f: {"major": True},
    ev.Flagged: lambda _p, c, _e, fact: {"flags": tuple(dict.fromkeys((*c.flags, fact.flag)))},
    ev.Marked: lambda _p, c, _e, fact: {"marks": tuple(dict.fromkeys((*c.marks, fact.mark)))},
    ev.StepEntered: _step_entered,
    GuidanceTicked: lambda _p, c, _e, fact: {"ticked": (*c.ticked, fact.point)},
    ev.StepFinished: _step_finished,
}
