"""A procedure: how one organisation handles complaints, as typed data that a complaint pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, NoReturn

from domain.approval import Approval
from domain.authority import Authority
from domain.closing import ClosingReason, ExternalWay
from domain.conditions import ALWAYS, Condition
from domain.consequence import Consequence, HistoryRule, Way
from domain.guidance import Guidance
from domain.money import Money
from domain.worktime import Calendar, Limit

MAIN = "handle"
"""The purpose of orders that a handling step waits for unless it plans its own."""

DECLINED = "declined"
"""The word by which an order may follow from one that was declined."""

_MAIN_ALONE = frozenset((MAIN,))

REOPENED = "reopened"
"""The trigger that starts clocks afresh which are armed again in each round."""


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


class FieldType(StrEnum):
    """What a form field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    PHONE = "phone"
    EMAIL = "email"
    FILE = "file"
    PERSON = "person"  # by their id in the directory
    UNIT = "unit"


ROUTABLE = frozenset((
    FieldType.CHOICE, FieldType.NUMBER, FieldType.MONEY, FieldType.YES_NO, FieldType.DATE,
    FieldType.PERSON, FieldType.UNIT,
))  # fmt: skip
"""Types whose values conditions may test; free text and contact data never steer a route."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; ``personal`` ones are masked and never enter a workflow's history.

    A ``file`` field is answered with attachments of the complaint: ``at_least`` so many, each of one of the
    kinds of ``evidence`` (any kind when none is named). Numbers and amounts lie from ``lowest`` to
    ``highest``, both included.
    ``subject``: it names the unit the complaint is about. ``complained_of``: it names a person it is about,
    who is kept from it (``domain.conflict``).
    """

    name: str
    type: FieldType
    title: Mapping[str, str]
    required: bool = False
    when: Condition = ALWAYS
    personal: bool = False
    choices: tuple[str, ...] = ()
    max_length: int = 4000
    evidence: tuple[str, ...] = ()
    at_least: int = 1
    lowest: Decimal | None = None
    highest: Decimal | None = None
    complained_of: bool = False
    subject: bool = False


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
    passes the step as satisfied without a call. ``retry_after`` counts on the procedure's calendar.
    """

    attempts: int
    retry_after: Limit
    sample: int = 100
    first_after: Limit | None = None
    questions: tuple[FormField, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order a handling step gives by itself: for a purpose, to units, when a condition holds."""

    purpose: str
    to: tuple[str, ...]
    when: Condition = ALWAYS


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


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why an order is given. ``handle`` is the main work; others run beside the route.

    ``outcomes`` an answer must choose from; ``follow`` maps an outcome, or ``declined``, to the purpose of
    the order that is given next by itself and the units it goes to (none said: as its own purpose says, else
    to the same unit). ``requires`` must be filled in with an answer. ``to``: where such orders go unless
    somebody says otherwise; ``by``: who may take and answer them.
    """

    name: str
    title: Mapping[str, str]
    outcomes: tuple[str, ...] = ()
    follow: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    requires: tuple[FormField, ...] = ()
    to: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of an escalation ladder.

    Exactly one of: ``share`` (percent of the limit used up, 1 to 99), or ``after`` (time past the
    due instant on the same calendar), or neither: at the due instant itself.
    ``to`` is a post: handler, unit_head, superior_head, owner, duty, or a role.
    """

    to: tuple[str, ...]
    share: int | None = None
    after: Limit | None = None


