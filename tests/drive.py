"""Drives one complaint through the pure domain: commands by natural actors, time by each due instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from domain import commands as c
from domain import events as ev
from domain.commands import Actor, Asked, Tick
from domain.complaint import Complaint
from domain.decide import CLOCKWORK, allowed_actions, decide, drafted
from domain.errors import Refused
from domain.events import Event
from domain.evolve import evolve, refold
from domain.messages import Notify
from domain.procedure import Procedure
from domain.react import react
from domain.timekeeping import next_due
from domain.worktime import Limit, deadline

AGENT = Actor("person:agent", ("agent",))
SUPERVISOR = Actor("person:supervisor", ("supervisor",))
APPROVER = Actor("person:approver", ("approver",))
CALLBACK = Actor("person:callback", ("callback",))
CUSTOMER = Actor("customer", ("customer",))

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2 March 2026, 09:00 in China: an ordinary week with five working days."""

_BY_CUSTOMER = (c.Accept, c.Reject, c.Withdraw)
_BY_SUPERVISOR = (c.GrantExtension, c.RefuseExtension, c.Close, c.MoveProcedure)
_BY_APPROVER = (c.Approve, c.RefuseApproval, c.SendBackProposal)
_BY_UNIT = (c.TakeOrder, c.DeclineOrder, c.AnswerOrder, c.MakeVisit)

FactType = TypeVar("FactType")


def handler_of(unit: str, role: str = "handler") -> Actor:
    """A person who works for ``unit``."""
    return Actor(f"person:{unit}", (role,), (unit,))


class Case:
    """One complaint as it moves: ``do`` gives commands, ``pass_time`` lets the clocks ring.

    ``told`` are the messages the events caused, ``files`` the kinds of evidence by file. Every step checks
    that refolding gives the same state.
    """

    def __init__(
        self,
        procedure: Procedure,
        facts: Mapping[str, str] | None = None,
        *,
        at: datetime = MONDAY,
        opened_by: Actor = AGENT,
        standing: Mapping[str, str] | None = None,
        **opening: Any,
    ) -> None:
        """Open a complaint at ``at``; ``opening`` are fields of ``commands.Open`` other than the facts.

        ``standing``: units that get no orders now, and why.
        """
        self.standing = dict(standing or {})
        self.procedure = procedure
        self.now = at
        self.complaint = Complaint()
        self.events: list[Event] = []
        self.told: list[Notify] = []
        self.files: dict[str, str] = {}
        self.versions = {(procedure.name, procedure.version): procedure}
        given = {
            "ref": "TEST-1",
            "customer": "customer:1",
            "owner": opened_by.id,
            "channel": "hotline",
            "language": "en",
        }
        self.do(c.Open(facts=dict(facts or {}), **{**given, **opening}), actor=opened_by)

    def do(self, command: Any, actor: Actor | None = None) -> list[Event]:
        """Give a command now, by ``actor`` or by whoever naturally gives it; raises Refused."""
        by = actor or self._natural(command)
        if isinstance(command, c.MoveProcedure) and command.to:
            self.versions[command.to.name, command.to.version] = command.to
        asked = Asked(actor=by, files=self.files)
        new = drafted(self.procedure, self.complaint, command, asked, self.now, self.standing).events
        self._fold(new)
        return new

    def refused(self, command: Any, actor: Actor | None = None) -> Refused:
        """Give a command that must be refused; returns the refusal."""
        before = self.complaint
        try:
            self.do(command, actor)
        except Refused as refusal:
            assert self.complaint == before
            return refusal
        raise AssertionError(f"{command} was not refused")

    def pass_time(self, by: str | timedelta | datetime) -> list[Event]:
        """Let time pass, by a limit such as ``2wd`` or a timedelta, or until an instant.

        A worker ticks at every instant that is due on the way, in order.
        """
        until = self._instant(by)
        assert until >= self.now, "time does not run backwards"
        new: list[Event] = []
        while (due := next_due(self.complaint)) is not None and due <= until:
            self.now = max(due, self.now)
            events = decide(self.procedure, self.complaint, Tick(), Asked(actor=CLOCKWORK), self.now)
            assert events, f"something is due at {due} and nothing happens"
            self._fold(events)
            new += events
        self.now = until
        return new

    def facts(self, kind: str) -> list[Any]:
        """All facts of one kind so far, for example ``clock_breached``."""
        return [event.fact for event in self.events if event.fact.kind == kind]

    def kinds(self) -> list[str]:
        """The kinds of all facts so far, in order."""
        return [event.fact.kind for event in self.events]

    def messages(self, template: str, to: str = "") -> list[Notify]:
        """The messages of one template so far, only those to a post when ``to`` is given."""
        return [m for m in self.told if m.template == template and (not to or to in m.to)]

    def verbs(self, actor: Actor) -> set[str]:
        """What ``actor`` may do now."""
        return {action.verb for action in allowed_actions(self.procedure, self.complaint, actor)}

    def clock(self, rule: str) -> Any:
        """The newest clock of a rule."""
        return [clock for clock in self.complaint.clocks if clock.rule == rule][-1]

    def has_clock(self, rule: str) -> bool:
        """Whether a clock of that rule is running (or paused) now."""
        return any(clock.rule == rule for clock in self.complaint.running())

    def ladder(self, rule: str) -> list[tuple[datetime, tuple[str, ...]]]:
        """Whom the clocks of a rule have told so far, and at which instant."""
        return [
            (event.at, event.fact.to)
            for event in self.events
            if getattr(event.fact, "clock", "").startswith(f"{rule}#") and hasattr(event.fact, "to")
        ]

    @property
    def order(self) -> str:
        """The id of the newest order."""
        return self.complaint.orders[-1].id

    def _fold(self, new: list[Event]) -> None:
        for event in new:
            if isinstance(event.fact, ev.ProcedureMoved):
                self.procedure = self.versions[event.fact.procedure, event.fact.version]
            self.complaint = evolve(self.procedure, self.complaint, event)
            self.told += react(self.procedure, self.complaint, event)
        self.events += new
        assert refold(self.procedure, self.events, self.versions) == self.complaint

    def _instant(self, by: str | timedelta | datetime) -> datetime:
        if isinstance(by, datetime):
            return by
        if isinstance(by, timedelta):
            return self.now + by
        return deadline(self.procedure.calendar, self.now, Limit.parse(by), day_end="same_time")

    def _natural(self, command: Any) -> Actor:
        if isinstance(command, _BY_UNIT):
            order = self.complaint.order(command.order)
            return handler_of(order.unit if order else "nobody")
        if isinstance(command, _BY_CUSTOMER):
            return CUSTOMER
        if isinstance(command, _BY_SUPERVISOR):
            return SUPERVISOR
        if isinstance(command, _BY_APPROVER):
            return APPROVER
        return CALLBACK if isinstance(command, c.RecordCallback) else AGENT
