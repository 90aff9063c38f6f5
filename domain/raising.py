"""Raising: which consequences a fact leads to by rule, and what one is about."""

from __future__ import annotations

from domain.complaint import Complaint, Order
from domain.consequence import CHOSEN, Consequence, ConsequenceRaised, Way


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
