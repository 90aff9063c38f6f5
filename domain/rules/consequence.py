"""Consequences raised by hand: a case of its own about the unit or person concerned."""

from __future__ import annotations

from domain import commands as c
from domain import raising
from domain.commands import Actor
from domain.consequence import Consequence, ConsequenceOpened
from domain.draft import Draft
from domain.errors import Refused
from domain.roles import AGENT, SUPERVISOR
from domain.rules import Rule, Rules, Situation, must_say

USUALLY = (AGENT, SUPERVISOR)
"""Who raises a consequence for which the procedure names nobody."""


def _the_rule(situation: Situation) -> Consequence:
    known = situation.procedure.consequences
    rule = situation.procedure.consequence(situation.target)
    if rule is None:
        names = ", ".join(one.name for one in known) or "none"
        raise Refused(
            "no_such_consequence", f"consequences here: {names}", fields={"consequence": f"one of {names}"}
        )
    return rule


def _may_raise(situation: Situation) -> None:
    """Also on a closed complaint: what follows from it is often seen afterwards (HOT-4)."""
    rule = _the_rule(situation)
    if not situation.complaint.seq:
        raise Refused("not_open_yet", "the complaint is not opened yet")
    allowed = rule.by or USUALLY
    if not set(allowed).intersection(situation.actor.roles):
        raise Refused("not_your_role", f"{rule.name!r} is raised by {', '.join(allowed)}")


def _raise(draft: Draft, command: c.RaiseConsequence, _: Actor) -> None:
    """BNK-8, BNK-9: a person may raise what no rule did, and once more what a rule has raised before."""
    must_say(command.note, "note", "a reason")
    rule = draft.procedure.consequence(command.consequence)
    if rule is None:
        raise AssertionError("the guard has found the consequence")
    draft.emit(raising.raise_about(draft.complaint, rule, rule.ways[0], unit=command.unit, note=command.note))


def _anyone(_: Situation) -> None:
    """It happens by itself, whatever became of the complaint meanwhile."""


def _record(draft: Draft, command: c.RecordCase, _: Actor) -> None:
    raised = next((one for one in draft.complaint.to_open() if one.ref == command.ref), None)
    if raised is None:
        raise Refused("case_known", f"{command.ref} is no consequence that waits for its case")
    draft.emit(ConsequenceOpened(raised.consequence, raised.ref))


RULES: Rules = {
    c.RaiseConsequence: Rule(_may_raise, _raise, "consequence"),
    c.RecordCase: Rule(_anyone, _record),
}
