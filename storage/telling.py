"""What a text can say: the variables of a message, from the state right after the event it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from domain.clocks import Clock
from domain.complaint import Complaint
from domain.events import Closed, Event, Option
from domain.messages import Notify
from domain.procedure import Procedure


class Rendered(Protocol):
    """A message ready to be sent."""

    @property
    def subject(self) -> str:
        """One line."""

    @property
    def body(self) -> str:
        """Plain text."""


class Texts(Protocol):
    """How texts are made; the module ``procedures.texts`` is one."""

    def render(
        self, procedure: Procedure, template: str, language: str, variables: Mapping[str, Any]
    ) -> Rendered:
        """The message in that language, else the procedure's first; ValueError if it cannot be made."""

    def title_of(self, procedure: Procedure, key: str, language: str) -> str:
        """The title kept under a key such as ``remedy.refund``."""

    def translated_facts(
        self, procedure: Procedure, facts: Mapping[str, str], language: str
    ) -> dict[str, str]:
        """The facts as people read them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event of a complaint, the state right after it, and the event's hash."""

    event: Event
    complaint: Complaint
    hash: bytes


def variables(
    texts: Texts, procedure: Procedure, moment: Moment, notice: Notify, *, language: str, unit_title: str
) -> dict[str, Any]:
    """What a text may use of the case itself, in ``language``.

    Instants are shown on the clock of the procedure's calendar. The names of the people and the link of
    the portal are for the caller to add.
    """
    complaint, fact = moment.complaint, moment.event.fact
    zone = procedure.calendar.zone
    options = [_option(texts, procedure, option, language) for option in complaint.options]
    accepted = next((option for option in options if option["id"] == complaint.accepted), None)
    return {
        "ref": complaint.ref,
        "title": procedure.title.get(language) or next(iter(procedure.title.values()), ""),
        "organisation": procedure.organisation,
        "facts": texts.translated_facts(procedure, complaint.facts, language),
        "order": _order(complaint, notice.order, unit_title, zone),
        "clock": _clock(procedure, complaint.clock(notice.clock), moment.event, language, zone),
        "options": options,
        "accepted": accepted or {"id": "", "text": "", "remedies": []},
        "reason": _reason(procedure, fact, language),
        "text": next((str(t) for n in _WRITTEN if (t := getattr(fact, n, ""))), ""),
        "round": complaint.round,
        "external_ways": [way.get(language) or next(iter(way.values())) for way in procedure.external_ways],
    }


def structured(moment: Moment, notice: Notify, template: str, unit: str) -> dict[str, str]:
    """The same for machines: what webhooks carry. Nothing personal, instants in UTC."""
    complaint, event = moment.complaint, moment.event
    clock = complaint.clock(notice.clock)
    order = complaint.order(notice.order)
    data = {
        "ref": complaint.ref,
        "seq": str(event.seq),
        "event": event.fact.kind,
        "at": event.at.isoformat(),
        "template": template,
        "status": complaint.status.value,
        "round": str(complaint.round),
        "order": notice.order,
        "unit": unit,
        "purpose": order.purpose if order else "",
        "clock": clock.rule if clock else "",
        "due_at": clock.due_at.isoformat() if clock and clock.due_at else "",
    }
    return {name: value for name, value in data.items() if value}


_WRITTEN = ("text", "note", "result", "comment", "remarks", "demand")


def _reason(procedure: Procedure, fact: Any, language: str) -> str:
    if isinstance(fact, Closed):
        title = next((reason.title for reason in procedure.reasons if reason.name == fact.reason), {})
        return title.get(language) or next(iter(title.values()), fact.reason)
    return str(getattr(fact, "reason", "") or getattr(fact, "why", "") or getattr(fact, "remarks", ""))


def _order(complaint: Complaint, order_id: str, unit_title: str, zone: ZoneInfo) -> dict[str, str]:
    order = complaint.order(order_id)
    if order is None:
        return {"id": "", "unit": "", "note": "", "due": ""}
    dues = [c.due_at for c in complaint.running() if c.order == order.id and c.due_at]
    due = _shown(min(dues), zone) if dues else ""
    return {"id": order.id, "unit": unit_title or order.unit, "note": order.note, "due": due}


def _clock(
    procedure: Procedure, clock: Clock | None, event: Event, language: str, zone: ZoneInfo
) -> dict[str, str]:
    if clock is None:
        return {"title": "", "due": ""}
    rule = next((rule for rule in procedure.clocks if rule.name == clock.rule), None)
    title = rule.title if rule else {}
    due = clock.due_at or getattr(event.fact, "due_at", None)
    return {
        "title": title.get(language) or next(iter(title.values()), clock.rule),
        "due": _shown(due, zone) if due else "",
    }


def _option(texts: Texts, procedure: Procedure, option: Option, language: str) -> dict[str, Any]:
    remedies = []
    for remedy in option.remedies:
        title = texts.title_of(procedure, f"remedy.{remedy.type}", language)
        amount = f"{remedy.amount} {remedy.currency}".strip() if remedy.amount is not None else ""
        remedies.append(" ".join(part for part in (title, amount, remedy.note) if part))
    return {"id": option.id, "text": option.text, "remedies": remedies}


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
