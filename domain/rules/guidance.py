"""Guidance: recording that a point of the current step's guidance was done."""

from __future__ import annotations

from domain import commands as c
from domain import route
from domain.commands import Actor
from domain.draft import Draft
from domain.errors import Refused
from domain.guidance import GuidanceTicked, open_points
from domain.rules import Rule, Rules, Situation, must_be_open, must_perform


def _may_tick(situation: Situation) -> None:
    must_be_open(situation)
    step = situation.step
    if step is None or step.guidance is None:
        raise Refused("no_guidance", f"the step {situation.complaint.step!r} has no guidance")
    must_perform(situation, step)
    if not open_points(situation.complaint, step):
        raise Refused("already_ticked", f"all of the guidance of {step.name!r} is done")


def _tick(draft: Draft, command: c.TickGuidance, _: Actor) -> None:
    """HOT-1, HFC-4: completion is recorded point by point, each once every time the step is entered."""
    step = route.current(draft)
    if step is None or step.guidance is None:
        raise AssertionError("the guard has found the guidance")
    if command.point not in step.guidance.points:
        wanted = f"one of {', '.join(step.guidance.points)}"
        raise Refused("no_such_point", f"the guidance of {step.name!r} is {wanted}", fields={"point": wanted})
    if command.point in draft.complaint.ticked:
        left = ", ".join(open_points(draft.complaint, step))
        raise Refused("already_ticked", f"{command.point!r} is done; open: {left}", fields={"point": left})
    draft.emit(GuidanceTicked(step=step.name, point=command.point, note=command.note))


RULES: Rules = {c.TickGuidance: Rule(_may_tick, _tick)}
