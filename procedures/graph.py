"""The route of a procedure as a graph: which outcome can lead from which step to which step or end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.conditions import ALWAYS, Condition, Op
from domain.procedure import Procedure
from domain.step import OUTCOMES, Step, StepKind, Target

START = "start"


class Edge(NamedTuple):
    """One way on: from a step (or ``START``), by an outcome, to a step or ``close:<reason>``.

    ``maybe``: the step is entered only when its condition holds. ``round``: a new round begins.
    """

    source: str
    outcome: str
    target: str
    maybe: bool = False
    round: bool = False


def outcomes_of(procedure: Procedure, step: Step) -> dict[str, Target]:
    """Every outcome the step can really have, with where it leads; what is not written leads on."""
    known = tuple(step.outcomes) if step.kind is StepKind.TASK else OUTCOMES[step.kind]
    expiring = {clock.expires for clock in procedure.clocks}
    return {
        name: step.outcomes.get(name, Target("next"))
        for name in known
        if name != "expired" or ("expired" in expiring and name in step.outcomes)
    }


def edges(procedure: Procedure) -> list[Edge]:
    """All ways through the procedure. Names that do not exist lead nowhere."""
    names = [step.name for step in procedure.steps]
    found = [Edge(START, "", target, maybe) for target, maybe in _from_place(procedure, 0)]
    for place, step in enumerate(procedure.steps):
        for outcome, target in outcomes_of(procedure, step).items():
            match target.go:
                case "next":
                    ways = _from_place(procedure, place + 1)
                    found += [Edge(step.name, outcome, name, maybe) for name, maybe in ways]
                case "step" if target.name in names:
                    found.append(Edge(step.name, outcome, target.name))
                case "close":
                    found.append(Edge(step.name, outcome, f"close:{target.name}"))
                case "reopen" if procedure.rounds.start_at in names:
                    if procedure.rounds.then:
                        found.append(Edge(step.name, outcome, f"close:{procedure.rounds.then}", True))
                    ways = _from_place(procedure, names.index(procedure.rounds.start_at))
                    found += [Edge(step.name, outcome, name, maybe, True) for name, maybe in ways]
                case _:
                    pass
    return found


def _from_place(procedure: Procedure, place: int) -> list[tuple[str, bool]]:
    """The steps that may be entered from a place in the list on, up to the first that always is.

    Of two that are for opposite cases, ``serious`` and anything but ``serious``, one always is.
    """
    ways: list[tuple[str, bool]] = []
    passed: list[Condition] = []
    for step in procedure.steps[place:]:
        if step.when == ALWAYS or any(_opposite(step.when, other) for other in passed):
            return [*ways, (step.name, bool(ways))]
        ways.append((step.name, True))
        passed.append(step.when)
    end = next((reason.name for reason in procedure.reasons if reason.satisfied), "")
    return [*ways, (f"close:{end}", bool(ways))]


def _opposite(one: Condition, other: Condition) -> bool:
    """Whether exactly one of two conditions holds, as far as their wording tells."""
    if one.any_of or other.any_of or len(one.tests) != 1 or len(other.tests) != 1:
        return False
    first, second = one.tests[0], other.tests[0]
    same = first.fact == second.fact and set(first.values) == set(second.values)
    return same and {first.op, second.op} == {Op.IN, Op.NOT_IN}


def reached(ways: Iterable[Edge], start: str, *, around: Iterable[str] = ()) -> set[str]:
    """Everything that can be reached from ``start`` without passing through ``around``."""
    following: dict[str, list[str]] = {}
    for edge in ways:
        following.setdefault(edge.source, []).append(edge.target)
    barred, found, waiting = set(around), set(), [start]
    while waiting:
        for target in following.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                if target not in barred:
                    waiting.append(target)
    return found


def can_end(procedure: Procedure, ways: Iterable[Edge]) -> set[str]:
    """The steps from which some way leads to an end."""
    leading: dict[str, list[str]] = {}
    for edge in ways:
        leading.setdefault(edge.target, []).append(edge.source)
    found: set[str] = set()
    waiting = [target for target in leading if target.startswith("close:")]
    while waiting:
        for source in leading.get(waiting.pop(), ()):
            if source not in found:
                found.add(source)
                waiting.append(source)
    return found
