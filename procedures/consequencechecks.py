"""Checking consequences: each can be raised, counts what there is, and needs no customer."""

from __future__ import annotations

from collections.abc import Iterable

from domain.consequence import HistoryRule, case_procedure
from domain.fields import ROUTABLE, FormField
from domain.procedure import Procedure
from domain.step import StepKind
from procedures.facts import all_fields
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet

UNIT = "unit"
_WITH_CUSTOMER = (StepKind.DECIDE, StepKind.CALLBACK)


def check_consequences(procedure: Procedure, sheet: Sheet) -> None:
    """Note consequences that a case raises but nobody describes, and counts of what there is not."""
    known = sheet.siblings if sheet.siblings is not None else {c.name: {} for c in procedure.consequences}
    for rule in procedure.consequences:
        if rule.name not in known:
            sheet.findings.add(
                sheet.place("consequence", rule.name),
                "consequence",
                f"there is no consequence {rule.name!r}: {did_you_mean(rule.name, known)}",
            )
    if sheet.siblings is None:
        _check_history(procedure, sheet)


def _check_history(procedure: Procedure, sheet: Sheet) -> None:
    """What is compared is known at intake; what is demanded of earlier cases may have been found later."""
    words = (UNIT, *procedure.vocabulary)
    comparable = {*words, *_steering(procedure.fields)}
    demandable = {*procedure.vocabulary, *_steering(all_fields(procedure))}
    for rule in procedure.history:
        place = sheet.place("history", rule.name)
        wrong = [name for name in rule.same if name not in comparable]
        wrong += [name for name in rule.having if name not in demandable]
        for name in wrong:
            message = f"earlier cases cannot be compared by {name!r}: {did_you_mean(name, words)}"
            sheet.findings.add(place, "condition", message)
        for name, value in rule.having.items():
            known = procedure.vocabulary.get(name)
            if known is not None and value not in known:
                message = f"{name!r} is never {value!r}: {did_you_mean(value, known)}"
                sheet.findings.add(place, "condition", message)
        _check_counted(procedure, sheet, rule)


def _check_counted(procedure: Procedure, sheet: Sheet, rule: HistoryRule) -> None:
    place = sheet.place("history", rule.name)
    counted: Procedure | None = procedure
    if rule.consequence:
        names = [one.name for one in procedure.consequences]
        counted = procedure.nested.get(case_procedure(procedure.name, rule.consequence))
        if rule.consequence not in names:
            hint = did_you_mean(rule.consequence, names)
            sheet.findings.add(place, "consequence", f"there is no consequence {rule.consequence!r}: {hint}")
    reasons = [reason.name for reason in counted.reasons] if counted else []
    for reason in rule.ended:
        if counted and reason not in reasons:
            message = f"nothing ends as {reason!r}: {did_you_mean(reason, reasons)}"
            sheet.findings.add(place, "reason", message)


def _steering(fields: Iterable[FormField]) -> set[str]:
    return {field.name for field in fields if field.type in ROUTABLE and not field.personal}


def check_case(procedure: Procedure, sheet: Sheet) -> None:
    """A consequence is between the organisation and its units: no customer decides or is told."""
    for step in procedure.steps:
        if step.kind in _WITH_CUSTOMER:
            usable = one_of(kind.value for kind in StepKind if kind not in _WITH_CUSTOMER)
            sheet.findings.add(
                sheet.place("step", step.name),
                "no_customer",
                f"{step.name!r} asks a customer, but a consequence has none: use {usable}",
            )
    for notice, place in zip(procedure.notices, sheet.notices, strict=True):
        if "customer" in notice.to:
            sheet.findings.add(
                place, "no_customer", "a consequence has no customer who could be told: name a post or a role"
            )
