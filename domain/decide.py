"""Deciding: what a command leads to, or why it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain import events as ev
from domain import route
from domain.commands import COMMANDS, VERBS, Actor, Asked, Malformed, Open, Tick
from domain.complaint import Complaint
from domain.draft import Draft
from domain.errors import Refused
from domain.events import Event
from domain.procedure import Procedure
from domain.roles import check_role, check_scope
from domain.rules import (
    Rule,
    Situation,
    approval,
    callback,
    consequence,
    deadline,
    desk,
    ending,
    guidance,
    money,
    moving,
    order,
    proposal,
)
from domain.sanity import check_texts
from domain.step import StepKind
from domain.timekeeping import next_due, tick
from domain.worktime import WorktimeError

_RULES: Mapping[type, Rule] = {
    **desk.RULES,
    **order.RULES,
    **proposal.RULES,
    **approval.RULES,
    **deadline.RULES,
    **callback.RULES,
    **ending.RULES,
    **money.RULES,
    **consequence.RULES,
    **guidance.RULES,
    **moving.RULES,
}

CLOCKWORK = Actor(id="clock", roles=("system",))
"""Who acts when time passes."""

CASEKEEPER = Actor(id="consequences", roles=("system",))
"""Who opens the cases of consequences."""

PAYMASTER = Actor(id="payments", roles=("system",))
"""Who acts when the payment system has answered."""

NOTHING_KNOWN: Mapping[str, str] = {}
"""When nobody was asked how units stand."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is legal now: a verb and, where it needs one, the order, clock or approval meant."""

    verb: str
    target: str = ""


def decide(
    procedure: Procedure, complaint: Complaint, command: Any, asked: Asked, now: datetime
) -> list[Event]:
    """The events ``command`` leads to; folding them gives the complaint afterwards.

    ``now`` is aware UTC. What fell due before the command comes first, so a late worker cannot let a
    command slip in ahead of a deadline that had passed.
    Raises Refused, and then nothing has happened.
    """
    return drafted(procedure, complaint, command, asked, now).events


def drafted(  # noqa: PLR0917 - as decide, and what was found out
    procedure: Procedure,
    complaint: Complaint,
    command: Any,
    asked: Asked,
    now: datetime,
    standing: Mapping[str, str] = NOTHING_KNOWN,
) -> Draft:
    """As ``decide``, with the complaint after each event: what a caller needs that goes on from there.

    ``standing``: why units get no orders now, blank for those that do; of units the route gives an order to
    and which are not in it, the draft says that they were not asked about.
    """
    draft = Draft(
        procedure,
        complaint,
        now,
        asked.actor.id,
        files=asked.files,
        places=asked.places,
        away=asked.away,
        standing=standing,
    )
    if isinstance(command, Tick):
        draft.by = CLOCKWORK.id
        tick(draft)
        route.keep_approvals(draft)
        return draft
    actor, stands = asked.actor, complaint
    try:
        due = next_due(complaint)
        if due is not None and due <= now:
            draft.by = CLOCKWORK.id
            tick(draft)
            draft.by, stands = actor.id, draft.complaint
        if isinstance(command, Malformed):
            raise Refused("malformed", command.problem)
        check_texts(command)
        check_role(type(command), actor)
        if complaint.seq:
            check_scope(complaint, actor)
        if asked.expected_seq is not None and asked.expected_seq != complaint.seq:
            raise Refused(
                "stale", f"the complaint has moved on to {complaint.seq}; you saw {asked.expected_seq}"
            )
        rule = _RULES[type(command)]
        target = getattr(command, rule.target) if rule.target else ""
        rule.guard(Situation(procedure, draft.complaint, actor, target, asked.away))
        rule.apply(draft, command, actor)
        route.keep_approvals(draft)
    except (Refused, WorktimeError) as error:
        refusal = error if isinstance(error, Refused) else Refused("time", str(error))
        # What fell due before the command has its effect either way, so that is what stands.
        legal = tuple(dict.fromkeys(a.verb for a in allowed_actions(procedure, stands, actor, asked.away)))
        raise replace(refusal, legal=legal) from None
    return draft


def check_opening(procedure: Procedure, command: Open, asked: Asked, now: datetime) -> None:
    """Raise Refused where ``decide`` would for what an opening itself says, without drafting what follows.

    What follows from it by rule may still be refused, for example where a calendar leads nowhere: that
    depends on the procedure, its words and the instant, and is the same for everybody who says the same.
    """
    check_texts(command)
    check_role(Open, asked.actor)
    desk.check_open(procedure, command, asked.actor, now)


def drafted_signal(  # noqa: PLR0917 - as drafted
    procedure: Procedure,
    complaint: Complaint,
    command: Any,
    asked: Asked,
    now: datetime,
    standing: Mapping[str, str] = NOTHING_KNOWN,
) -> Draft:
    """As ``drafted``, but a refusal is an event on the timeline: a signal has nobody to be told."""
    try:
        return drafted(procedure, complaint, command, asked, now, standing)
    except Refused as refusal:
        draft = Draft(procedure, complaint, now, asked.actor.id)
        verb = command.verb if isinstance(command, Malformed) else VERBS[type(command)]
        draft.emit(ev.CommandRefused(verb=verb, code=refusal.code, reason=refusal.reason))
        return draft


def allowed_actions(
    procedure: Procedure, complaint: Complaint, actor: Actor, away: frozenset[str] = frozenset()
) -> tuple[Action, ...]:
    """Every action the guards let this actor take now. A client that offers these never guesses.

    ``away``: the roles whose holders are all away, as ``Asked`` has them. Before it is opened, nothing is.
    """
    if not complaint.seq:
        return ()
    try:
        check_scope(complaint, actor)
    except Refused:
        return ()
    actions = []
    for verb, command_type in COMMANDS.items():
        rule = _RULES[command_type]
        for target in _targets(rule, procedure, complaint):
            try:
                check_role(command_type, actor)
                rule.guard(Situation(procedure, complaint, actor, target, away))
            except Refused:
                continue
            actions.append(Action(verb, target))
    return tuple(actions)


def _targets(rule: Rule, procedure: Procedure, complaint: Complaint) -> tuple[str, ...]:
    match rule.target:
        case "order":
            return tuple(o.id for o in complaint.orders)
        case "clock":
            return tuple(clock.id for clock in complaint.running())
        case "consequence":
            return tuple(rule.name for rule in procedure.consequences)
        case "posting":
            return tuple(posting.id for posting in complaint.postings)
        case "approval":
            step = procedure.step(complaint.step) if complaint.step else None
            if step is None or step.kind is not StepKind.APPROVE:
                return ()
            return tuple(asked.name for asked in route.open_approvals(complaint, step))
        case _:
            return ("",)
