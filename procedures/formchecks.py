"""Checking forms as parts of the whole: what a field means beside its type counts only in some forms."""

from __future__ import annotations

from domain.procedure import Procedure
from domain.step import StepKind
from procedures.sheet import Sheet


def check_forms(procedure: Procedure, sheet: Sheet) -> None:
    """Note fields that name who is complained of in forms that are filled in too late for that to count."""
    for field in (f for step in procedure.steps for f in step.requires):
        if field.subject:
            sheet.findings.add(
                sheet.place("field", field.name),
                "unknown_key",
                f"which unit a complaint is about is asked at intake, under 'form': leave out 'subject' at "
                f"{field.name!r}",
            )
    others = [f for s in procedure.steps if s.kind is not StepKind.TASK for f in s.requires]
    others += [f for step in procedure.steps if step.callback for f in step.callback.questions]
    for field in others:
        if field.complained_of:
            sheet.findings.add(
                sheet.place("field", field.name),
                "unknown_key",
                f"who is complained of is asked in the form of intake or of a task, not here: leave out "
                f"'complained_of' at {field.name!r}",
            )
