"""From what services give to what the API shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.responses import Response
from pydantic_core import to_json

from api.schemas.archive import NumberView
from api.schemas.base import told
from api.schemas.complaints import (
    ActionView,
    CallbackView,
    ClockView,
    ComplaintView,
    CustomerView,
    GuidanceView,
    OptionView,
    OrderView,
    RemedyView,
)
from api.schemas.consequences import ConsequenceView
from api.schemas.knowledge import KnowledgeView
from api.schemas.portal import ContactView
from api.schemas.procedures import AnnouncementView
from api.schemas.timeline import ExplanationView, SpanView
from domain.clocks import Clock
from domain.complaint import Order, Status
from domain.events import Option
from domain.procedure import Procedure
from domain.timekeeping import first_deadline, next_due
from services import reading
from services.beside import Beside
from services.consequences import Caused
from services.listing import Page
from services.reading import Case
from storage.queries.contacts import Contact


def complaint_view(case: Case, language: str, beside: Beside) -> ComplaintView:
    """One complaint for its reader, titles in their language, with what stands beside it."""
    c, row, procedure = case.complaint, case.row, case.procedure
    return ComplaintView(
        ref=row.ref,
        seq=c.seq,
        procedure=procedure.name,
        version=procedure.version,
        status=c.status.value,
        step=c.step,
        step_title=told(procedure.step(c.step).title, language) if c.step else "",
        round=c.round,
        channel=row.channel,
        language=row.language,
        title=row.title,
        summary=row.summary,
        customer=CustomerView(**case.customer),
        form=dict(case.form),
        facts=dict(c.facts) or dict(row.facts),
        owner=c.owner or row.owner,
        unit=c.unit or row.unit,
        unit_kind=c.unit_kind,
        opened_at=c.opened_at or row.opened_at,
        closed_at=c.closed_at,
        closing_reason=c.closing_reason,
        referred=list(c.referred),
        repeat_of=c.repeat_of or row.repeat_of,
        repeat_reason=c.repeat_reason or row.repeat_reason,
        repeat_count=c.repeat_count,
        major=c.major,
        flags=list(c.flags),
        marks=list(c.marks),
        held_at=c.held_at,
        held_until=c.held_until,
        breaches=c.breaches,
        orders=[order_view(order) for order in c.orders],
        clocks=[clock_view(case, clock, language) for clock in c.clocks],
        options=[option_view(option) for option in c.options],
        guidance=guidance_views(case, language),
        accepted=c.accepted,
        beyond_authority=list(c.beyond),
        approved=list(c.approved),
        callback=CallbackView.model_validate(c.callback) if c.callback else None,
        next_due=next_due(c),
        due_at=first_deadline(c),
        parent=c.parent or row.parent,
        consequence=c.consequence or row.consequence,
        person=c.person,
        history=dict(c.history),
        unit_standing=c.unit_standing,
        consequences=[consequence_view(procedure, one, language) for one in beside.caused],
        redacted_at=row.redacted_at,
        announcements=[AnnouncementView.model_validate(one) for one in beside.announcements],
        knowledge=[KnowledgeView.model_validate(one) for one in beside.knowledge],
        archive=[NumberView.model_validate(number) for number in beside.numbers],
        allowed_actions=[ActionView(verb=action.verb, target=action.target) for action in case.actions],
    )


def consequence_view(procedure: Procedure, one: Caused, language: str) -> ConsequenceView:
    """One consequence of a case."""
    raised, case = one.raised, one.case
    rule = procedure.consequence(raised.consequence)
    return ConsequenceView(
        ref=raised.ref,
        consequence=raised.consequence,
        title=told(rule.title, language) if rule else raised.consequence,
        unit=raised.unit,
        person=raised.person,
        why=told(procedure.titles.get(f"raised.{raised.consequence}.{raised.why}", {}), language)
        or raised.why,
        status=case.status if case else Status.NEW.value,
        step=case.step if case else "",
        opened_at=case.opened_at if case else None,
        closed_at=case.closed_at if case else None,
        closing_reason=case.closing_reason if case else "",
        next_due=case.next_due if case else None,
        due_at=case.due_at if case else None,
        breached=case.breached if case else 0,
    )


def guidance_views(case: Case, language: str) -> list[GuidanceView]:
    """HOT-1: what whoever does the current step is to mind, and what of it is done."""
    step = case.procedure.step(case.complaint.step) if case.complaint.step else None
    if step is None or step.guidance is None:
        return []
    titles = case.procedure.titles
    return [
        GuidanceView(
            point=point,
            title=told(titles.get(f"guidance.{step.name}.{point}", {}), language),
            done=point in case.complaint.ticked,
            required=step.guidance.required,
        )
        for point in step.guidance.points
    ]


def listed(page: Page[Any]) -> Response:
    """One page of a list as it is answered, its items being dataclasses with the fields of their schema.

    Written without a model for each line: that would take as long as the rest of a list altogether.
    """
    return Response(to_json({"items": page.items, "after": page.after}), media_type="application/json")


def contact_views(contacts: Sequence[Contact], language: str) -> list[ContactView]:
    """The contact ladder in the reader's language."""
    return [
        ContactView(unit=one.unit, name=told(one.name, language), published=dict(one.published))
        for one in contacts
    ]


def order_view(order: Order) -> OrderView:
    """One order."""
    return OrderView(
        id=order.id,
        unit=order.unit,
        purpose=order.purpose,
        round=order.round,
        state=order.state.value,
        at=order.at,
        note=order.note,
        handler=order.handler,
        outcome=order.outcome,
        result=order.result,
        superior=order.superior,
    )


def clock_view(case: Case, clock: Clock, language: str) -> ClockView:
    """One clock."""
    rule = case.procedure.clock_rule(clock.rule)
    asked = case.complaint.asked.get(clock.id)
    return ClockView(
        id=clock.id,
        rule=clock.rule,
        title=told(rule.title, language) if rule else clock.rule,
        order=clock.order,
        round=clock.round,
        limit=str(clock.limit) if clock.limit else "",
        state=reading.clock_state(clock),
        started_at=clock.started_at,
        due_at=clock.due_at,
        breached_at=clock.breached_at,
        stopped_at=clock.stopped_at,
        asked=str(asked) if asked else "",
    )


def option_view(option: Option) -> OptionView:
    """One solution offered."""
    return OptionView(
        id=option.id,
        text=option.text,
        remedies=[
            RemedyView(
                type=r.type,
                note=r.note,
                amount=str(r.amount) if r.amount is not None else None,
                currency=r.currency,
            )
            for r in option.remedies
        ],
    )


def explanation_view(case: Case, clock: Clock) -> ExplanationView:
    """Why a clock is due when it is."""
    return ExplanationView(
        clock=clock.id,
        rule=clock.rule,
        limit=str(clock.limit) if clock.limit else "",
        extensions=[str(limit) for limit in clock.extensions],
        timezone=case.procedure.calendar.timezone,
        started_at=clock.started_at,
        due_at=clock.due_at,
        paused_at=clock.paused_at,
        spans=[
            SpanView(
                start_at=span.start_at,
                end_at=span.end_at,
                kind=span.kind,
                counted=span.counted.total_seconds(),
                total=span.total.total_seconds(),
                note=span.note,
                dates=[day.isoformat() for day in span.dates],
            )
            for span in reading.explanation(case, clock)
        ],
    )
