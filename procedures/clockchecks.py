"""Checking clocks: each can start, can stop, and its ladder reaches somebody in time."""

from __future__ import annotations

from collections.abc import Iterable

from domain.clockrule import ClockRule
from domain.procedure import Procedure
from domain.triggers import OF_CLOCKS
from procedures.graph import outcomes_of
from procedures.problems import one_of
from procedures.sheet import Sheet

ORDER_TRIGGERS = (
    "dispatched", "taken", "answered", "declined", "recalled", "order_sent_back", "visit_agreed", "visited",
)  # fmt: skip
"""What happens to one order; only these start and stop a clock that runs per order."""


_TOO_LATE = ("closed", "withdrawn", "refused", "procedure_moved")


def check_clocks(procedure: Procedure, sheet: Sheet) -> None:
    """Note clocks that never start, never stop, or whose expiry leads nowhere."""
    for rule in procedure.clocks:
        _check_start(sheet, rule)
        _check_stop(sheet, rule)
        _check_expiry(procedure, sheet, rule)


def _check_start(sheet: Sheet, rule: ClockRule) -> None:
    place = sheet.place("clock", rule.name)
    useful = [t for t in rule.starts if t not in (*_TOO_LATE, *OF_CLOCKS) and not t.startswith("closed:")]
    if not useful:
        message = f"the clock {rule.name!r} can never start: name something that happens to an open complaint"
        sheet.findings.add(place, "never_starts", message)
    elif rule.per == "order" and not _of_orders(useful):
        message = (
            f"the clock {rule.name!r} runs per order but starts with nothing that happens to an order, so it "
            f"can never start: use {one_of(ORDER_TRIGGERS)}, or 'per: complaint'"
        )
        sheet.findings.add(place, "never_starts", message)


def _of_orders(words: Iterable[str]) -> bool:
    """Whether something among the triggers happens to an order, or is caused by a clock of one.

    So does an approval, when each unit signs for its own order.
    """
    return any(
        word.partition(":")[0] in (*ORDER_TRIGGERS, *OF_CLOCKS, "approval", "approved") for word in words
    )


def _check_stop(sheet: Sheet, rule: ClockRule) -> None:
    place = sheet.place("clock", rule.name)
    if not rule.stops and not rule.expires:
        message = (
            f"the clock {rule.name!r} can never stop, nobody could meet it: say in 'stops' what it waits for"
        )
        sheet.findings.add(place, "never_stops", message)
    elif rule.per == "order" and rule.stops and not _of_orders(rule.stops):
        message = (
            f"the clock {rule.name!r} runs per order but nothing that happens to an order stops it: "
            f"use {one_of(ORDER_TRIGGERS)}"
        )
        sheet.findings.add(place, "never_stops", message)
    both = set(rule.starts).intersection(rule.stops)
    if both and both == set(rule.starts):
        message = (
            f"the clock {rule.name!r} starts and stops with {one_of(sorted(both))}; leave it in one of them, "
            "or name in 'starts' what it starts with first"
        )
        sheet.findings.add(place, "never_stops", message)


def _check_expiry(procedure: Procedure, sheet: Sheet, rule: ClockRule) -> None:
    if not rule.expires:
        return
    place = sheet.place("clock", rule.name)
    if not any(rule.expires in step.outcomes for step in procedure.steps):
        possible = sorted({name for step in procedure.steps for name in outcomes_of(procedure, step)})
        message = (
            f"when {rule.name!r} expires a step ends with {rule.expires!r}, but no step says where to: "
            f"write it under the step's outcomes (there are {one_of(possible)})"
        )
        sheet.findings.add(place, "outcome", message)
    if any(rung.share is None for rung in rule.ladder):
        message = (
            f"{rule.name!r} expires when it is due, so nobody is told then or later: use shares such as 80%"
        )
        sheet.findings.add(place, "ladder", message)
