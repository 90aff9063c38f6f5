"""What a manager sees of a complaint in the Temporal UI: Markdown details and search attributes."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from temporalio.common import SearchAttributeKey

from domain.clocks import Clock
from domain.complaint import Complaint
from domain.procedure import Procedure
from domain.timekeeping import next_due
from workflows import registry


def summary(procedure: Procedure, ref: str, category: str) -> str:
    """One line that names the complaint in lists of the Temporal UI; no personal data."""
    title = procedure.title.get("en", procedure.name)
    return f"{ref}: {category} ({title} {procedure.version})" if category else f"{ref} ({title})"


def details(procedure: Procedure, complaint: Complaint) -> str:
    """The case in Markdown: status, step, round, owner, open clocks with due times, open orders.

    Times are told in the procedure's zone. Personal data never appears here.
    """
    zone = ZoneInfo(procedure.calendar.timezone)
    lines = [f"### {complaint.ref}: {complaint.status.value}", ""]
    step = procedure.step(complaint.step).title.get("en", complaint.step) if complaint.step else "—"
    lines += [
        f"**Step** {step} · **Round** {complaint.round} · **Owner** {complaint.owner}",
        "",
        f"**Facts** {', '.join(f'{k}: {v}' for k, v in complaint.facts.items()) or '—'}",
    ]
    notes = [word for word, on in (("major", complaint.major), ("on hold", complaint.held_at)) if on]
    notes += [f"repeat of {complaint.repeat_of}"] if complaint.repeat_of else []
    notes += [f"{complaint.breaches} breach(es)"] if complaint.breaches else []
    notes += [f"closed as {complaint.closing_reason}"] if complaint.closing_reason else []
    if notes:
        lines += ["", f"**Mind** {', '.join(notes)}"]
    if complaint.parent:
        lines += ["", f"**Raised by** {complaint.parent}, as {complaint.consequence}"]
    if complaint.raised:
        lines += ["", f"**Led to** {', '.join(f'{r.consequence} {r.ref}' for r in complaint.raised)}"]
    if complaint.running():
        lines += ["", "| clock | order | limit | due | state |", "|---|---|---|---|---|"]
        lines += [_clock_row(procedure, clock, zone) for clock in complaint.running()]
    if complaint.open_orders():
        lines += ["", "| order | unit | purpose | state |", "|---|---|---|---|"]
        lines += [f"| {o.id} | {o.unit} | {o.purpose} | {o.state.value} |" for o in complaint.open_orders()]
    return "\n".join(lines)


def _clock_row(procedure: Procedure, clock: Clock, zone: ZoneInfo) -> str:
    rule = next((r for r in procedure.clocks if r.name == clock.rule), None)
    title = rule.title.get("en", clock.rule) if rule else clock.rule
    state = "breached" if clock.breached_at else "paused" if clock.paused_at else "running"
    due = f"{clock.due_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}" if clock.due_at else "—"
    return f"| {title} | {clock.order or '—'} | {clock.limit or 'agreed'} | {due} | {state} |"


def _unit(complaint: Complaint) -> str | None:
    """Who has the complaint: the unit of the newest open order, else of the newest, else its subject."""
    orders = complaint.open_orders() or complaint.orders
    return orders[-1].unit if orders else complaint.unit or None


def search_attributes(complaint: Complaint) -> dict[SearchAttributeKey[Any], Any]:
    """The values by which complaints are found in the Temporal UI; None unsets."""
    return {
        registry.STATUS: complaint.status.value,
        registry.UNIT: _unit(complaint),
        registry.SEVERITY: complaint.facts.get("severity"),
        registry.NEXT_DUE: next_due(complaint),
        registry.ROUND: complaint.round,
        registry.BREACHED: complaint.breaches > 0,
    }
