"""Random commands and times against every shipped procedure: what must hold whatever people do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import wire
from domain import commands as c
from domain import events as ev
from domain.commands import COMMANDS, Actor, Asked
from domain.complaint import STATUS_OF, Status
from domain.decide import allowed_actions, decide
from domain.errors import Refused
from domain.evolve import refold
from domain.procedure import Procedure
from domain.purpose import MAIN
from domain.roles import STAFF_ROLES
from domain.timekeeping import next_due
from domain.worktime import elapsed
from procedures.loader import load_pack, packs
from tests.domain.sensible import FILES, UNITS, Sensible
from tests.drive import MONDAY, Case

NONSENSE = ("", "x", "\x00", "y" * 25_000, "99")


class Machine(RuleBasedStateMachine):
    """One complaint under random commands, by random people, at random times."""

    procedure: Procedure
    everybody: Actor
    actors: tuple[Actor, ...]

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        facts = {
            name: data.draw(st.sampled_from(words), label=name)
            for name, words in self.procedure.vocabulary.items()
        }
        minutes = data.draw(st.integers(0, 300 * 24 * 60), label="minutes after the first Monday of March")
        at = MONDAY + timedelta(minutes=minutes)
        self.case = Case(
            self.procedure,
            facts,
            at=at,
            unit=data.draw(st.sampled_from(("", UNITS[0])), label="unit"),
            draw=data.draw(st.integers(0, 9999), label="draw"),
            repeat_count=data.draw(st.integers(0, 3), label="repeats"),
            history={
                one.name: data.draw(st.integers(0, 4), label=one.name) for one in self.procedure.history
            },
        )
        self.case.files = FILES
        next_version = replace(self.procedure, version="next")
        self.case.versions[self.procedure.name, "next"] = next_version
        self.sensible = Sensible(self.procedure, next_version, self.case)

    @rule(data=st.data())
    def somebody_does_something_legal(self, data: st.DataObject) -> None:
        actor = data.draw(st.sampled_from(self.actors), label="actor")
        legal = allowed_actions(self.procedure, self.case.complaint, actor)
        if data.draw(st.integers(0, 9), label="gives up") < 9:
            legal = tuple(action for action in legal if action.verb not in ("withdraw", "close"))
        if not legal:
            return
        action = data.draw(st.sampled_from(legal), label="action")
        command = self.sensible.command(action.verb, action.target, data)
        try:
            self.case.do(command, actor)
        except Refused as refusal:
            # The guard let it through, so only what was said can be wrong, never the moment.
            # (The purpose of an order is something said: beside the route others are legal.)
            if action.verb != "dispatch":
                assert refusal.code not in ("closed", "wrong_step", "no_such_order", "order_not_open"), (
                    refusal
                )

    @rule(data=st.data(), steps=st.integers(1, 6))
    def the_case_moves_on(self, data: st.DataObject, steps: int) -> None:
        """What people do most: the next thing. Without this, chance alone hardly ever reaches a callback."""
        for _ in range(steps):
            complaint = self.case.complaint
            awaited = self.procedure.awaited(self.procedure.step(complaint.step)) if complaint.step else ()
            waiting = [o.id for o in complaint.open_orders() if o.purpose in awaited]
            handling = ("answer_order", waiting[0]) if waiting else ("dispatch", min(awaited, default=MAIN))
            verb, target = {
                Status.REVIEW: ("finish_task", ""),
                Status.HANDLING: handling,
                Status.PROPOSING: ("propose", ""),
                Status.APPROVAL: ("approve", ""),
                Status.DECISION: (
                    data.draw(st.sampled_from(("accept", "accept", "reject")), label="yes"),
                    "",
                ),
                Status.FULFILMENT: ("fulfil", ""),
                Status.CALLBACK: ("record_callback", ""),
                Status.CLOSED: ("reopen", ""),
            }[complaint.status]
            if verb == "dispatch":
                command = c.Dispatch(UNITS[0], target)
            else:
                command = self.sensible.command(verb, target, data)
            try:
                for point in self.sensible.open_points():
                    self.case.do(c.TickGuidance(point), self.everybody)
                self.case.do(command, self.everybody)
            except Refused:
                return

    @rule(data=st.data(), verb=st.sampled_from(sorted(COMMANDS)), late=st.sampled_from((0, 0, 0, 20)))
    def somebody_does_anything(self, data: st.DataObject, verb: str, late: int) -> None:
        """Also ``late`` days after what fell due meanwhile, before any clock has rung."""
        self.case.now += timedelta(days=late)
        actor = data.draw(st.sampled_from(self.actors), label="actor")
        target = data.draw(st.sampled_from(("1", "2", "reply#1", *NONSENSE)), label="target")
        before = self.case.complaint
        try:
            events = decide(
                self.procedure,
                before,
                self.sensible.command(verb, target, data),
                Asked(actor, files=FILES),
                self.case.now,
            )
        except Refused as refusal:
            assert refusal.code
            assert refusal.reason
            self.case.pass_time(timedelta())
            stands = self.case.complaint
            assert set(refusal.legal) == {a.verb for a in allowed_actions(self.procedure, stands, actor)}
        else:
            assert events
            self.case._fold(events)

    @rule(hours=st.sampled_from((0.1, 1, 5, 24, 100, 1000)))
    def time_passes(self, hours: float) -> None:
        self.case.pass_time(timedelta(hours=hours))

    @rule(days=st.integers(1, 40))
    def an_outage_passes(self, days: int) -> None:
        """Nobody looks for days; then everything that fell due happens at once, in order."""
        self.case.now += timedelta(days=days)
        before = len(self.case.events)
        self.case.pass_time(timedelta())
        planned = [
            fact.planned_at if hasattr(fact, "planned_at") else fact.due_at
            for fact in (event.fact for event in self.case.events[before:])
            if isinstance(fact, ev.ClockWarned | ev.ClockBreached | ev.ClockExpired)
            or (isinstance(fact, ev.Escalated) and fact.planned_at)
        ]
        assert planned == sorted(planned)

    @invariant()
    def a_closed_complaint_stands_still(self) -> None:
        complaint = self.case.complaint
        if complaint.status is not Status.CLOSED:
            return
        assert not complaint.running()
        assert not complaint.open_orders()
        assert complaint.callback is None
        assert next_due(complaint) is None
        assert complaint.closed_at is not None
        assert complaint.closing_reason

    @invariant()
    def the_status_is_that_of_the_step(self) -> None:
        complaint = self.case.complaint
        if complaint.open:
            assert complaint.status is STATUS_OF[self.procedure.step(complaint.step).kind]

    @invariant()
    def rounds_count_the_reopenings(self) -> None:
        reopened = self.case.facts("reopened")
        assert self.case.complaint.round == 1 + len(reopened)
        assert [fact.round for fact in reopened] == list(range(2, 2 + len(reopened)))

    @invariant()
    def every_breach_has_exactly_one_event(self) -> None:
        breached = [fact.clock for fact in self.case.facts("clock_breached")]
        assert len(breached) == len(set(breached))
        assert set(breached) == {clock.id for clock in self.case.complaint.clocks if clock.breached_at}
        assert self.case.complaint.breaches == len(breached)

    @invariant()
    def every_rung_is_climbed_once(self) -> None:
        climbed = [
            (fact.clock, fact.rung)
            for kind in ("clock_warned", "escalated")
            for fact in self.case.facts(kind)
            if fact.clock
        ]
        assert len(climbed) == len(set(climbed))

    @invariant()
    def nothing_overdue_is_silent(self) -> None:
        """After the clocks were looked at, whatever is still to come lies ahead."""
        self.case.pass_time(timedelta())
        due = next_due(self.case.complaint)
        assert due is None or due > self.case.now

    @invariant()
    def a_major_complaint_is_called_so(self) -> None:
        """TEL-10: as soon as one of the conditions holds, whatever made it hold."""
        complaint = self.case.complaint
        if complaint.open and any(c.holds(complaint.rule_facts()) for c in self.procedure.major):
            assert complaint.major

    @invariant()
    def nothing_runs_twice(self) -> None:
        running = [(clock.rule, clock.order) for clock in self.case.complaint.running()]
        assert len(running) == len(set(running))

    @invariant()
    def money_is_booked_by_its_rules_and_paid_at_most_once(self) -> None:
        """Each line has its own id, a reversal mirrors what it takes back, and no id is paid twice."""
        postings = self.case.complaint.postings
        assert len({posting.id for posting in postings}) == len(postings)
        by_id = {posting.id: posting for posting in postings}
        for posting in postings:
            assert posting.amount > 0
            if posting.reverses:
                taken = by_id[posting.reverses]
                assert (taken.reversed_by, taken.amount) == (posting.id, posting.amount)
                assert (taken.source, taken.target) == (posting.target, posting.source)
        paid = [fact.posting for fact in self.case.facts("paid_out")]
        assert len(set(paid)) == len(paid)
        for entry in self.procedure.money.entries if self.procedure.money else ():
            standing = [p for p in postings if p.entry == entry.name and not (p.reverses or p.reversed_by)]
            if entry.per == "complaint":
                assert len(standing) <= 1
            if entry.per == "round":
                assert len({p.round for p in standing}) == len(standing)

    @invariant()
    def events_are_in_order(self) -> None:
        assert [event.seq for event in self.case.events] == list(range(1, len(self.case.events) + 1))
        instants = [event.at for event in self.case.events]
        assert instants == sorted(instants)

    @invariant()
    def no_proposal_comes_before_verification(self) -> None:
        """CON-4: before a proposal a unit has answered, or a person has looked into it (MFG-17, CTR-4).

        What was found stands while the customer refuses what is offered (CTR-6, MFG-18), whatever round that
        is. After an end, and when the customer is not satisfied with what was carried out, it does not:
        something has happened since.
        """
        verified = False
        looked = {step.name for step in self.procedure.steps if step.kind == "task"}
        for event in self.case.events:
            match event.fact:
                case ev.Closed() | ev.CallbackMade(outcome="dissatisfied"):
                    verified = False
                case ev.OrderAnswered():
                    verified = True
                case ev.StepFinished(step=step) if step in looked:
                    verified = True
                case ev.Proposed():
                    assert verified

    @invariant()
    def a_due_instant_is_where_the_limit_is_used_up(self) -> None:
        calendar = self.procedure.calendar
        for clock in self.case.complaint.running():
            plain = clock.limit is not None and not clock.extensions and clock.due_at is not None
            if plain and clock.limit.unit in ("wh", "wm", "h", "m"):
                used = elapsed(
                    calendar, clock.started_at, clock.due_at, clock.limit.unit, pauses=clock.pauses
                )
                assert used == clock.limit.duration, (clock, self.procedure.clock_rule(clock.rule))

    def teardown(self) -> None:
        """Everything survives the wire: events, and the state carried into the next run."""
        if not hasattr(self, "case"):
            return
        sent = [wire.EVENT.validate_json(wire.EVENT.dump_json(event)) for event in self.case.events]
        assert sent == self.case.events
        assert refold(wire.rules_of(self.procedure), sent) == self.case.complaint
        complaint = self.case.complaint
        assert wire.COMPLAINT.validate_json(wire.COMPLAINT.dump_json(complaint)) == complaint


def everything() -> dict[str, Procedure]:
    """Every shipped procedure, and those of the cases they raise."""
    shipped = [load_pack(name) for name in packs()]
    return {one.name: one for pack in shipped for one in (pack, *pack.nested.values())}


@pytest.mark.parametrize("name", everything())
def test_whatever_people_do_the_invariants_hold(name: str) -> None:
    shipped = everything()[name]
    staff = (*STAFF_ROLES, *shipped.offices)

    class OfThisPack(Machine):
        procedure = shipped
        everybody = Actor("person:all", staff, UNITS)
        actors = (
            everybody,
            Actor("customer", ("customer",)),
            *(Actor(f"person:{role}", (role,), (UNITS[0],)) for role in staff),
        )

    machine = OfThisPack.TestCase
    machine.settings = settings(
        max_examples=30 if name in packs() else 8,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    machine().runTest()
