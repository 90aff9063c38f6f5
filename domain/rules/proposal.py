"""Proposals: solutions worked out, decided by the customer, carried out."""

from __future__ import annotations

from domain import authority, route
from domain import commands as c
from domain import events as ev
from domain.commands import Actor
from domain.conflict import check_named
from domain.draft import Draft
from domain.errors import Refused
from domain.forms import placed
from domain.rules import (
    Rule,
    Rules,
    Situation,
    check_form,
    must_be_guided,
    must_be_in,
    must_be_open,
    must_perform,
    must_say,
)
from domain.step import StepKind


def _may_propose(situation: Situation) -> None:
    """CON-4: nobody proposes before the facts are verified: before a unit or a person has looked into them.

    The route sees to that, and the checker to the route. What was found stands while the customer refuses
    what is offered and we offer something else: that is an argument about the remedy (CTR-6, MFG-18), and
    where the facts are to be verified again the procedure sends the complaint back (CRR-9, TEL-14). It does
    not outlive the end: what comes back after closing or after a callback has to be looked into again,
    whatever the route passes.
    """
    must_be_open(situation)
    step = situation.step
    if step is not None and step.kind in (StepKind.TASK, StepKind.HANDLE):
        raise Refused("not_verified", f"the facts are not verified yet; the complaint is at {step.name!r}")
    step = must_be_in(situation, StepKind.PROPOSE)
    if situation.complaint.unverified:
        message = "nobody has looked into it since it was opened again; give a unit an order to do so"
        raise Refused("not_verified", message)
    must_perform(situation, step)
    must_be_guided(situation, step)


def _propose(draft: Draft, command: c.Propose, actor: Actor) -> None:
    """HOT-2: one or more alternatives; ids are their places when none are given."""
    if not command.options:
        raise Refused("missing", "at least one solution is needed", fields={"options": "at least one"})
    if len(command.options) > 20:
        raise Refused("too_many", "at most 20 solutions", fields={"options": "at most 20"})
    least = draft.procedure.step(draft.complaint.step).at_least
    if len(command.options) < least:
        wanted = f"at least {least}"
        raise Refused("too_few", f"the customer chooses from {wanted} solutions", fields={"options": wanted})
    options = []
    for place, option in enumerate(command.options, start=1):
        must_say(option.text, f"options.{place}.text", "a description")
        for remedy in option.remedies:
            _check_remedy(draft, remedy, place)
        options.append(ev.Option(id=option.id or str(place), text=option.text, remedies=option.remedies))
    if len({option.id for option in options}) != len(options):
        raise Refused("doubled", "two solutions have the same id", fields={"options": "ids must differ"})
    offered = tuple(options)
    answers = _filled_in(draft, command, offered)
    beyond = _beyond(draft, offered, actor)
    draft.emit(ev.Proposed(options=offered, grounds=command.grounds, beyond=beyond))
    route.finish(draft, "proposed", answers)


def _filled_in(draft: Draft, command: c.Propose, offered: tuple[ev.Option, ...]) -> dict[str, str]:
    """CRR-7: what the step's form asks about these solutions; conditions see the remedies on offer."""
    step = draft.procedure.step(draft.complaint.step)
    facts = draft.complaint.changed({"options": offered, "accepted": ""}).rule_facts()
    check_form(step.requires, command.answers, facts, draft.files)
    check_named(step.requires, command.answers, draft.complaint.complained_of)
    return placed(step.requires, command.answers, draft.places)


def _beyond(draft: Draft, options: tuple[ev.Option, ...], actor: Actor) -> tuple[str, ...]:
    """CTR-4, BNK-7: whose authority the options exceed; CTR-6: nor may it be promised."""
    table = draft.procedure.authority
    if not table:
        return ()
    facts = draft.complaint.changed({"options": options, "accepted": ""}).rule_facts()
    found = authority.beyond(table, facts, actor.roles)
    step = route.current(draft)
    if authority.OWN in found and step is not None and step.within_authority:
        may = ", ".join(authority.who_may(table, facts)) or "nobody"
        reason = f"this is beyond your authority; within it are: {may}"
        raise Refused("over_authority", reason, fields={"options": f"within the authority of {may}"})
    return found


def _check_remedy(draft: Draft, remedy: ev.Remedy, place: int) -> None:
    field = f"options.{place}.remedies"
    known = draft.procedure.remedies
    if known and remedy.type not in known:
        raise Refused("no_such_remedy", f"remedies are: {', '.join(known)}", fields={field: remedy.type})
    if remedy.amount is None:
        return
    if not remedy.amount.is_finite() or remedy.amount <= 0 or remedy.amount >= 10**15:
        raise Refused("amount", "an amount is more than zero", fields={field: str(remedy.amount)})
    if remedy.amount != round(remedy.amount, 2):
        raise Refused("amount", "an amount has at most two decimals", fields={field: str(remedy.amount)})
    if len(remedy.currency) != 3 or not remedy.currency.isupper():
        raise Refused("currency", "an amount needs a currency such as CNY", fields={field: remedy.currency})
    money = draft.procedure.money
    if money is not None and remedy.currency != money.currency:
        only = f"the books of this procedure are kept in {money.currency}"
        raise Refused("currency", only, fields={field: money.currency})


def _may_decide(situation: Situation) -> None:
    must_be_guided(situation, must_be_in(situation, StepKind.DECIDE))


def _accept(draft: Draft, command: c.Accept, _: Actor) -> None:
    """The option may be left out when only one was offered."""
    offered = [option.id for option in draft.complaint.options]
    option = command.option or (offered[0] if len(offered) == 1 else "")
    if option not in offered:
        wanted = f"one of {', '.join(offered)}"
        raise Refused("no_such_option", f"choose {wanted}", fields={"option": wanted})
    draft.emit(ev.CustomerAccepted(option=option, comment=command.comment))
    route.finish(draft, "accepted")


def _reject(draft: Draft, command: c.Reject, _: Actor) -> None:
    """CRR-9: a refusal is recorded with its reason and new demand, and leads on, never to a bare end."""
    must_say(command.reason, "reason", "a reason")
    draft.emit(ev.CustomerRejected(reason=command.reason, demand=command.demand))
    route.finish(draft, "rejected", note=command.reason)


def _may_fulfil(situation: Situation) -> None:
    step = must_be_in(situation, StepKind.FULFIL)
    must_perform(situation, step)
    must_be_guided(situation, step)


def _fulfil(draft: Draft, command: c.Fulfil, _: Actor) -> None:
    draft.emit(ev.Fulfilled(note=command.note))
    route.finish(draft, "fulfilled")


RULES: Rules = {
    c.Propose: Rule(_may_propose, _propose),
    c.Accept: Rule(_may_decide, _accept),
    c.Reject: Rule(_may_decide, _reject),
    c.Fulfil: Rule(_may_fulfil, _fulfil),
}
