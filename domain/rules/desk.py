"""The desk: opening, classifying, tracking, marks, flags, tasks, notes, escalation by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain import commands as c
from domain import events as ev
from domain import route
from domain.commands import Actor
from domain.conflict import check_named, check_not_complained_of
from domain.draft import Draft, day_named
from domain.errors import Refused
from domain.evidence import ATTACHED
from domain.fields import FormField
from domain.forms import placed
from domain.procedure import Procedure
from domain.roles import POSTS, STAFF_ROLES
from domain.rules import (
    Rule,
    Rules,
    Situation,
    check_files,
    check_form,
    must_be_guided,
    must_be_in,
    must_be_open,
    must_perform,
    must_say,
)
from domain.sanity import check_ahead, check_behind
from domain.step import StepKind


def _may_open(situation: Situation) -> None:
    if situation.complaint.seq:
        raise Refused("already_open", "this complaint is open already")


def check_open(procedure: Procedure, command: c.Open, actor: Actor, now: datetime) -> None:
    """Refuse what an opening itself says wrongly, whatever follows from it by rule."""
    _check_vocabulary(procedure, command.facts)
    if command.received_at is not None:
        check_behind(command.received_at, now, "received_at")
    for who, field in ((actor.id, "complained_of"), (command.owner, "owner")):
        check_not_complained_of(who, command.complained_of, field)


def _open(draft: Draft, command: c.Open, actor: Actor) -> None:
    """TEL-11: whoever takes the complaint owns it to the end. MFG-7: never one about themselves."""
    check_open(draft.procedure, command, actor, draft.now)
    draft.emit(
        ev.Opened(
            procedure=draft.procedure.name,
            version=draft.procedure.version,
            ref=command.ref,
            facts=dict(command.facts),
            customer=command.customer,
            owner=command.owner,
            channel=command.channel,
            language=command.language,
            unit=command.unit,
            unit_kind=command.unit_kind,
            unit_above=command.unit_above,
            repeat_of=command.repeat_of,
            repeat_reason=command.repeat_reason,
            repeat_count=command.repeat_count,
            draw=command.draw,
            received_at=command.received_at,
            parent=command.parent,
            consequence=command.consequence,
            person=command.person,
            history=dict(command.history),
            unit_standing=command.unit_standing,
            complained_of=command.complained_of,
        )
    )
    route.start(draft)


def _check_vocabulary(procedure: Procedure, facts: Mapping[str, str]) -> None:
    wrong = {
        name: f"one of {', '.join(words)}"
        for name, words in procedure.vocabulary.items()
        if name in facts and facts[name] not in words
    }
    if wrong:
        raise Refused("vocabulary", "some words are not of this procedure", fields=wrong)


def _classify(draft: Draft, command: c.Classify, _: Actor) -> None:
    """Facts of the procedure's vocabulary can be corrected; the steps already done stay done."""
    if not command.facts:
        raise Refused("missing", "nothing to change", fields={"facts": "at least one"})
    unknown = {n: "there is no such fact" for n in command.facts if n not in draft.procedure.vocabulary}
    if unknown:
        raise Refused("vocabulary", "some facts are not of this procedure", fields=unknown)
    _check_vocabulary(draft.procedure, command.facts)
    draft.emit(ev.Classified(facts=dict(command.facts), note=command.note))


def _assign(draft: Draft, command: c.AssignOwner, _: Actor) -> None:
    must_say(command.owner, "owner", "an owner")
    check_not_complained_of(command.owner, draft.complaint.complained_of, "owner")
    draft.emit(ev.OwnerAssigned(owner=command.owner))


def _link(draft: Draft, command: c.LinkRepeat, _: Actor) -> None:
    """TEL-9: a repeat is linked to the first and says for which of the three reasons it came."""
    must_say(command.ref, "ref", "a reference")
    if command.ref == draft.complaint.ref:
        raise Refused("itself", "a complaint does not repeat itself", fields={"ref": "another complaint"})
    draft.emit(ev.RepeatLinked(ref=command.ref, reason=command.reason))


def _may_flag_major(situation: Situation) -> None:
    must_be_open(situation)
    if situation.complaint.major:
        raise Refused("already_major", "the complaint is major already")


def _flag_major(draft: Draft, command: c.FlagMajor, _: Actor) -> None:
    must_say(command.why, "why", "a reason")
    draft.emit(ev.MajorFlagged(why=command.why))


