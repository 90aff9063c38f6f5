"""The numbered archive: which keepers a closed complaint goes to (MFG-19, BNK-12, CRR-11)."""

from __future__ import annotations

from domain import events as ev
from domain.complaint import Complaint, OrderState
from domain.draft import Draft

ORGANISATION = "organisation"
UNIT = "unit:"

KEEPERS = ("organisation", "unit", "superior", "order_units")
"""Whose archives a closed complaint can go to, beside ``unit:<id>``: the whole organisation, the unit
complained of, the unit above it, the units that answered handling orders."""


def archive(draft: Draft) -> None:
    """Send the closed complaint to the keepers its procedure names and that do not have it yet.

    The number is theirs to give, in order of closing; a case that is opened and closed again keeps the ones
    it has.
    """
    keepers = [
        k for k in keepers_of(draft.procedure.archive, draft.complaint) if k not in draft.complaint.archived
    ]
    if keepers:
        year = draft.now.astimezone(draft.procedure.calendar.zone).year
        draft.emit(ev.Archived(year=year, keepers=tuple(keepers)))


def keepers_of(named: tuple[str, ...], complaint: Complaint) -> tuple[str, ...]:
    """The keepers a procedure names, for this complaint; one that it does not have is left out."""
    found: list[str] = []
    for keeper in named:
        match keeper:
            case "organisation":
                found.append(ORGANISATION)
            case "unit" if complaint.unit:
                found.append(UNIT + complaint.unit)
            case "superior" if complaint.unit_above:
                found.append(UNIT + complaint.unit_above)
            case "order_units":
                answered = (o for o in complaint.orders if o.state is OrderState.ANSWERED)
                found += [UNIT + order.unit for order in answered]
            case _ if keeper.startswith(UNIT):
                found.append(keeper)
    return tuple(dict.fromkeys(found))
