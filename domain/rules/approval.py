"""Approvals: those in charge agree, refuse or send back, each within their authority."""

from __future__ import annotations

from domain import authority, route
from domain import commands as c
from domain import events as ev
from domain.approval import Needed, giving_roles
from domain.commands import Actor
from domain.draft import Draft
from domain.errors import Refused
from domain.rules import Rule, Rules, Situation, must_be_in, must_say
from domain.step import StepKind


def _open_approval(situation: Situation) -> Needed:
    """The approval meant, or the first open one this actor may give."""
    step = must_be_in(situation, StepKind.APPROVE)
    opened = route.open_approvals(situation.complaint, step)
    names = [asked.name for asked in opened]
    if situation.target and situation.target not in names:
        raise Refused("no_such_approval", f"open approvals: {', '.join(names) or 'none'}")
    meant = [asked for asked in opened if situation.target in ("", asked.name)]
    for asked in meant:
        if _roles(situation, asked):
            return asked
    raise Refused("not_your_role", f"this approval is for {'; '.join(map(_who, meant)) or 'nobody'}")


def _who(asked: Needed) -> str:
    """Whom an approval is for, in words."""
    roles = ", ".join(asked.rule.by)
    of_unit = f" of {asked.unit}" if asked.unit else ""
    late = f" (late or away: also {', '.join(asked.rule.substitute)})" if asked.rule.substitute else ""
    return f"{roles}{of_unit}{late}"


def _may_answer(situation: Situation) -> None:
    _open_approval(situation)


def _may_approve(situation: Situation) -> None:
    """BNK-7, MFG-4: nobody agrees beyond their authority, unless somebody whose authority reaches has to too.

    So each level passes a demand on with its word, and the last word is of one who may give it.
    """
    asked = _open_approval(situation)
    table = situation.procedure.authority
    if not table:
        return
    complaint = situation.complaint
    facts = complaint.rule_facts()
    if authority.may_settle(table, facts, _roles(situation, asked)):
        return
    step = must_be_in(situation, StepKind.APPROVE)
    others = (one for one in route.needed_approvals(complaint, step) if one.name != asked.name)
    if not any(authority.may_settle(table, facts, one.rule.by) for one in others):
        may = ", ".join(authority.who_may(table, facts)) or "nobody who is listed"
        raise Refused("over_authority", f"this is beyond your authority; within it are: {may}")


def _meant(draft: Draft, approval: str, actor: Actor) -> Needed:
    return _open_approval(_situation(draft, approval, actor))


def _situation(draft: Draft, approval: str, actor: Actor) -> Situation:
    return Situation(draft.procedure, draft.complaint, actor, approval, draft.away)


def _roles(situation: Situation, asked: Needed) -> frozenset[str]:
    """The roles by which the actor may give an approval in this situation."""
    return giving_roles(situation.procedure, situation.complaint, asked, situation.actor, situation.away)


def _approve(draft: Draft, command: c.Approve, actor: Actor) -> None:
    """ENT-4, CON-2: nothing goes to the customer before the last needed approval."""
    asked = _meant(draft, command.approval, actor)
    roles = _roles(_situation(draft, asked.name, actor), asked)
    draft.emit(
        ev.Approved(
            approval=asked.name,
            note=command.note,
            order=asked.order,
            substitute=roles.isdisjoint(asked.rule.by) or bool(asked.unit and asked.unit not in actor.units),
        )
    )
    step = route.current(draft)
    if step is None:
        return
    if route.pending_approvals(draft.complaint, step):
        route.tell_open_approvals(draft, step)
    else:
        route.finish(draft, "approved")


def _refuse(draft: Draft, command: c.RefuseApproval, actor: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    asked = _meant(draft, command.approval, actor)
    draft.emit(ev.ApprovalRefused(approval=asked.name, reason=command.reason, order=asked.order))
    route.finish(draft, "refused", note=command.reason)


def _send_back(draft: Draft, command: c.SendBackProposal, actor: Actor) -> None:
    must_say(command.remarks, "remarks", "remarks")
    asked = _meant(draft, command.approval, actor)
    draft.emit(ev.ApprovalSentBack(approval=asked.name, remarks=command.remarks, order=asked.order))
    route.finish(draft, "sent_back", note=command.remarks)


RULES: Rules = {
    c.Approve: Rule(_may_approve, _approve, "approval"),
    c.RefuseApproval: Rule(_may_answer, _refuse, "approval"),
    c.SendBackProposal: Rule(_may_answer, _send_back, "approval"),
}