@dataclass(frozen=True, slots=True)
class ClockRule:
    """When a deadline runs, how long, what stops it, and who hears of it.

    ``starts`` and ``stops`` are triggers (see ``domain.triggers``). ``per`` order: one clock for each
    order that triggers it. ``rearm``: a new round stops the old one and starts it afresh.
    ``expires``: reaching the due instant is no breach but gives the current step this outcome.
    ``until`` names a date somebody fills in: it is due at the end of that day; ``limits`` count without one.
    """

    name: str
    title: Mapping[str, str]
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    limits: tuple[tuple[Condition, Limit], ...]
    per: Literal["complaint", "order"] = "complaint"
    day_end: Literal["close", "same_time"] = "close"
    pausable: bool = True
    rearm: bool = False
    expires: str = ""
    ladder: tuple[Rung, ...] = ()
    until: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told what when something happens. ``on`` is a trigger, ``to`` posts or ``customer``."""

    on: str
    to: tuple[str, ...]
    template: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class RepeatPolicy:
    """What counts as a repeat: same customer and same values of ``match`` within ``days``."""

    match: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class RoundPolicy:
    """Where a new round begins, how many are allowed (0: without limit), and from which round
    the orders go to the superior unit. ``then`` is the closing reason when the last allowed round fails."""

    start_at: str
    limit: int = 0
    superior_from: int = 0
    then: str = ""


KEEPERS = ("organisation", "unit", "superior", "order_units")
"""Whose archives a closed complaint can go to, beside ``unit:<id>``: the whole organisation, the unit
complained of, the unit above it, the units that answered handling orders."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days a complaint is kept after its closing, and what is done with it then."""

    days: int
    then: Literal["anonymise", "delete"] = "anonymise"


@dataclass(frozen=True, slots=True)
class Text:
    """One message in one language. To customers the parts are always sent in this order (CON-1)."""

    subject: str
    thanks: str = ""
    apology: str = ""
    body: str = ""
    closing: str = ""


