"""A procedure: how one organisation handles complaints, as typed data that a complaint pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from domain.authority import Authority
from domain.clockrule import ClockRule
from domain.closing import ClosingReason, ExternalWay
from domain.conditions import Condition
from domain.consequence import Consequence, HistoryRule, Way
from domain.fields import FormField, chosen_in
from domain.money import Money
from domain.notice import Notice, Text
from domain.purpose import MAIN, Purpose
from domain.retention import Retention
from domain.step import Step
from domain.worktime import Calendar, Limit

_MAIN_ALONE = frozenset((MAIN,))

REOPENED = "reopened"
"""The trigger that starts clocks afresh which are armed again in each round."""


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


@dataclass(frozen=True)
class Procedure:
    """One version of one organisation's way of handling complaints, complete with its calendar.

    Every event of every complaint looks its rules up, so what is found by name is indexed once. ``nested``
    are the procedures of its consequences, by their names; each is stored and pinned on its own. Roles are
    told within ``top_unit``, the unit at the top of the organisation; wherever they sit when it is empty.
    ``contact_notice`` is how long ahead a change of somebody's contact data is announced. ``measured``: its
    cases may keep units from orders, so before one is given by rule it is asked how they stand.
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
    defaults: Mapping[str, str] = field(default_factory=dict)
    consequences: tuple[Consequence, ...] = ()
    history: tuple[HistoryRule, ...] = ()
    nested: Mapping[str, Procedure] = field(default_factory=dict)
    money: Money | None = None
    ways: tuple[ExternalWay, ...] = ()
    authority: tuple[Authority, ...] = ()
    proven_flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measured: bool = False

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
        return tuple(dict.fromkeys(chosen_in(named)))

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
