"""Checking that a procedure as a whole can work: routes, names, triggers, clocks, reasons and texts."""

from __future__ import annotations

from domain.conditions import ALWAYS
from domain.draft import AGREED_STOPS
from domain.fields import FieldType
from domain.measures import Measure
from domain.procedure import Procedure
from domain.step import Step, StepKind, Target
from domain.triggers import OF_CLOCKS, OF_ORDERS, PREFIXES, SIMPLE
from procedures.approvals import check_approvals
from procedures.clockchecks import check_clocks
from procedures.consequencechecks import check_case, check_consequences
from procedures.endings import check_reasons
from procedures.facts import all_fields, check_conditions, known_facts, own_facts
from procedures.formchecks import check_forms
from procedures.graph import START, can_end, edges, outcomes_of, reached
from procedures.moneychecks import check_money
from procedures.orderchecks import check_orders
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet
from procedures.textchecks import check_texts


def check_procedure(procedure: Procedure, sheet: Sheet, units: tuple[str, ...] | None) -> None:
    """Note every problem that only shows when the parts are looked at together."""
    _check_targets(procedure, sheet)
    _check_route(procedure, sheet)
    _check_rounds(procedure, sheet)
    check_approvals(procedure, sheet)
    check_reasons(procedure, sheet)
    check_orders(procedure, sheet)
    _check_words(procedure, sheet)
    _check_files(procedure, sheet)
    check_forms(procedure, sheet)
    check_conditions(procedure, sheet)
    _check_triggers(procedure, sheet)
    check_clocks(procedure, sheet)
    check_texts(procedure, sheet)
    check_consequences(procedure, sheet)
    if sheet.siblings is not None:
        check_case(procedure, sheet)
    check_money(procedure, sheet)
    for place, unit in sheet.units:
        if units is not None and unit not in units:
            sheet.findings.add(place, "unit", f"there is no unit {unit!r}: {did_you_mean(unit, units)}")


def _check_targets(procedure: Procedure, sheet: Sheet) -> None:
    steps = [step.name for step in procedure.steps]
    reasons = [reason.name for reason in procedure.reasons]
    for step in procedure.steps:
        for outcome, target in step.outcomes.items():
            place = sheet.place("outcome", f"{step.name}:{outcome}")
            if target.go == "step" and target.name not in steps:
                hint = did_you_mean(target.name, steps)
                sheet.findings.add(
                    place,
                    "route",
                    f"{outcome!r} leads to the step {target.name!r}, which does not exist: {hint}",
                )
            if target.go == "close" and target.name not in reasons:
                hint = did_you_mean(target.name, reasons)
                sheet.findings.add(
                    place,
                    "reason",
                    f"{outcome!r} closes as {target.name!r}, which is no closing reason: {hint}",
                )
            _check_put(procedure, sheet, target)
    start = procedure.rounds.start_at
    if start and start not in steps:
        place = sheet.place("rounds", "start_at")
        sheet.findings.add(
            place, "route", f"a new round begins at {start!r}, which is no step: {did_you_mean(start, steps)}"
        )


def _check_put(procedure: Procedure, sheet: Sheet, target: Target) -> None:
    for name, value in target.put:
        place = sheet.place("set", f"{name}={value}")
        words = procedure.vocabulary.get(name)
        if words is None:
            hint = did_you_mean(name, procedure.vocabulary)
            sheet.findings.add(place, "condition", f"there is no fact {name!r} that could be set: {hint}")
        elif value not in words:
            sheet.findings.add(
                place, "condition", f"{name!r} is never {value!r}: {did_you_mean(value, words)}"
            )


