"""Raising: which consequences a fact leads to by rule, and what one is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from domain.complaint import Complaint, Order
from domain.consequence import CHOSEN, Consequence, ConsequenceOpened, ConsequenceRaised, Raised, Way
from domain.events import Event
from domain.measures import MeasureTaken, Standing, standing
from domain.procedure import Procedure


def by_rule(
    complaint: Complaint, rule: Consequence, way: Way, order: Order | None, trigger: str
) -> ConsequenceRaised | None:
    """What ``rule`` raises when ``trigger`` was pulled by what happened, to ``order`` if to one.

    None when its condition does not hold, or when the same was raised already: a rule that is met again in
    the next round finds the case that is there.
    """
    if not way.when.holds(complaint.rule_facts(order)):
        return None
    raised = raise_about(complaint, rule, way, order, trigger=trigger)
    same = (raised.consequence, raised.unit, raised.person)
    if any((one.consequence, one.unit, one.person) == same for one in complaint.raised):
        return None
    return raised


def raise_about(
    complaint: Complaint,
    rule: Consequence,
    way: Way,
    order: Order | None = None,
    *,
    unit: str = "",
    trigger: str = "",
    note: str = "",
) -> ConsequenceRaised:
    """The fact that ``rule`` is raised, under the next reference; ``unit``: another than the rule says."""
    about, person = complaint.unit, ""
    if way.about == "order_unit":
        given = order or (complaint.orders[-1] if complaint.orders else None)
        about = given.unit if given else complaint.unit
    elif way.about.startswith(CHOSEN):
        chosen = complaint.facts.get(way.about.removeprefix(CHOSEN), "")
        about, person = (complaint.unit, chosen) if way.of_person else (chosen or complaint.unit, "")
    return ConsequenceRaised(
        consequence=rule.name,
        ref=f"{complaint.ref}-{len(complaint.raised) + 1}",
        unit=unit or about,
        person="" if unit else person,
        trigger=trigger,
        way=way.name,
        note=note,
    )


def _raised(_: Procedure, complaint: Complaint, __: Event, fact: ConsequenceRaised) -> dict[str, Any]:
    why = fact.note or fact.way or fact.trigger
    new = Raised(fact.consequence, fact.ref, fact.unit, fact.person, why)
    return {"raised": (*complaint.raised, new)}


def _opened(_: Procedure, complaint: Complaint, __: Event, fact: ConsequenceOpened) -> dict[str, Any]:
    opened = (replace(one, opened=True) if one.ref == fact.ref else one for one in complaint.raised)
    return {"raised": tuple(opened)}


def _measured(_: Procedure, complaint: Complaint, __: Event, fact: MeasureTaken) -> dict[str, Any]:
    if fact.unit != complaint.unit:
        return {}
    earlier = {Standing.SUSPENDED: ("suspend",), Standing.ENDED: ("end_cooperation",)}
    before = earlier.get(Standing(complaint.unit_standing or Standing.ACTIVE), ())
    return {"unit_standing": _unless_active(standing((*before, fact.measure)))}


def _unless_active(found: Standing) -> str:
    return "" if found is Standing.ACTIVE else found.value


CHANGES: Mapping[type, Callable[[Procedure, Complaint, Event, Any], dict[str, Any]]] = {
    ConsequenceRaised: _raised,
    ConsequenceOpened: _opened,
    MeasureTaken: _measured,
}
"""How these facts change the state, for ``domain.evolve``."""
