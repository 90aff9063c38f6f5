"""Who gets the work: the units an order goes to, and the persons a step or a purpose is for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.commands import Actor
from domain.complaint import Complaint, Order, OrderState
from domain.fields import CHOSEN, chosen_in
from domain.roles import SUPERVISOR


class Given(NamedTuple):
    """A unit that gets an order: its id, its kind, and the id of the unit above it, as far as known.

    ``superior``: its superior is to look after it, where no unit above is known.
    """

    id: str
    kind: str = ""
    above: str = ""
    superior: bool = False

    def raised(self) -> Given:
        """The unit above; where none is known the unit stays and its superior is asked to look after it."""
        return Given(self.above) if self.above else self._replace(superior=True)


def units_for(words: Iterable[str], complaint: Complaint, purpose: str, after: Order | None) -> list[Given]:
    """The units that assignees of a procedure mean now, each once; none where nobody is known yet.

    ``after`` is the order an order follows from: ``same`` and ``superior`` mean its unit then, and else the
    units that answered the purpose in the last round, and the unit above the one complained of.
    """
    found: list[Given] = []
    for word in words:
        if word == "subject" and complaint.unit:
            found.append(_subject(complaint))
        elif word == "superior" and (after is not None or complaint.unit):
            found.append((_of(after) if after is not None else _subject(complaint)).raised())
        elif word == "same":
            found += [_of(after)] if after is not None else _of_last_round(complaint, purpose)
        elif word.startswith("unit:"):
            found.append(Given(word.removeprefix("unit:")))
        elif word.startswith(CHOSEN):
            found += _chosen_unit(complaint, word.removeprefix(CHOSEN))
    return list(dict.fromkeys(found))


def chosen_person(complaint: Complaint, field: str) -> str:
    """The actor's id of the person named in a field, blank while nobody is."""
    named = complaint.facts.get(field, "")
    return f"person:{named}" if named else ""


def is_for(by: tuple[str, ...], complaint: Complaint, actor: Actor) -> bool:
    """Whether something that is ``by`` somebody may be done by this actor; without ``by`` it may by anybody.

    ``by`` names roles and offices, ``owner`` for whoever tracks the complaint (TEL-11), or ``chosen:<field>``
    for the person named there; while nobody is, a supervisor steps in, so that nothing is stuck.
    """
    if not by or set(by).intersection(actor.roles):
        return True
    if "owner" in by and actor.id == complaint.owner:
        return True
    chosen = [chosen_person(complaint, name) for name in chosen_in(by)]
    return actor.id in chosen or (SUPERVISOR in actor.roles and "" in chosen)


def is_chosen(by: tuple[str, ...], complaint: Complaint, actor: Actor) -> bool:
    """Whether the actor is a person chosen for it by name."""
    return any(actor.id == chosen_person(complaint, name) for name in chosen_in(by))


def _subject(complaint: Complaint) -> Given:
    return Given(complaint.unit, complaint.unit_kind, complaint.unit_above)


def _of(order: Order) -> Given:
    return Given(order.unit, order.unit_kind, order.unit_above)


def _of_last_round(complaint: Complaint, purpose: str) -> list[Given]:
    past = [o for o in complaint.orders if o.purpose == purpose and o.state is OrderState.ANSWERED]
    last = max((order.round for order in past), default=0)
    return [_of(order) for order in past if order.round == last]


def _chosen_unit(complaint: Complaint, field: str) -> list[Given]:
    named = complaint.facts.get(field, "")
    kind, above = complaint.facts.get(f"{field}.kind", ""), complaint.facts.get(f"{field}.above", "")
    return [Given(named, kind, above)] if named else []
