"""How each fact changes the state of a complaint, by noun. No rule is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from domain.complaint import Complaint, Order
from domain.events import Event
from domain.fields import chosen_in
from domain.procedure import Procedure

Change = Callable[[Procedure, Complaint, Event, Any], dict[str, Any]]
"""The new values of some fields of the complaint, from the state before, the event and its fact."""

Changes = Mapping[type, Change]
"""Changes by the type of the fact."""


def with_facts(procedure: Procedure, complaint: Complaint, new: Mapping[str, str]) -> dict[str, Any]:
    """The facts with new ones, and the persons who are chosen by them to do something."""
    facts = {**complaint.facts, **new}
    if not procedure.chosen_persons:
        return {"facts": facts}
    changed = {"facts": facts, "chosen": _chosen(procedure.chosen_persons, facts)}
    if not complaint.orders:
        return changed
    return {**changed, "orders": tuple(named(procedure, order, facts) for order in complaint.orders)}


def named(procedure: Procedure, order: Order, facts: Mapping[str, str]) -> Order:
    """The order with the persons it is for by name; nobody where the version lacks its purpose."""
    by = next((purpose.by for purpose in procedure.purposes if purpose.name == order.purpose), ())
    chosen = _chosen(chosen_in(by), facts)
    return order if chosen == order.chosen else replace(order, chosen=chosen)


def _chosen(names: Iterable[str], facts: Mapping[str, str]) -> tuple[str, ...]:
    """The persons named in those fields of the forms, as actors' ids."""
    return tuple(f"person:{facts[name]}" for name in names if facts.get(name))