def _check_route(procedure: Procedure, sheet: Sheet) -> None:
    ways = edges(procedure)
    from_start = reached(ways, START)
    if any(target.startswith("close:") for target in from_start):
        from_start |= {procedure.rounds.start_at} | reached(ways, procedure.rounds.start_at)
    ending = can_end(procedure, ways)
    verifying = [
        step.name
        for step in procedure.steps
        if step.kind is StepKind.TASK or (step.kind is StepKind.HANDLE and not _may_need_no_order(step))
    ]
    unverified = reached(ways, START, around=verifying)
    for step in procedure.steps:
        place = sheet.place("step", step.name)
        if step.name not in from_start:
            sheet.findings.add(
                place,
                "unreachable",
                f"no way leads to the step {step.name!r}; remove it or lead an outcome to it",
            )
        elif step.name not in ending:
            sheet.findings.add(
                place,
                "endless",
                f"from the step {step.name!r} no way leads to an end: let an outcome lead on or close",
            )
        if step.kind is StepKind.PROPOSE and step.name in unverified:
            sheet.findings.add(
                place,
                "too_early",
                f"{step.name!r} can be reached before anything is verified (CON-4); put a handle step before",
            )
    case = sheet.siblings is not None
    if procedure.steps and not case and not any(step.kind is StepKind.HANDLE for step in procedure.steps):
        sheet.findings.add(
            sheet.place("step", procedure.steps[0].name),
            "route",
            "no step of the kind handle: nobody would ever get an order",
        )
    _check_order_of_proposals(procedure, sheet)
    _check_passed_steps(procedure, sheet)


def _check_order_of_proposals(procedure: Procedure, sheet: Sheet) -> None:
    """Nobody can approve, decide or fulfil what was never proposed."""
    ways = edges(procedure)
    proposing = [step.name for step in procedure.steps if step.kind is StepKind.PROPOSE]
    without = reached(ways, START, around=proposing)
    for step in procedure.steps:
        if step.kind in (StepKind.APPROVE, StepKind.DECIDE, StepKind.FULFIL) and step.name in without:
            message = (
                f"{step.name!r} can be reached without a proposal; put a step of the kind propose before it"
            )
            sheet.findings.add(sheet.place("step", step.name), "route", message)


def _check_passed_steps(procedure: Procedure, sheet: Sheet) -> None:
    """Steps passed without anybody (no approval, order or call is needed) must not run in a circle."""
    passed = {step.name: "approved" for step in procedure.steps if step.kind is StepKind.APPROVE}
    passed |= {step.name: "answered" for step in procedure.steps if _may_need_no_order(step)}
    passed |= {s.name: "satisfied" for s in procedure.steps if s.callback and s.callback.sample < 100}
    ways = [edge for edge in edges(procedure) if passed.get(edge.source) == edge.outcome]
    for name, outcome in passed.items():
        if name in reached(ways, name):
            message = f"{name!r} may be passed by itself as {outcome!r}, and that leads back to it for ever"
            sheet.findings.add(sheet.place("step", name), "endless", message)


def _may_need_no_order(step: Step) -> bool:
    return bool(step.orders) and all(order.when != ALWAYS for order in step.orders)


def _check_rounds(procedure: Procedure, sheet: Sheet) -> None:
    """When rounds are limited, the customer's last refusal leads somewhere; each round verifies first."""
    rounds, reasons = procedure.rounds, [reason.name for reason in procedure.reasons]
    _check_verified_again(procedure, sheet)
    if rounds.limit and not rounds.then:
        message = (
            "rounds have a limit: say in 'then' with which closing reason it ends when the last one fails"
        )
        sheet.findings.add(sheet.place("rounds", "then"), "missing", message)
    elif rounds.then and rounds.then not in reasons:
        message = f"{rounds.then!r} is no closing reason: {did_you_mean(rounds.then, reasons)}"
        sheet.findings.add(sheet.place("rounds", "then"), "reason", message)


def _check_verified_again(procedure: Procedure, sheet: Sheet) -> None:
    """CON-4: a complaint that comes back after its end passes something that verifies before a proposal."""
    names = [step.name for step in procedure.steps]
    begin = names.index(procedure.rounds.start_at) if procedure.rounds.start_at in names else len(names)
    deciding = (StepKind.TASK, StepKind.HANDLE, StepKind.PROPOSE)
    first = next((step for step in procedure.steps[begin:] if step.kind in deciding), None)
    if first is not None and first.kind is StepKind.PROPOSE:
        message = (
            f"a new round comes to {first.name!r} before anything is verified (CON-4), and whoever comes "
            "back after the end tells something new; begin at a handle step, and where only the customer "
            f"refuses let 'rejected' lead to {{step: {first.name}}}"
        )
        sheet.findings.add(sheet.place("rounds", "start_at"), "too_early", message)


