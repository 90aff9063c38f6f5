"""Approvals: who has to agree before a proposal goes on, which are open, and who may give one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from domain.conditions import ALWAYS, Condition

if TYPE_CHECKING:
    from domain.commands import Actor
    from domain.complaint import Complaint, Order
    from domain.procedure import Procedure

UNIT = ":"
"""Stands between an approval and the unit whose signature it is: ``sign:quality``."""


@dataclass(frozen=True, slots=True)
class Approval:
    """One agreement that is needed: by a role, when a condition holds.

    ``each`` unit: one signature of every unit that answered a handling order in this round, given by somebody
    of that unit. ``substitute`` are roles that may give it once a clock started for it is breached.
    """

    name: str
    by: tuple[str, ...]
    when: Condition = ALWAYS
    each: Literal["", "unit"] = ""
    substitute: tuple[str, ...] = ()


class Needed(NamedTuple):
    """One agreement as it is asked for: its name, its rule, and the order of the unit that signs."""

    name: str
    rule: Approval
    order: str = ""
    unit: str = ""


def base(name: str) -> str:
    """The approval behind a name: ``sign`` for ``sign:quality``."""
    return name.partition(UNIT)[0]


def needed(
    approvals: Sequence[Approval], facts: Mapping[str, Any], answered: Sequence[Order]
) -> list[Needed]:
    """All that is needed now, in order; ``answered`` are the answered handling orders of this round."""
    found: list[Needed] = []
    for rule in approvals:
        if not rule.when.holds(facts):
            continue
        if rule.each == "unit":
            last = {order.unit: order for order in answered}
            found += [Needed(f"{rule.name}{UNIT}{o.unit}", rule, o.id, o.unit) for o in last.values()]
        else:
            found.append(Needed(rule.name, rule))
    return found


def giving_roles(
    procedure: Procedure,
    complaint: Complaint,
    asked: Needed,
    actor: Actor,
    away: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """The roles by which ``actor`` may give this approval now; empty when they may not.

    A signature of a unit is for those who work there; a substitute may give it while all whose it is are
    away, and from the moment a clock that runs for this approval is breached.
    """
    mine = frozenset(asked.rule.by).intersection(actor.roles)
    if asked.unit and asked.unit not in actor.units:
        mine = frozenset()
    if mine or not asked.rule.substitute:
        return mine
    if _is_away(asked, away) or _is_late(procedure, complaint, asked):
        mine = frozenset(asked.rule.substitute).intersection(actor.roles)
    return mine


def _is_away(asked: Needed, away: frozenset[str]) -> bool:
    """Whether nobody is there who could give this approval."""
    return all((f"{role}{UNIT}{asked.unit}" if asked.unit else role) in away for role in asked.rule.by)


def _is_late(procedure: Procedure, complaint: Complaint, asked: Needed) -> bool:
    """Whether a clock that was started by the opening of this approval runs and is breached."""
    trigger = f"approval:{asked.rule.name}"
    for clock in complaint.running():
        rule = procedure.clock_rule(clock.rule)
        if rule is None or clock.breached_at is None or trigger not in rule.starts:
            continue
        if not clock.order or clock.order == asked.order:
            return True
    return False