@dataclass(frozen=True)
class Procedure:
    """One version of one organisation's way of handling complaints, complete with its calendar.

    Every event of every complaint looks its rules up, so what is found by name is indexed once.
    ``nested`` are the procedures of its consequences, by their names; each is stored and pinned on its own.
    ``external_ways`` are the titles of ways outside that have no name, ``ways`` those that have one.
    """

    name: str
    version: str
    prefix: str
    title: Mapping[str, str]
    calendar: Calendar
    languages: tuple[str, ...]
    vocabulary: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, Mapping[str, str]]
    fields: tuple[FormField, ...]
    steps: tuple[Step, ...]
    purposes: tuple[Purpose, ...]
    clocks: tuple[ClockRule, ...]
    notices: tuple[Notice, ...]
    reasons: tuple[ClosingReason, ...]
    rounds: RoundPolicy
    texts: Mapping[str, Mapping[str, Text]]
    marks: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    major: tuple[Condition, ...] = ()
    repeat: RepeatPolicy | None = None
    remedies: tuple[str, ...] = ()
    external_ways: tuple[Mapping[str, str], ...] = ()
    organisation: str = ""
    archive: tuple[str, ...] = ()
    retention: Retention | None = None
    offices: tuple[str, ...] = ()
    top_unit: str = ""
    contact_notice: Limit | None = None
    """The unit at the top of the organisation; roles are told within it only. Empty: wherever they sit."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    consequences: tuple[Consequence, ...] = ()
    history: tuple[HistoryRule, ...] = ()
    nested: Mapping[str, Procedure] = field(default_factory=dict)
    money: Money | None = None
    ways: tuple[ExternalWay, ...] = ()
    authority: tuple[Authority, ...] = ()
    proven_flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def step(self, name: str) -> Step:
        """The step called ``name``; KeyError when there is none (the loader has checked that)."""
        return self._steps.get(name) or _missing("step", name)

    def clock(self, name: str) -> ClockRule:
        """The clock rule called ``name``."""
        return self.clock_rule(name) or _missing("clock", name)

    def clock_rule(self, name: str) -> ClockRule | None:
        """The clock rule called ``name``; None for promises and visits, which no rule starts."""
        return self._clock_rules.get(name)

    def started_by(self, trigger: str) -> tuple[ClockRule, ...]:
        """The clock rules that ``trigger`` starts, or starts afresh, in the order of the procedure."""
        return self._starters.get(trigger, ())

    def may_stop(self, trigger: str) -> bool:
        """Whether ``trigger`` stops any clock rule of this procedure."""
        return trigger in self._stoppers

    def told_on(self, trigger: str) -> tuple[Notice, ...]:
        """The notices that ``trigger`` causes, in the order of the procedure."""
        return self._told.get(trigger, ())

    def raised_on(self, trigger: str) -> tuple[tuple[Consequence, Way], ...]:
        """The consequences that ``trigger`` raises by rule, each with the way in which it does."""
        return self._raised.get(trigger, ())

    def consequence(self, name: str) -> Consequence | None:
        """The consequence called ``name``, None when there is none."""
        return next((rule for rule in self.consequences if rule.name == name), None)

    def hears(self, trigger: str) -> bool:
        """Whether ``trigger`` starts or stops any clock, is told to anybody, or raises a consequence."""
        indexes = (self._starters, self._stoppers, self._told, self._raised)
        return any(trigger in index for index in indexes)

    def purpose(self, name: str) -> Purpose:
        """The order purpose called ``name``."""
        return next((p for p in self.purposes if p.name == name), None) or _missing("purpose", name)

    def reason(self, name: str) -> ClosingReason:
        """The closing reason called ``name``."""
        return next((r for r in self.reasons if r.name == name), None) or _missing("closing reason", name)

    def ways_outside(self, facts: Mapping[str, Any]) -> tuple[ExternalWay, ...]:
        """The authorities outside that are open to the customer of a complaint with these facts."""
        plain = (ExternalWay(str(place), title) for place, title in enumerate(self.external_ways, start=1))
        return (*plain, *(way for way in self.ways if way.when.holds(facts)))

    def awaited(self, step: Step) -> frozenset[str]:
        """The purposes a handling step waits for, with those that follow from them; its join may name one."""
        return self._awaited.get(step.name, _MAIN_ALONE)

    @cached_property
    def chosen_persons(self) -> tuple[str, ...]:
        """The form fields that name who does a step or an order."""
        named = (
            *(word for s in self.steps for word in s.by),
            *(word for p in self.purposes for word in p.by),
        )
        found = (word.removeprefix("chosen:") for word in named if word.startswith("chosen:"))
        return tuple(dict.fromkeys(found))

    @cached_property
    def _awaited(self) -> Mapping[str, frozenset[str]]:
        following = {p.name: [name for name, _ in p.follow.values()] for p in self.purposes}
        found: dict[str, frozenset[str]] = {}
        for step in self.steps:
            named = step.join not in ("all", "any")
            waiting = [step.join] if named else [order.purpose for order in step.orders]
            seen: set[str] = set()
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    waiting += following.get(name, ())
            if seen:
                found[step.name] = frozenset(seen)
        return found

    @cached_property
    def _steps(self) -> Mapping[str, Step]:
        return {step.name: step for step in self.steps}

    @cached_property
    def _clock_rules(self) -> Mapping[str, ClockRule]:
        return {rule.name: rule for rule in self.clocks}

    @cached_property
    def _starters(self) -> Mapping[str, tuple[ClockRule, ...]]:
        by_trigger: dict[str, tuple[ClockRule, ...]] = {}
        for rule in self.clocks:
            again = (REOPENED,) if rule.rearm and rule.per == "complaint" else ()
            for trigger in dict.fromkeys((*rule.starts, *again)):
                by_trigger[trigger] = (*by_trigger.get(trigger, ()), rule)
        return by_trigger

    @cached_property
    def _stoppers(self) -> frozenset[str]:
        return frozenset(trigger for rule in self.clocks for trigger in rule.stops)

    @cached_property
    def _told(self) -> Mapping[str, tuple[Notice, ...]]:
        by_trigger: dict[str, tuple[Notice, ...]] = {}
        for notice in self.notices:
            by_trigger[notice.on] = (*by_trigger.get(notice.on, ()), notice)
        return by_trigger

    @cached_property
    def _raised(self) -> Mapping[str, tuple[tuple[Consequence, Way], ...]]:
        by_trigger: dict[str, tuple[tuple[Consequence, Way], ...]] = {}
        for rule, way in ((one, way) for one in self.consequences for way in one.ways):
            for trigger in way.on:
                by_trigger[trigger] = (*by_trigger.get(trigger, ()), (rule, way))
        return by_trigger


def _missing(what: str, name: str) -> NoReturn:
    raise KeyError(f"the procedure has no {what} {name!r}")
