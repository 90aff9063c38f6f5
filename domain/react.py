"""Reacting: what has to be told to whom because of an event. The effects, as data."""

from __future__ import annotations

from domain import events as ev
from domain.complaint import Complaint
from domain.events import Event
from domain.messages import EMPTY_POST, Notify
from domain.procedure import Procedure
from domain.triggers import order_meant, triggers


def react(procedure: Procedure, complaint: Complaint, event: Event) -> list[Notify]:
    """The messages ``event`` causes; ``complaint`` is the state right after it.

    The procedure's notices say who is told of what; warnings and escalations also go to the posts their rung
    names, so a ladder reaches its people even where no notice mentions them. An order that was withheld is as
    one to an empty post: where no notice says who hears of it, the dispatcher and the duty owner do.
    """
    fact = event.fact
    order = order_meant(complaint, fact)
    pulled = triggers(fact, order)
    if not pulled:
        return []
    heard = [notice for trigger in pulled for notice in procedure.told_on(trigger)]
    if not heard and isinstance(fact, ev.OrderWithheld):
        return [Notify(seq=event.seq, template=EMPTY_POST, to=("dispatcher", "duty"))]
    if not heard and not isinstance(fact, ev.ClockWarned | ev.Escalated):
        return []
    order_id = order.id if order else ""
    clock_id = getattr(fact, "clock", "") or ""
    facts = complaint.rule_facts(order)
    told = [
        Notify(seq=event.seq, template=notice.template, to=notice.to, order=order_id, clock=clock_id)
        for notice in heard
        if notice.when.holds(facts)
    ]
    if isinstance(fact, ev.ClockWarned | ev.Escalated):
        template = "warned" if isinstance(fact, ev.ClockWarned) else "escalated"
        told.append(Notify(seq=event.seq, template=template, to=fact.to, order=order_id, clock=clock_id))
    return told
