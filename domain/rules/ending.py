"""Endings: closing by hand, withdrawal, and opening again."""

from __future__ import annotations

from collections.abc import Mapping

from domain import commands as c
from domain import events as ev
from domain import route
from domain.closing import ClosingReason
from domain.commands import Actor
from domain.complaint import Complaint
from domain.draft import Draft
from domain.errors import Refused
from domain.procedure import Procedure
from domain.rules import Rule, Rules, Situation, must_be_open, must_say

WITHDRAWN = "withdrawn"
"""The closing reason every procedure has for withdrawals."""


def _close(draft: Draft, command: c.Close, actor: Actor) -> None:
    """CRR-10: some reasons are for certain roles only, and need a note.

    Satisfaction is never declared by hand: it is what the customer says.
    """
    by_hand = [reason for reason in draft.procedure.reasons if reason.by]
    reason = next((r for r in by_hand if r.name == command.reason), None)
    if reason is None:
        wanted = ", ".join(r.name for r in by_hand) or "none"
        raise Refused("no_such_reason", f"reasons for closing by hand: {wanted}", fields={"reason": wanted})
    if not set(reason.by).intersection(actor.roles):
        raise Refused("not_your_role", f"closing as {reason.name!r} is for {', '.join(reason.by)}")
    if reason.needs_note:
        must_say(command.note, "note", "a reason in words")
    _check_way(draft, reason, command.way)
    route.close(draft, reason.name, command.note, (command.way,) if command.way else ())


def _check_way(draft: Draft, reason: ClosingReason, way: str) -> None:
    """ENT-10, CON-3: whoever is referred outside is told to whom."""
    if not reason.refer:
        if way:
            message = f"{reason.name!r} refers to nobody outside"
            raise Refused("no_such_way", message, fields={"way": "leave it out"})
        return
    known = [one.name for one in draft.procedure.ways_outside(draft.complaint.rule_facts())]
    if way not in known:
        wanted = f"one of {', '.join(known) or 'none'}"
        raise Refused("no_such_way", f"say who the customer is referred to: {wanted}", fields={"way": wanted})


def _withdraw(draft: Draft, command: c.Withdraw, _: Actor) -> None:
    draft.emit(ev.Withdrawn(reason=command.reason))
    route.close(draft, WITHDRAWN, command.reason)


def _may_reopen(situation: Situation) -> None:
    if situation.complaint.open:
        raise Refused("open", "the complaint is open")
    _check_not_final(situation.procedure, situation.complaint)
    policy = situation.procedure.rounds
    if policy.limit and situation.complaint.round >= policy.limit:
        raise Refused("no_more_rounds", f"this procedure allows {policy.limit} rounds")


def _check_not_final(procedure: Procedure, complaint: Complaint) -> None:
    """MFG-16: a final ruling is not opened again; the refusal names the ways that are left."""
    final = {reason.name for reason in procedure.reasons if reason.final}
    if complaint.closing_reason in final:
        ways = [_title(way.title) for way in procedure.ways_outside(complaint.rule_facts())]
        outside = f"; open to the customer: {'; '.join(ways)}" if ways else ""
        raise Refused("final", f"it ended as {complaint.closing_reason!r}, which is final{outside}")


def _title(titles: Mapping[str, str]) -> str:
    return titles.get("en") or next(iter(titles.values()), "")


def _reopen(draft: Draft, command: c.Reopen, _: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    route.new_round(draft, command.reason)


RULES: Rules = {
    c.Close: Rule(must_be_open, _close),
    c.Withdraw: Rule(must_be_open, _withdraw),
    c.Reopen: Rule(_may_reopen, _reopen),
}
