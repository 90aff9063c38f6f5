"""Steps: the kinds of work a route is made of, who does them, and where their outcomes lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from domain.approval import Approval
from domain.conditions import ALWAYS, Condition
from domain.fields import FormField
from domain.guidance import Guidance
from domain.purpose import PlannedOrder
from domain.worktime import Limit


class StepKind(StrEnum):
    """The closed set of kinds of work a route is made of."""

    TASK = "task"  # a person fills in a form and picks one of the step's outcomes
    HANDLE = "handle"  # orders to one or more units, joined
    PROPOSE = "propose"  # one or more solutions are worked out
    APPROVE = "approve"  # those in charge agree, in sequence or in parallel
    DECIDE = "decide"  # the customer is told and accepts or rejects
    FULFIL = "fulfil"  # what was promised is carried out
    CALLBACK = "callback"  # the customer is asked whether they are satisfied


OUTCOMES: Mapping[StepKind, tuple[str, ...]] = {
    StepKind.TASK: (),  # named by the step itself
    StepKind.HANDLE: ("answered",),
    StepKind.PROPOSE: ("proposed",),
    StepKind.APPROVE: ("approved", "refused", "sent_back"),
    StepKind.DECIDE: ("accepted", "rejected", "expired"),
    StepKind.FULFIL: ("fulfilled",),
    StepKind.CALLBACK: ("satisfied", "dissatisfied", "unreached"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where an outcome leads: the next step, a named step, a new round, or the end.

    ``go``: ``next`` | ``step`` | ``reopen`` | ``close``; ``name`` is the step or the closing reason.
    ``put`` are facts set on the way (for example ``severity: difficult``); ``measures`` are taken on the unit
    the case is about.
    """

    go: Literal["next", "step", "reopen", "close"]
    name: str = ""
    put: tuple[tuple[str, str], ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """How often and when the customer is called, and what is asked.

    ``sample`` is the percentage of cases called (100: every case); a case that is not drawn
    passes the step as satisfied without a call. ``retry_after`` counts on the procedure's calendar;
    ``in_hours``: a call that would fall outside working hours waits for the next opening.
    """

    attempts: int
    retry_after: Limit
    sample: int = 100
    first_after: Limit | None = None
    questions: tuple[FormField, ...] = ()
    in_hours: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of work in a route, with who may do it and where its outcomes lead.

    A handling step gives its main orders ``to`` units, or the ``orders`` it plans, which run side by side.
    ``join``: it is done when ``all`` are answered, ``any`` of them, or those of the purpose named.
    ``within_authority``: a proposal beyond the authority of whoever makes it is refused. ``at_least`` so many
    solutions must be proposed to choose from.
    """

    name: str
    kind: StepKind
    title: Mapping[str, str]
    when: Condition = ALWAYS
    by: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    join: str = "all"
    outcomes: Mapping[str, Target] = field(default_factory=dict)
    requires: tuple[FormField, ...] = ()
    approvals: tuple[Approval, ...] = ()
    in_parallel: bool = False
    callback: CallbackPolicy | None = None
    within_authority: bool = False
    at_least: int = 1
    orders: tuple[PlannedOrder, ...] = ()
    guidance: Guidance | None = None
