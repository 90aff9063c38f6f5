"""Orders: given, taken, declined, answered, sent back, recalled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain import events as ev
from domain.complaint import Complaint, Order, OrderState
from domain.errors import CorruptHistory
from domain.events import Event
from domain.folding import Changes, named, with_facts
from domain.forms import routable
from domain.procedure import Procedure
from domain.step import StepKind


def _dispatched(
    procedure: Procedure, complaint: Complaint, event: Event, fact: ev.Dispatched
) -> dict[str, Any]:
    order = Order(
        id=fact.order,
        unit=fact.unit,
        purpose=fact.purpose,
        round=complaint.round,
        state=OrderState.DISPATCHED,
        at=event.at,
        note=fact.note,
        unit_kind=fact.unit_kind,
        unit_above=fact.unit_above,
        superior=fact.superior,
        step=complaint.step if _awaited(procedure, complaint, fact.purpose) else "",
    )
    if complaint.chosen:
        order = named(procedure, order, complaint.facts)
    passed = (
        replace(one, passed_on=True) if one.unsettled and one.purpose == fact.purpose else one
        for one in complaint.orders
    )
    withheld = tuple(purpose for purpose in complaint.withheld if purpose != fact.purpose)
    return {"orders": (*passed, order), "withheld": withheld}


def _withheld(procedure: Procedure, complaint: Complaint, _: Event, fact: ev.OrderWithheld) -> dict[str, Any]:
    if not _awaited(procedure, complaint, fact.purpose):
        return {}
    return {"withheld": tuple(dict.fromkeys((*complaint.withheld, fact.purpose)))}


def _awaited(procedure: Procedure, complaint: Complaint, purpose: str) -> bool:
    step = procedure.step(complaint.step) if complaint.step else None
    return step is not None and step.kind is StepKind.HANDLE and purpose in procedure.awaited(step)


def _order_change(complaint: Complaint, order_id: str, **changes: Any) -> dict[str, Any]:
    if complaint.order(order_id) is None:
        raise CorruptHistory(f"{complaint.ref}: there is no order {order_id}")
    orders = tuple(replace(o, **changes) if o.id == order_id else o for o in complaint.orders)
    return {"orders": orders}


def _taken(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderTaken) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.TAKEN, handler=fact.handler)


def _declined(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderDeclined) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.DECLINED, result=fact.reason)


def _sent_back(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderSentBack) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.DISPATCHED, outcome="", result="")


def _recalled(_: Procedure, complaint: Complaint, __: Event, fact: ev.OrderRecalled) -> dict[str, Any]:
    return _order_change(complaint, fact.order, state=OrderState.RECALLED, result=fact.reason)


def _answered(procedure: Procedure, complaint: Complaint, _: Event, fact: ev.OrderAnswered) -> dict[str, Any]:
    changes = _order_change(
        complaint, fact.order, state=OrderState.ANSWERED, outcome=fact.outcome, result=fact.result
    )
    fields = procedure.step(complaint.step).requires if complaint.step else ()
    order = complaint.order(fact.order)
    asked = procedure.purpose(order.purpose).requires if order else ()
    known = routable((*fields, *asked), fact.answers)
    return {**changes, **with_facts(procedure, complaint.changed(changes), known), "unverified": False}


CHANGES: Changes = {
    ev.Dispatched: _dispatched,
    ev.OrderWithheld: _withheld,
    ev.OrderTaken: _taken,
    ev.OrderDeclined: _declined,
    ev.OrderSentBack: _sent_back,
    ev.OrderRecalled: _recalled,
    ev.OrderAnswered: _answered,
}
