"""Who may ask for what: the one place where roles and unit scope are enforced."""

from __future__ import annotations

from collections.abc import Mapping

from domain import commands as c
from domain.commands import Actor
from domain.complaint import Complaint
from domain.errors import Refused

AGENT = "agent"
HANDLER = "handler"
UNIT_HEAD = "unit_head"
APPROVER = "approver"
CALLBACK = "callback"
SUPERVISOR = "supervisor"
ANALYST = "analyst"
ADMINISTRATOR = "administrator"
PARTNER = "partner"
CUSTOMER = "customer"
SYSTEM = "system"

STAFF_ROLES = (
    AGENT, HANDLER, UNIT_HEAD, APPROVER, CALLBACK, SUPERVISOR, ANALYST, ADMINISTRATOR, PARTNER,
)  # fmt: skip
"""Roles a person can be given; ``customer`` and ``system`` come with how one is identified."""

POSTS = (
    "handler", "unit_head", "superior_head", "subject_head", "subject_superior_head", "direct_superior",
    "owner", "duty", "dispatcher",
)  # fmt: skip
"""Posts a ladder or a notice can name besides roles and ``customer``; holders are looked up when told."""

UNIT_ROLES = frozenset((HANDLER, UNIT_HEAD, PARTNER))
"""Roles that see and do only what was dispatched to one of their units."""

ALL_SEEING = frozenset((AGENT, APPROVER, CALLBACK, SUPERVISOR, ANALYST, ADMINISTRATOR))
"""Roles that see every complaint. A system does too, unless it is that of some units."""

_DESK = frozenset((AGENT, SUPERVISOR))
_UNIT = frozenset((HANDLER, UNIT_HEAD, PARTNER, SUPERVISOR, SYSTEM))
_BOTH = _DESK | _UNIT
_STAFF = frozenset(STAFF_ROLES) - {ANALYST}
_FOR_CUSTOMER = _DESK | {CALLBACK, CUSTOMER, SYSTEM}

MAY: Mapping[type, frozenset[str]] = {
    c.Open: _DESK | {CUSTOMER, SYSTEM},
    c.Classify: _DESK,
    c.AssignOwner: _DESK,
    c.LinkRepeat: _DESK,
    c.FlagMajor: _DESK | {UNIT_HEAD},
    c.Flag: _BOTH | {CALLBACK},
    c.Mark: _BOTH,
    c.FinishTask: _STAFF,
    c.TickGuidance: _STAFF,
    c.Dispatch: _DESK | {UNIT_HEAD},
    c.TakeOrder: _UNIT,
    c.DeclineOrder: _UNIT,
    c.AnswerOrder: _UNIT,
    c.SendBackOrder: _DESK,
    c.RecallOrder: _DESK,
    c.AskExtension: _BOTH,
    c.GrantExtension: frozenset((SUPERVISOR, UNIT_HEAD)),
    c.RefuseExtension: frozenset((SUPERVISOR, UNIT_HEAD)),
    c.Hold: _DESK | {UNIT_HEAD},
    c.Resume: _DESK | {UNIT_HEAD},
    c.Propose: _BOTH,
    c.Approve: _STAFF,
    c.RefuseApproval: _STAFF,
    c.SendBackProposal: _STAFF,
    c.InformCustomer: _BOTH | {CALLBACK},
    c.PromiseReply: _BOTH,
    c.AgreeVisit: _BOTH,
    c.MakeVisit: _UNIT,
    c.Accept: _FOR_CUSTOMER,
    c.Reject: _FOR_CUSTOMER,
    c.Fulfil: _BOTH,
    c.RecordCallback: frozenset((CALLBACK, SUPERVISOR)),
    c.Escalate: _BOTH | {CALLBACK},
    c.AddNote: _STAFF,
    c.AddInformation: _STAFF | {CUSTOMER, SYSTEM},
    c.Reopen: _DESK | {CALLBACK, CUSTOMER},
    c.Withdraw: _DESK | {CUSTOMER},
    c.Close: _DESK,
    c.RaiseConsequence: _STAFF,
    c.MoveProcedure: frozenset((SUPERVISOR, ADMINISTRATOR)),
    c.ReversePosting: frozenset((SUPERVISOR, APPROVER)),
    c.RetryPayout: frozenset((SUPERVISOR, APPROVER)),
    c.ConfirmPayout: frozenset((SUPERVISOR, APPROVER)),
    c.RecordPayout: frozenset((SYSTEM,)),
    c.RecordCase: frozenset((SYSTEM,)),
    c.Tick: frozenset((SYSTEM,)),
}


def check_role(command_type: type, actor: Actor) -> None:
    """Raise Refused("not_your_role") unless one of the actor's roles may give such a command."""
    allowed = MAY[command_type]
    if not allowed.intersection(actor.roles):
        named = ", ".join(sorted(allowed - {SYSTEM}))
        raise Refused("not_your_role", f"this takes one of the roles {named}")


def may_see(complaint: Complaint, actor: Actor) -> bool:
    """Whether the actor may know of it at all: in scope or chosen by name, and not complained of (MFG-7)."""
    if actor.id in complaint.complained_of:
        return False
    if ALL_SEEING.intersection(actor.roles) or (SYSTEM in actor.roles and not actor.units):
        return True
    if CUSTOMER in actor.roles:
        return actor.id in ("customer", complaint.customer)
    return actor.id in complaint.chosen or any(order.unit in actor.units for order in complaint.orders)


def check_scope(complaint: Complaint, actor: Actor) -> None:
    """Raise Refused("not_found") when the complaint lies outside the actor's units."""
    if not may_see(complaint, actor):
        raise Refused("not_found", "there is no such complaint for you")


def check_unit(unit: str, actor: Actor) -> None:
    """Raise Refused("not_your_unit") unless the actor works for ``unit`` or stands above units."""
    if SUPERVISOR in actor.roles or unit in actor.units:
        return
    if SYSTEM in actor.roles and not actor.units:
        return
    raise Refused("not_your_unit", f"this order was given to {unit}")
