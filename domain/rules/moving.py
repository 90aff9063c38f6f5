"""Moving: an open complaint goes on by another version of its procedure."""

from __future__ import annotations

from domain import commands as c
from domain.commands import Actor
from domain.complaint import Complaint
from domain.draft import AGREED_STOPS, Draft
from domain.errors import Refused
from domain.procedure import Procedure
from domain.rules import Rule, Rules, must_be_open, must_say
from domain.timekeeping import tick


def _move(draft: Draft, command: c.MoveProcedure, _: Actor) -> None:
    """Procedure changes affect new complaints only; moving an open one is explicit and on record.

    What runs keeps its limit and goes by the new version's calendar and ladder; what starts later is the new
    version's. A deadline that thereby lies behind is breached at once.
    """
    must_say(command.reason, "reason", "a reason")
    to = command.to
    if to is None or to.name != draft.procedure.name or to.version != command.version:
        wanted = f"a stored version of {draft.procedure.name}"
        raise Refused("no_such_version", f"move it to {wanted}", fields={"version": wanted})
    if to.version == draft.procedure.version:
        raise Refused("same_version", f"it is handled by {to.version} already", fields={"version": "another"})
    misfits = _misfits(draft.procedure, to, draft.complaint)
    if misfits:
        raise Refused(
            "does_not_fit", "the other version lacks what this complaint is in the middle of", fields=misfits
        )
    draft.move_to(to, command.reason)
    tick(draft)


def _misfits(old: Procedure, new: Procedure, complaint: Complaint) -> dict[str, str]:
    """What the complaint is in the middle of and the new version does not have, each with what is missing."""
    wrong = {}
    kind = old.step(complaint.step).kind
    if not any(step.name == complaint.step and step.kind is kind for step in new.steps):
        wrong[f"step.{complaint.step}"] = f"there is no {kind.value} step of that name"
    purposes = {purpose.name for purpose in new.purposes}
    for order in complaint.open_orders():
        if order.purpose not in purposes:
            wrong[f"order.{order.id}"] = f"there is no purpose {order.purpose!r}"
    for clock in complaint.running():
        if new.clock_rule(clock.rule) is None and clock.rule not in AGREED_STOPS:
            wrong[f"clock.{clock.id}"] = f"there is no clock {clock.rule!r}"
    for name, value in complaint.facts.items():
        words = new.vocabulary.get(name)
        if words is not None and value not in words:
            wrong[f"facts.{name}"] = f"{value!r} is none of {', '.join(words)}"
    return wrong


RULES: Rules = {c.MoveProcedure: Rule(must_be_open, _move)}
