"""The facts of a complaint that conditions are tested on, worked out only when a condition asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.authority import OWN
from domain.conditions import FactValue

if TYPE_CHECKING:
    from domain.complaint import Complaint, Order

OUTCOME = "outcome."
"""Prefix of the facts that say how a step ended: ``outcome.first_line``."""

ANSWER = "answer."
"""Prefix of the facts that say how the last answer to a purpose went: ``answer.evidence``."""


HISTORY = "history."
"""Prefix of the counts of earlier cases: ``history.same_branch``."""

_NOTHING = object()


class Facts(Mapping[str, FactValue]):
    """What is known of a complaint and, where one is meant, of one of its orders.

    Names of the state win over names from forms, so no form can pass for the state. Looking at all facts
    (``dict(facts)``) costs some ten times as much as asking for the one or two a condition tests.
    """

    __slots__ = ("_complaint", "_order")

    def __init__(self, complaint: Complaint, order: Order | None) -> None:
        self._complaint = complaint
        self._order = order

    def get(self, name: str, default: Any = None) -> Any:
        """The fact of that name, or ``default``."""
        of_state = _STATE.get(name)
        if of_state is not None:
            return of_state(self._complaint)
        if self._order is not None:
            of_order = _ORDER.get(name)
            if of_order is not None:
                return of_order(self._order)
        of_subject = _SUBJECT.get(name)
        if of_subject is not None:
            return of_subject(self._complaint)
        if name.startswith(OUTCOME):
            return self._complaint.outcomes.get(name.removeprefix(OUTCOME), default)
        if name.startswith(ANSWER):
            return _answer(self._complaint, name.removeprefix(ANSWER)) or default
        if name.startswith(HISTORY):
            return self._complaint.history.get(name.removeprefix(HISTORY), default)
        return self._complaint.facts.get(name, default)

    def __getitem__(self, name: str) -> FactValue:
        found: FactValue = self.get(name, _NOTHING)
        if found is _NOTHING:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        yield from _STATE
        yield from _SUBJECT
        if self._order is not None:
            yield from (name for name in _ORDER if name not in _SUBJECT)
        yield from (OUTCOME + step for step in self._complaint.outcomes)
        answered = dict.fromkeys(o.purpose for o in self._complaint.orders if o.outcome)
        yield from (ANSWER + purpose for purpose in answered)
        yield from (HISTORY + name for name in self._complaint.history)
        named = {*_STATE, *_SUBJECT, *(_ORDER if self._order is not None else ())}
        yield from (name for name in self._complaint.facts if name not in named)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _answer(complaint: Complaint, purpose: str) -> str:
    """The outcome of the newest order for a purpose that was answered with one."""
    given = (order.outcome for order in reversed(complaint.orders) if order.purpose == purpose)
    return next((outcome for outcome in given if outcome), "")


def _remedies(complaint: Complaint) -> frozenset[str]:
    return frozenset(remedy.type for option in complaint.on_offer() for remedy in option.remedies)


def _amount(complaint: Complaint) -> Decimal:
    amounts = (remedy.amount for option in complaint.on_offer() for remedy in option.remedies)
    return max((amount for amount in amounts if amount), default=Decimal(0))


def _beyond(complaint: Complaint) -> frozenset[str]:
    """The roles beyond whose authority the options are, and whether it is beyond the proposer's own."""
    return frozenset(complaint.beyond if OWN in complaint.beyond else ("false", *complaint.beyond))


_STATE: Mapping[str, Callable[[Complaint], FactValue]] = {
    "channel": lambda c: c.channel,
    "step": lambda c: c.step,
    "status": lambda c: c.status.value,
    "round": lambda c: c.round,
    "rejections": lambda c: c.rejections,
    "breaches": lambda c: c.breaches,
    "major": lambda c: c.major,
    "repeat": lambda c: bool(c.repeat_of),
    "repeat_count": lambda c: c.repeat_count,
    "repeat_reason": lambda c: c.repeat_reason or None,
    "flag": lambda c: frozenset(c.flags),
    "mark": lambda c: frozenset(c.marks),
    "remedy": _remedies,
    "raised": lambda c: frozenset(one.consequence for one in c.raised),
    "amount": _amount,
    "booked": lambda c: frozenset(p.entry for p in c.postings if not p.reverses and not p.reversed_by),
    "paid": lambda c: frozenset(p.entry for p in c.postings if p.state == "paid" and not p.reversed_by),
    "beyond_authority": _beyond,
}
_SUBJECT: Mapping[str, Callable[[Complaint], FactValue]] = {
    "unit": lambda c: c.unit,
    "unit_kind": lambda c: c.unit_kind,
}
_ORDER: Mapping[str, Callable[[Order], FactValue]] = {
    "purpose": lambda o: o.purpose,
    "unit": lambda o: o.unit,
    "unit_kind": lambda o: o.unit_kind,
    "order_outcome": lambda o: o.outcome,
}
