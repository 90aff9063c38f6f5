"""The rules for each command, by noun: a guard that says whether it is legal, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from domain.assignment import is_for
from domain.commands import Actor
from domain.complaint import Complaint
from domain.draft import Draft
from domain.errors import Refused
from domain.evidence import ADD_FIRST, ATTACHED
from domain.fields import FormField
from domain.forms import problems
from domain.guidance import check_guided
from domain.procedure import Procedure
from domain.roles import CUSTOMER, SYSTEM
from domain.step import Step, StepKind


@dataclass(frozen=True, slots=True)
class Situation:
    """What a guard looks at: the complaint before the command, who asks, and the order or clock meant."""

    procedure: Procedure
    complaint: Complaint
    actor: Actor
    target: str = ""
    away: frozenset[str] = frozenset()

    @property
    def step(self) -> Step | None:
        """The current step, None when the complaint is closed."""
        return self.procedure.step(self.complaint.step) if self.complaint.step else None


@dataclass(frozen=True, slots=True)
class Rule:
    """``guard`` raises Refused when a command is not legal now; ``apply`` drafts what it leads to.

    ``target`` says which field of the command names the thing acted on.
    """

    guard: Callable[[Situation], None]
    apply: Callable[[Draft, Any, Actor], None]
    target: Literal["", "order", "clock", "approval", "posting", "consequence"] = ""


Rules = Mapping[type, Rule]


def must_be_open(situation: Situation) -> None:
    """Raise Refused("closed") unless the complaint is open."""
    if not situation.complaint.open:
        raise Refused("closed", "the complaint is closed; reopen it first")


def must_be_in(situation: Situation, kind: StepKind) -> Step:
    """The current step, which must be of ``kind``; raise Refused("wrong_step") otherwise."""
    must_be_open(situation)
    step = situation.step
    if step is None or step.kind is not kind:
        where = step.name if step else "closed"
        raise Refused("wrong_step", f"the complaint is at {where!r}, which is not a {kind.value} step")
    return step


def must_perform(situation: Situation, step: Step) -> None:
    """Raise Refused("not_your_role") unless the step may be performed by the actor."""
    if not is_for(step.by, situation.complaint, situation.actor):
        raise Refused("not_your_role", f"the step {step.name!r} is for {', '.join(step.by)}")


def must_be_guided(situation: Situation, step: Step) -> None:
    """Raise Refused("guidance_open") when staff would finish a step whose required guidance is not done.

    A customer who decides, or a system that does, had nobody to guide.
    """
    if not {CUSTOMER, SYSTEM}.intersection(situation.actor.roles):
        check_guided(situation.complaint, step)


def must_say(text: str, field: str, what: str) -> None:
    """Raise Refused("missing") when a text that must be given is blank."""
    if not text.strip():
        raise Refused("missing", f"{what} is needed", fields={field: f"{what} is needed"})


def check_files(ids: tuple[str, ...], files: Mapping[str, str], field: str) -> None:
    """Raise Refused("no_such_file") unless every id is an attachment of this complaint (``draft.files``)."""
    missing = [name for name in ids if name not in files]
    if missing:
        reason = f"{', '.join(missing)}: no such file of this complaint; {ADD_FIRST}"
        raise Refused("no_such_file", reason, fields={field: f"ids of {ATTACHED}"})


def check_form(
    fields: tuple[FormField, ...],
    answers: Mapping[str, str],
    facts: Mapping[str, Any],
    files: Mapping[str, str] | None = None,
) -> None:
    """Raise Refused("form") with a message for each field that is missing, unknown or not of its type.

    ``files`` are the complaint's attachments the command names (``draft.files``), by id with their kind.
    """
    wrong = problems(fields, answers, facts, files or {})
    if wrong:
        raise Refused("form", "some fields are missing or wrong", fields=wrong)
