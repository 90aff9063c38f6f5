"""How each fact changes the state of a complaint, by noun. No rule is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.complaint import Complaint
from domain.events import Event
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
    chosen = tuple(f"person:{facts[name]}" for name in procedure.chosen_persons if facts.get(name))
    return {"facts": facts, "chosen": chosen}