def _flag(draft: Draft, command: c.Flag, _: Actor) -> None:
    """CON-3: an unreasonable demand is flagged with what supports that."""
    if command.flag not in draft.procedure.flags:
        known = ", ".join(draft.procedure.flags) or "none"
        raise Refused("no_such_flag", f"flags of this procedure: {known}", fields={"flag": known})
    must_say(command.note, "note", "a note")
    check_files(command.attachments, draft.files, "attachments")
    kinds = draft.procedure.proven_flags.get(command.flag)
    shown = any(not kinds or draft.files[one] in kinds for one in command.attachments)
    if kinds is not None and not shown:
        wanted = f"at least one of {ATTACHED} that shows it ({' or '.join(kinds) or 'of any kind'})"
        raise Refused("missing", f"the flag {command.flag!r} needs {wanted}", fields={"attachments": wanted})
    draft.emit(ev.Flagged(flag=command.flag, note=command.note, attachments=command.attachments))


def _mark(draft: Draft, command: c.Mark, _: Actor) -> None:
    if command.mark not in draft.procedure.marks:
        known = ", ".join(draft.procedure.marks) or "none"
        raise Refused("no_such_mark", f"milestones of this procedure: {known}", fields={"mark": known})
    draft.emit(ev.Marked(mark=command.mark, note=command.note))


def _may_finish_task(situation: Situation) -> None:
    step = must_be_in(situation, StepKind.TASK)
    must_perform(situation, step)
    must_be_guided(situation, step)


def _finish_task(draft: Draft, command: c.FinishTask, _: Actor) -> None:
    step = draft.procedure.step(draft.complaint.step)
    if command.outcome not in step.outcomes:
        wanted = f"one of {', '.join(step.outcomes)}"
        raise Refused("outcome", f"{step.name!r} ends with {wanted}", fields={"outcome": wanted})
    if step.outcomes[command.outcome].measures and not draft.complaint.unit:
        told = "an outcome without measures; raise the case again and name the unit"
        raise Refused(
            "no_unit",
            f"{command.outcome!r} takes measures on a unit, and this is about none",
            fields={"outcome": told},
        )
    facts = {**draft.complaint.rule_facts(), "outcome": command.outcome}
    check_form(step.requires, command.answers, facts, draft.files)
    check_named(step.requires, command.answers, draft.complaint.complained_of)
    _check_days(draft, step.requires, command.answers)
    target = step.outcomes[command.outcome]
    if target.go == "close" and draft.procedure.reason(target.name).needs_note:
        must_say(command.note, "note", "a reason in words")
    answers = placed(step.requires, command.answers, draft.places)
    route.finish(draft, command.outcome, answers, command.note)


def _check_days(draft: Draft, fields: tuple[FormField, ...], answers: Mapping[str, str]) -> None:
    """MFG-3: the day by which something is needed lies ahead."""
    asked = {field.name for field in fields}
    for rule in draft.procedure.clocks:
        due = day_named(draft.procedure, rule, answers) if rule.until in asked else None
        if due is not None:
            check_ahead(due, draft.now, f"answers.{rule.until}")


def _note(draft: Draft, command: c.AddNote, _: Actor) -> None:
    must_say(command.text, "text", "a text")
    draft.emit(ev.NoteAdded(text=command.text))


def _inform(draft: Draft, command: c.InformCustomer, _: Actor) -> None:
    must_say(command.text, "text", "a text")
    draft.emit(ev.CustomerInformed(text=command.text))


def _add_information(draft: Draft, command: c.AddInformation, _: Actor) -> None:
    must_say(command.text, "text", "a text")
    check_files(command.attachments, draft.files, "attachments")
    draft.emit(ev.InformationAdded(text=command.text, attachments=command.attachments))


def _escalate(draft: Draft, command: c.Escalate, _: Actor) -> None:
    must_say(command.reason, "reason", "a reason")
    known = (*POSTS, *STAFF_ROLES, *draft.procedure.offices)
    if command.to not in known:
        wanted = ", ".join(known)
        raise Refused("no_such_post", f"escalate to one of {wanted}", fields={"to": wanted})
    draft.emit(ev.Escalated(to=(command.to,), reason=command.reason))


def _anyone(_: Situation) -> None:
    """Notes may be added to closed complaints too."""


RULES: Rules = {
    c.Open: Rule(_may_open, _open),
    c.Classify: Rule(must_be_open, _classify),
    c.AssignOwner: Rule(must_be_open, _assign),
    c.LinkRepeat: Rule(must_be_open, _link),
    c.FlagMajor: Rule(_may_flag_major, _flag_major),
    c.Flag: Rule(must_be_open, _flag),
    c.Mark: Rule(must_be_open, _mark),
    c.FinishTask: Rule(_may_finish_task, _finish_task),
    c.AddNote: Rule(_anyone, _note),
    c.InformCustomer: Rule(must_be_open, _inform),
    c.AddInformation: Rule(must_be_open, _add_information),
    c.Escalate: Rule(must_be_open, _escalate),
}
