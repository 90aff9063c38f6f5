"""Callbacks: satisfied ends the case, dissatisfied brings it back, no answer tries again."""

from __future__ import annotations

from domain import commands as c
from domain import events as ev
from domain import route
from domain.commands import Actor
from domain.draft import Draft
from domain.errors import Refused
from domain.guidance import check_guided
from domain.rules import Rule, Rules, Situation, check_form, must_be_in
from domain.step import CallbackPolicy, StepKind


def _may_record(situation: Situation) -> None:
    must_be_in(situation, StepKind.CALLBACK)
    if situation.complaint.callback is None:
        raise Refused("no_callback", "no callback is planned")


def _record(draft: Draft, command: c.RecordCallback, _: Actor) -> None:
    """TEL-14: not satisfied sends the case back to be verified again, until satisfied."""
    step = route.current(draft)
    callback = draft.complaint.callback
    if step is None or step.callback is None or callback is None:
        raise AssertionError("the guard has found the callback")
    if command.score is not None and not 0 <= command.score <= 10:
        raise Refused("score", "a score lies between 0 and 10", fields={"score": "0 to 10"})
    if command.outcome == "dissatisfied" and not command.comment.strip():
        raise Refused("missing", "say why the customer is not satisfied", fields={"comment": "a reason"})
    if command.outcome != "unreached":
        check_guided(draft.complaint, step)
        check_form(step.callback.questions, command.answers, draft.complaint.rule_facts(), draft.files)
    elif command.answers or command.score is not None:
        raise Refused("not_reached", "who was not reached gave no answers", fields={"answers": "leave out"})
    draft.emit(
        ev.CallbackMade(
            attempt=callback.attempt,
            outcome=command.outcome,
            score=command.score,
            comment=command.comment,
            answers=dict(command.answers),
        )
    )
    if command.outcome == "unreached" and callback.attempt < step.callback.attempts:
        _retry(draft, step.callback, callback.attempt + 1)
    else:
        route.finish(draft, command.outcome, note=command.comment)


def _retry(draft: Draft, policy: CallbackPolicy, attempt: int) -> None:
    draft.emit(ev.CallbackScheduled(attempt=attempt, at=draft.call_after(policy.retry_after, policy)))


RULES: Rules = {c.RecordCallback: Rule(_may_record, _record)}
