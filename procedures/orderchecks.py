"""Checking orders: their purposes are there, and whoever is chosen by a form is asked for in one."""

from __future__ import annotations

from domain.fields import FieldType
from domain.procedure import Procedure
from domain.purpose import DECLINED
from procedures.facts import all_fields
from procedures.problems import did_you_mean
from procedures.sheet import Sheet


def check_orders(procedure: Procedure, sheet: Sheet) -> None:
    """Note purposes that are missing, and assignees nobody could ever know."""
    _check_purposes(procedure, sheet)
    _check_planned(procedure, sheet)
    _check_chosen(procedure, sheet)


def _check_purposes(procedure: Procedure, sheet: Sheet) -> None:
    if not procedure.purposes:
        return
    names = [purpose.name for purpose in procedure.purposes]
    if "handle" not in names:
        place = sheet.place("purpose", names[0])
        sheet.findings.add(
            place, "missing", "the purpose 'handle' is missing: it is the main work every order is about"
        )
    for purpose in procedure.purposes:
        for outcome, (following, _) in purpose.follow.items():
            place = sheet.place("follow", f"{purpose.name}:{outcome}")
            if outcome not in (*purpose.outcomes, DECLINED):
                hint = did_you_mean(outcome, (*purpose.outcomes, DECLINED))
                sheet.findings.add(place, "outcome", f"{purpose.name!r} has no outcome {outcome!r}: {hint}")
            if following and following not in names:
                hint = did_you_mean(following, names)
                sheet.findings.add(place, "purpose", f"there is no purpose {following!r}: {hint}")


def _check_planned(procedure: Procedure, sheet: Sheet) -> None:
    """Orders a step gives by itself are for purposes there are."""
    names = [purpose.name for purpose in procedure.purposes]
    for step in procedure.steps:
        for order in step.orders:
            if order.purpose not in names:
                message = f"there is no purpose {order.purpose!r}: {did_you_mean(order.purpose, names)}"
                sheet.findings.add(sheet.place("order", f"{step.name}:{order.purpose}"), "purpose", message)


def _check_chosen(procedure: Procedure, sheet: Sheet) -> None:
    """Who is chosen by a form is asked for in one, and can be known to the rules."""
    fields = sheet.fields | {field.name: field for field in all_fields(procedure)}
    possible = [f.name for f in fields.values() if f.type in (FieldType.PERSON, FieldType.UNIT)]
    for place, name, wanted in sheet.chosen:
        field = fields.get(name)
        if field is None:
            hint = did_you_mean(name, possible) if possible else "ask for it in a form"
            sheet.findings.add(place, "chosen", f"no form has a field {name!r}: {hint}")
        elif field.type not in ((wanted,) if wanted else (FieldType.PERSON, FieldType.UNIT)):
            needed = f"a {wanted.value}" if wanted else "a person or a unit"
            message = f"{name!r} is {field.type.value}, but what is chosen here must be {needed}"
            sheet.findings.add(place, "chosen", message)
        elif field.personal:
            sheet.findings.add(
                place, "chosen", f"{name!r} is personal, and personal data never decides anything"
            )
