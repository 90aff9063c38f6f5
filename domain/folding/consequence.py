"""Consequences raised and opened, and measures on the unit complained of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.complaint import Complaint
from domain.consequence import ConsequenceOpened, ConsequenceRaised, Raised
from domain.events import Event
from domain.folding import Changes
from domain.measures import MeasureTaken, Standing, standing
from domain.procedure import Procedure


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


CHANGES: Changes = {
    ConsequenceRaised: _raised,
    ConsequenceOpened: _opened,
    MeasureTaken: _measured,
}
