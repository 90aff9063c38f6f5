"""A draft: the events one command leads to, with everything that follows from each by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from domain import events as ev
from domain import raising
from domain.booking import Booking
from domain.clockrule import ClockRule
from domain.clocks import Clock, due_at
from domain.complaint import Complaint, Order
from domain.consequence import ConsequenceRaised
from domain.events import Event, Fact, Place
from domain.evolve import evolve
from domain.measures import MeasureTaken
from domain.money import Money
from domain.procedure import REOPENED, Procedure
from domain.step import CallbackPolicy
from domain.triggers import order_meant, triggers
from domain.worktime import Limit, deadline, end_of, next_opening


@dataclass(slots=True)
class Draft:
    """Collects events and keeps the state they lead to; it never touches the complaint it began with.

    ``states`` holds the complaint right after each of ``events``, so that nobody folds them a second time.
    ``files`` are the attachments named in the command that were found, with their kinds of evidence,
    ``places`` where the units it names stand, ``away`` the roles whose holders are all away. ``standing``:
    why units get no orders now (blank: they do), as far as it was asked; ``unasked``: the units the route
    gives an order to of which it was not.
    """

    procedure: Procedure
    complaint: Complaint
    now: datetime
    by: str
    events: list[Event] = field(default_factory=list)
    states: list[Complaint] = field(default_factory=list)
    files: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
    standing: Mapping[str, str] = field(default_factory=dict)
    unasked: set[str] = field(default_factory=set)

    def emit(self, fact: Fact) -> None:
        """Append ``fact`` and what follows by rule: clocks, consequences, money, becoming major."""
        self._append(fact)
        if not isinstance(fact, _CLOCK_FACTS):
            self._turn_clocks(fact)
            if self.procedure.consequences:
                self._raise_consequences(fact)
            if self.procedure.money is not None:
                self._book(self.procedure.money, fact)
            if isinstance(fact, _MOVES_FACTS):
                self._notice_major()

    def move_to(self, procedure: Procedure, reason: str) -> None:
        """Go on by another version of the procedure."""
        self.procedure = procedure
        self.emit(ev.ProcedureMoved(procedure=procedure.name, version=procedure.version, reason=reason))

    def standing_of(self, unit: str) -> str:
        """Why a unit gets no orders (suspended, ended), blank when it does; TEL-21.

        What was taken just now counts first, then what was found when the command came, then what is known
        since the complaint was opened.
        """
        taken = any(isinstance(e.fact, MeasureTaken) and e.fact.unit == unit for e in self.events)
        if not taken and unit in self.standing:
            return self.standing[unit]
        if not taken and unit in self.places:
            return self.places[unit].standing
        return self.complaint.unit_standing if unit == self.complaint.unit else ""

    def after(self, limit: Limit) -> datetime:
        """The instant ``limit`` from now on the procedure's calendar."""
        return deadline(self.procedure.calendar, self.now, limit, day_end="same_time")

    def call_after(self, limit: Limit, policy: CallbackPolicy) -> datetime:
        """When a customer is called after ``limit``.

        Working time ends with closing time, when nobody calls any more; a policy can say that such a call
        waits for the next opening.
        """
        at = self.after(limit)
        return next_opening(self.procedure.calendar, at) if policy.in_hours else at

    def _raise_consequences(self, fact: Fact) -> None:
        """BNK-8: what the procedure makes a case of its own begins; the event is the promise of it."""
        order = order_meant(self.complaint, fact)
        for trigger in triggers(fact, order):
            for rule, way in self.procedure.raised_on(trigger):
                raised = raising.by_rule(self.complaint, rule, way, order, trigger)
                if raised is not None:
                    self.emit(raised)

    def _append(self, fact: Fact) -> None:
        event = Event(seq=self.complaint.seq + 1, at=self.now, by=self.by, fact=fact)
        self.complaint = evolve(self.procedure, self.complaint, event)
        self.events.append(event)
        self.states.append(self.complaint)

    def _turn_clocks(self, fact: Fact) -> None:
        order = order_meant(self.complaint, fact)
        pulled = triggers(fact, order)
        if not pulled:
            return
        if any(self.procedure.may_stop(trigger) or trigger in _STOP_AGREED for trigger in pulled):
            for clock in self.complaint.running():
                if _stops(self.procedure, clock, pulled, order):
                    self._append(ev.ClockStopped(clock=clock.id, met=True))
        if not self.complaint.open and not isinstance(fact, ev.Opened | ev.Reopened):
            return
        for trigger in pulled:
            for rule in self.procedure.started_by(trigger):
                rearmed = rule.rearm and trigger == REOPENED and rule.per == "complaint"
                self._start(rule, rearmed, order, fact)

    def _start(self, rule: ClockRule, rearmed: bool, order: Order | None, fact: Fact) -> None:
        if rule.per == "order" and order is None:
            return
        order_id = order.id if order and rule.per == "order" else ""
        running = [c for c in self.complaint.running() if c.rule == rule.name and c.order == order_id]
        if running and not rearmed:
            return
        facts = self.complaint.rule_facts(order)
        until = day_named(self.procedure, rule, facts)
        limit = None if until else next((limit for when, limit in rule.limits if when.holds(facts)), None)
        if limit is None and until is None:
            return
        for clock in running:
            self._append(ev.ClockStopped(clock=clock.id, met=False))
        started_at = self.now
        if isinstance(fact, ev.Opened) and fact.received_at is not None:
            started_at = fact.received_at
        self.start_clock(
            rule.name, order=order_id, rule=rule, limit=limit, started_at=started_at, until=until
        )

    def start_clock(
        self,
        name: str,
        *,
        order: str = "",
        rule: ClockRule | None = None,
        limit: Limit | None = None,
        started_at: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """Start a clock: by ``limit`` of a rule, or to an agreed instant ``until``.

        Its id is the name and a running number, for example ``reply#2``.
        """
        number = 1 + sum(1 for clock in self.complaint.clocks if clock.rule == name)
        begun = started_at or self.now
        clock = Clock(id=f"{name}#{number}", rule=name, started_at=begun, limit=limit, until=until)
        self._append(
            ev.ClockStarted(
                clock=clock.id,
                rule=name,
                limit=clock.limit,
                started_at=begun,
                due_at=due_at(clock, rule, self.procedure.calendar),
                order=order,
            )
        )

    def _book(self, money: Money, fact: Fact) -> None:
        """Book what ``fact`` makes due, one after the other: a share counts before the rest of it."""
        for trigger in triggers(fact, order_meant(self.complaint, fact)):
            for entry in money.booked_on(trigger):
                booked = Booking(self.procedure, money, self.complaint, fact, self.now).of(entry)
                if booked is not None:
                    self.emit(booked)

    def _notice_major(self) -> None:
        """TEL-10: the complaint becomes major as soon as one of the procedure's conditions holds."""
        if self.complaint.major or not self.complaint.open:
            return
        facts = self.complaint.rule_facts()
        for condition in self.procedure.major:
            if condition.holds(facts):
                self.emit(ev.MajorFlagged(why=condition.in_short()))
                return


_CLOCK_FACTS = (ev.ClockStarted, ev.ClockStopped)

_MOVES_FACTS = (
    ev.Opened,
    ev.Classified,
    ev.RepeatLinked,
    ev.Flagged,
    ev.Marked,
    ev.StepEntered,
    ev.StepFinished,
    ev.OrderAnswered,
    ev.Proposed,
    ev.CustomerAccepted,
    ev.CustomerRejected,
    ev.Reopened,
    ev.ClockBreached,
    ConsequenceRaised,
)
"""What changes anything a condition on the complaint can test; after all else nothing new can hold."""


def _stops(procedure: Procedure, clock: Clock, pulled: tuple[str, ...], order: Order | None) -> bool:
    rule = procedure.clock_rule(clock.rule)
    stops = rule.stops if rule else AGREED_STOPS.get(clock.rule, ())
    if not any(trigger in stops for trigger in pulled):
        return False
    return not clock.order or (order is not None and order.id == clock.order)


def day_named(procedure: Procedure, rule: ClockRule, facts: Mapping[str, Any]) -> datetime | None:
    """MFG-6: the end of the day somebody filled in for a clock that runs until then; None without one."""
    named = facts.get(rule.until) if rule.until else None
    return end_of(procedure.calendar, date.fromisoformat(str(named))) if named else None


AGREED_STOPS = {
    "promise": ("informed", "proposed", "promised"),
    "visit": ("visited", "answered", "declined", "recalled", "visit_agreed"),
}
"""What ends the clocks that people agree on: a promised reply (BNK-6) and a visit (TEL-5)."""

_STOP_AGREED = frozenset(trigger for stops in AGREED_STOPS.values() for trigger in stops)
