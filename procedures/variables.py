"""The values a text is filled with, taken from a complaint and the event that is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import events as ev
from domain.clocks import Clock
from domain.complaint import Complaint, Order
from domain.consequence import ConsequenceRaised
from domain.events import Fact, Option
from domain.measures import Standing
from domain.postings import Posted
from domain.procedure import Procedure
from procedures.dues import due_text, shown
from procedures.facts import all_fields
from procedures.spoken import spoken
from procedures.texts import title_of, translated_facts

AGREED_TITLES: Mapping[str, Mapping[str, str]] = {
    "promise": {"en": "Promised reply", "zh": "承诺答复"},
    "visit": {"en": "Agreed visit", "zh": "约定上门"},
}
"""Titles of the clocks that no procedure names, because people agree on them."""

STANDING_TITLES: Mapping[str, Mapping[str, str]] = {
    Standing.SUSPENDED: {"en": "suspended", "zh": "已暂停业务"},
    Standing.ENDED: {"en": "cooperation ended", "zh": "已终止合作"},
}
"""Why a unit gets no orders, in the words of people."""


def variables(
    procedure: Procedure,
    complaint: Complaint,
    fact: Fact,
    language: str,
    *,
    order: str = "",
    clock: str = "",
    unit_names: Mapping[str, str] | None = None,
    customer_name: str = "",
    recipient_name: str = "",
    portal_link: str = "",
) -> dict[str, Any]:
    """Every variable of ``procedures.texts.VARIABLES`` for one message about ``fact``.

    ``complaint`` is the state after the fact, ``order`` and ``clock`` the ids the message names,
    ``unit_names`` how units are called by people (else their ids). Instants are shown on the clock of
    the procedure's calendar.
    """
    about = complaint.order(order)
    running = complaint.clock(clock)
    if isinstance(fact, ev.VisitAgreed):
        running = next((c for c in reversed(complaint.running()) if c.rule == "visit"), running)
    ways = procedure.ways_outside(complaint.rule_facts())
    return {
        "ref": complaint.ref,
        "title": _in(procedure.title, language),
        "organisation": procedure.organisation,
        "facts": translated_facts(procedure, complaint.facts, language),
        "order": _order(procedure, complaint, about, language, unit_names or {}),
        "clock": _clock(procedure, running, language),
        "due": _due(procedure, complaint, language),
        "options": [_option(procedure, option, language) for option in complaint.on_offer()],
        "answers": _answers(procedure, fact, language),
        "grounds": complaint.grounds,
        "accepted": _accepted(procedure, complaint, language),
        "reason": _reason(procedure, fact, language, unit_names or {}),
        "text": _text(procedure, fact, language),
        "at": shown(procedure, _at(fact)),
        "round": complaint.round,
        "consequence": _consequence(procedure, fact, language),
        "parent": complaint.parent,
        "posting": _posting(procedure, complaint, fact, language),
        "portal_link": portal_link,
        "customer_name": customer_name,
        "recipient_name": recipient_name,
        "external_ways": [_in(way.title, language) for way in ways],
        "referred_to": [_in(way.title, language) for way in procedure.ways if way.name in complaint.referred],
        "ending": complaint.closing_reason,
        "final": any(r.final for r in procedure.reasons if r.name == complaint.closing_reason),
    }


def clock_title(procedure: Procedure, rule: str, language: str) -> str:
    """What the clock of that rule is called; agreed ones (promise, visit) included."""
    titles = next((r.title for r in procedure.clocks if r.name == rule), AGREED_TITLES.get(rule, {}))
    return _in(titles, language) or rule


def _in(titles: Mapping[str, str], language: str) -> str:
    return titles.get(language) or next(iter(titles.values()), "")


def _order(
    procedure: Procedure, complaint: Complaint, order: Order | None, language: str, names: Mapping[str, str]
) -> dict[str, str]:
    if order is None:
        return {"id": "", "unit": "", "note": "", "due": ""}
    own = [clock for clock in complaint.running() if clock.order == order.id]
    others = [clock for clock in complaint.running() if not clock.order]
    first = min(own or others, key=_soonest, default=None)
    return {
        "id": order.id,
        "unit": names.get(order.unit, order.unit),
        "note": order.note,
        "due": due_text(procedure, first, language) if first else "",
    }


def _clock(procedure: Procedure, clock: Clock | None, language: str) -> dict[str, str]:
    if clock is None:
        return {"title": "", "due": ""}
    return {
        "title": clock_title(procedure, clock.rule, language),
        "due": due_text(procedure, clock, language),
    }


def _soonest(clock: Clock) -> tuple[bool, datetime]:
    """The order of deadlines: those that stand still come last."""
    return clock.due_at is None, clock.due_at or clock.started_at


def _due(procedure: Procedure, complaint: Complaint, language: str) -> dict[str, str]:
    """HOT-3: until when each deadline runs that the customer can be told, by name; blank when it does not."""
    known = dict.fromkeys((*(rule.name for rule in procedure.clocks), *AGREED_TITLES), "")
    for clock in sorted(complaint.running(), key=_soonest, reverse=True):
        known[clock.rule] = due_text(procedure, clock, language)
    return known


def _option(procedure: Procedure, option: Option, language: str) -> dict[str, Any]:
    remedies = []
    for remedy in option.remedies:
        amount = f"{remedy.amount} {remedy.currency}" if remedy.amount is not None else ""
        parts = (title_of(procedure, f"remedy.{remedy.type}", language), amount, remedy.note)
        remedies.append(" ".join(part for part in parts if part))
    return {"id": option.id, "text": option.text, "remedies": remedies}


def _accepted(procedure: Procedure, complaint: Complaint, language: str) -> dict[str, Any]:
    chosen = next((o for o in complaint.options if o.id == complaint.accepted), Option("", ""))
    return _option(procedure, chosen, language)


def _consequence(procedure: Procedure, fact: Fact, language: str) -> dict[str, str]:
    if not isinstance(fact, ConsequenceRaised):
        return {"ref": "", "title": ""}
    return {"ref": fact.ref, "title": title_of(procedure, f"raised.{fact.consequence}", language)}


def _posting(procedure: Procedure, complaint: Complaint, fact: Fact, language: str) -> dict[str, str]:
    """The money a fact is about: of a posting, or of what became of paying it out."""
    posting_id = fact.id if isinstance(fact, Posted) else getattr(fact, "posting", "")
    posting = complaint.posting(posting_id)
    entry_name = posting.entry if posting else getattr(fact, "entry", "")
    if not entry_name:
        return {"title": "", "amount": ""}
    entry = procedure.money.entry(entry_name) if procedure.money else None
    return {
        "title": (_in(entry.title, language) if entry else "") or entry_name,
        "amount": f"{posting.amount} {posting.currency}" if posting else "",
    }


def _reason(procedure: Procedure, fact: Fact, language: str, names: Mapping[str, str]) -> str:
    if isinstance(fact, ev.OrderWithheld):
        why = _in(STANDING_TITLES.get(fact.standing, {}), language) or fact.standing
        return f"{names.get(fact.unit, fact.unit)} ({why})"
    if isinstance(fact, ev.Closed):
        titles = next((r.title for r in procedure.reasons if r.name == fact.reason), {})
        return _in(titles, language) or fact.reason
    if isinstance(fact, ev.MajorFlagged):
        rule = next((rule for rule in procedure.major if rule.in_short() == fact.why), None)
        return spoken(procedure, rule, language) if rule else fact.why  # a person's own words stay
    if isinstance(fact, ev.Escalated) and fact.clock:
        return ""  # the text names the deadline itself
    for name in ("reason", "why", "remarks", "comment"):
        told = getattr(fact, name, "")
        if told:
            return str(told)
    return ""


def _answers(procedure: Procedure, fact: Fact, language: str) -> dict[str, str]:
    """What was filled in with the fact, as people read it; personal fields and all others are blank."""
    told: Mapping[str, str] = getattr(fact, "answers", {})
    shown = {field.name: "" for field in all_fields(procedure)}
    for field in all_fields(procedure):
        value = told.get(field.name, "")
        if value and not field.personal:
            choice = title_of(procedure, f"field.{field.name}.{value}", language)
            shown[field.name] = choice if field.choices else value
    return shown


def _text(procedure: Procedure, fact: Fact, language: str) -> str:
    if isinstance(fact, ev.OrderWithheld):
        return _in(procedure.purpose(fact.purpose).title, language) or fact.purpose
    for name in ("text", "note", "result", "demand"):
        told = getattr(fact, name, "")
        if told:
            return str(told)
    return ""


def _at(fact: Fact) -> datetime | None:
    if isinstance(fact, ev.VisitAgreed | ev.CallbackScheduled):
        return fact.at
    if isinstance(fact, ev.ReplyPromised | ev.Held | ev.Resumed):
        return fact.until
    return None
