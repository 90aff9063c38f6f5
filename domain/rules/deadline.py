"""Deadlines that people move: holds, extensions and promises."""

from __future__ import annotations

from domain import commands as c
from domain import events as ev
from domain.clocks import Clock
from domain.commands import Actor
from domain.draft import Draft
from domain.errors import Refused
from domain.rules import Rule, Rules, Situation, must_be_open, must_say
from domain.sanity import check_ahead
from domain.worktime import Limit, LimitError


def _the_clock(situation: Situation) -> Clock:
    must_be_open(situation)
    clock = situation.complaint.clock(situation.target)
    if clock is None or clock.stopped_at is not None:
        running = ", ".join(c.id for c in situation.complaint.running()) or "none"
        raise Refused("no_such_clock", f"there is no running clock {situation.target!r}; there is {running}")
    return clock


def _may_move(situation: Situation) -> None:
    _the_clock(situation)


def _may_answer_ask(situation: Situation) -> None:
    clock = _the_clock(situation)
    if clock.id not in situation.complaint.asked:
        raise Refused("nothing_asked", f"nobody asked for more time on {clock.id}")


def _limit(draft: Draft, text: str) -> Limit:
    try:
        limit = Limit.parse(text)
    except LimitError as error:
        raise Refused("limit", str(error), fields={"limit": str(error)}) from error
    check_ahead(draft.after(limit), draft.now, "limit")
    return limit


def _ask(draft: Draft, command: c.AskExtension, _: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    draft.emit(
        ev.ExtensionAsked(clock=command.clock, limit=_limit(draft, command.limit), reason=command.reason)
    )


def _grant(draft: Draft, command: c.GrantExtension, _: Actor) -> None:
    """A limit may be left out when one was asked for."""
    asked = draft.complaint.asked.get(command.clock)
    limit = _limit(draft, command.limit) if command.limit else asked
    if limit is None:
        raise Refused("limit", "say how much more time", fields={"limit": "for example 8wh"})
    draft.emit(ev.ExtensionGranted(clock=command.clock, limit=limit))


def _refuse(draft: Draft, command: c.RefuseExtension, _: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    draft.emit(ev.ExtensionRefused(clock=command.clock, reason=command.reason))


def _may_hold(situation: Situation) -> None:
    must_be_open(situation)
    if situation.complaint.held_at is not None:
        raise Refused("already_held", "the complaint is already on hold")


def _hold(draft: Draft, command: c.Hold, _: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    if command.until is not None:
        check_ahead(command.until, draft.now, "until")
    draft.emit(ev.Held(reason=command.reason, until=command.until))


def _may_resume(situation: Situation) -> None:
    must_be_open(situation)
    if situation.complaint.held_at is None:
        raise Refused("not_held", "the complaint is not on hold")


def _resume(draft: Draft, command: c.Resume, _: Actor) -> None:
    draft.emit(ev.Resumed(note=command.note))


def _may_promise(situation: Situation) -> None:
    must_be_open(situation)


def _promise(draft: Draft, command: c.PromiseReply, _: Actor) -> None:
    """BNK-6: a promised next reply becomes a deadline of its own; a new promise replaces the old."""
    check_ahead(command.until, draft.now, "until")
    draft.emit(ev.ReplyPromised(until=command.until, text=command.text))
    draft.start_clock("promise", until=command.until)


RULES: Rules = {
    c.AskExtension: Rule(_may_move, _ask, "clock"),
    c.GrantExtension: Rule(_may_move, _grant, "clock"),
    c.RefuseExtension: Rule(_may_answer_ask, _refuse, "clock"),
    c.Hold: Rule(_may_hold, _hold),
    c.Resume: Rule(_may_resume, _resume),
    c.PromiseReply: Rule(_may_promise, _promise),
}