def _check_words(procedure: Procedure, sheet: Sheet) -> None:
    """Names of facts are not used twice, and defaults and repeats name facts that exist."""
    built_in = set(own_facts(procedure))
    for name in procedure.vocabulary:
        if name in built_in - {"channel"}:
            place = sheet.place("vocabulary", name)
            sheet.findings.add(
                place, "duplicate", f"{name!r} is a fact every complaint has; choose another name"
            )
    for field in all_fields(procedure):
        if field.name in procedure.vocabulary or field.name in built_in:
            place = sheet.place("field", field.name)
            sheet.findings.add(
                place, "duplicate", f"the field {field.name!r} has the name of a fact; choose another name"
            )
    for name, value in procedure.defaults.items():
        place, words = sheet.place("default", name), procedure.vocabulary.get(name)
        if words is None:
            sheet.findings.add(
                place, "condition", f"there is no fact {name!r}: {did_you_mean(name, procedure.vocabulary)}"
            )
        elif value not in words:
            sheet.findings.add(
                place, "condition", f"{name!r} is never {value!r}: {did_you_mean(value, words)}"
            )
    known = known_facts(procedure)
    for name in procedure.repeat.match if procedure.repeat else ():
        if name not in known:
            place = sheet.place("repeat", "match")
            sheet.findings.add(place, "condition", f"there is no fact {name!r}: {did_you_mean(name, known)}")


def _check_files(procedure: Procedure, sheet: Sheet) -> None:
    """A file belongs to a complaint, so a form can ask for one only when there is a complaint."""
    for field in procedure.fields:
        if field.type is FieldType.FILE:
            sheet.findings.add(
                sheet.place("field", field.name),
                "file",
                f"{field.name!r} asks for a file at intake, when there is no complaint yet to keep it; "
                "ask for it in the form of a step",
            )


def _check_triggers(procedure: Procedure, sheet: Sheet) -> None:
    steps = {step.name: step for step in procedure.steps}
    for place, word in sheet.triggers:
        wrong = _wrong_trigger(procedure, steps, word)
        if wrong:
            sheet.findings.add(place, "trigger", wrong)


def _named_by(procedure: Procedure, prefix: str) -> tuple[str, tuple[str, ...]]:
    """What stands after a prefix that names no step, and the names there are of it."""
    if prefix in OF_ORDERS:
        return "purpose", tuple(purpose.name for purpose in procedure.purposes)
    if prefix in OF_CLOCKS:
        return "clock", (*(clock.name for clock in procedure.clocks), *AGREED_STOPS)
    if prefix in ("posted", "reversed", "paid"):
        return "money entry", tuple(e.name for e in procedure.money.entries) if procedure.money else ()
    if prefix == "raised":
        return "consequence", tuple(rule.name for rule in procedure.consequences)
    if prefix == "measure":
        return prefix, tuple(measure.value for measure in Measure)
    if prefix in ("approval", "approved"):
        return "approval", tuple(a.name for step in procedure.steps for a in step.approvals)
    if prefix == "closed":
        return "closing reason", tuple(reason.name for reason in procedure.reasons)
    return prefix, procedure.marks if prefix == "mark" else procedure.flags


def _wrong_trigger(procedure: Procedure, steps: dict[str, Step], word: str) -> str:
    prefix, colon, name = word.partition(":")
    if not colon:
        known = (*SIMPLE.values(), *(f"{p}:…" for p in PREFIXES))
        return (
            ""
            if not word or word in SIMPLE.values()
            else f"nothing is called {word!r} that could happen: {did_you_mean(word, known)}"
        )
    if prefix not in PREFIXES:
        return f"{word!r} is no trigger: before the colon stands {one_of(PREFIXES)}"
    if prefix not in ("entered", "finished", "outcome"):
        what, names = _named_by(procedure, prefix)
        return "" if name in names else f"there is no {what} {name!r}: {did_you_mean(name, names)}"
    step_name, _, outcome = name.partition(":")
    step = steps.get(step_name)
    if step is None:
        return f"there is no step {step_name!r}: {did_you_mean(step_name, steps)}"
    if prefix == "outcome":
        outcomes = outcomes_of(procedure, step)
        if outcome not in outcomes:
            return f"the step {step_name!r} has no outcome {outcome!r}: {did_you_mean(outcome, outcomes)}"
    elif outcome:
        return f"{word!r} says too much: write {prefix}:{step_name}"
    return ""
