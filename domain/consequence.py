"""Consequences: the cases a complaint leads to beside itself, and what earlier cases count for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.conditions import ALWAYS, Condition

CHOSEN = "chosen:"
"""Prefix of what names the field in which a unit or person was chosen."""

ABOUT = ("unit", "order_unit")
"""Whom a consequence can be about beside a chosen one: the unit complained of, or the one with the order."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a consequence is raised by rule: on what, when, about whom; further ones have names.

    ``about``: one of ``ABOUT`` or ``chosen:<field>``; ``of_person``: that field names a person, not a unit.
    """

    name: str = ""
    on: tuple[str, ...] = ()
    when: Condition = ALWAYS
    about: str = "unit"
    of_person: bool = False


@dataclass(frozen=True, slots=True)
class Consequence:
    """A case of its own that a case raises: a rectification order, an accountability talk (BNK-8, BNK-9).

    Raised by rule, in one of its ``ways``, at most once for each unit or person it is about; or by a person
    with one of the roles ``by``, then about whom the first way says. How it is handled is a procedure of its
    own, ``<procedure>.<name>``.
    """

    name: str
    title: Mapping[str, str]
    ways: tuple[Way, ...] = (Way(),)
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryRule:
    """A count of earlier cases, found at intake: the fact ``history.<name>``.

    Counted are complaints under the same procedure, or cases of one ``consequence``, opened in the last
    ``days`` with the same values of ``same`` (``unit`` or facts) and the values of ``having``; when
    ``ended`` is given only those that were closed with one of these reasons.
    """

    name: str
    same: tuple[str, ...]
    days: int
    consequence: str = ""
    having: Mapping[str, str] = field(default_factory=dict)
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsequenceRaised:
    """A case of its own begins, under the reference ``ref``: it is opened by what follows this event.

    ``trigger`` is what raised it by rule, in which ``way`` where there are several; empty when a person did,
    whose reason is the ``note``.
    """

    consequence: str
    ref: str
    unit: str = ""
    person: str = ""
    trigger: str = ""
    way: str = ""
    note: str = ""
    kind: Literal["consequence_raised"] = "consequence_raised"


@dataclass(frozen=True, slots=True)
class ConsequenceOpened:
    """The case of a consequence is there: accepted like a complaint, so it is never lost."""

    consequence: str
    ref: str
    kind: Literal["consequence_opened"] = "consequence_opened"


@dataclass(frozen=True, slots=True)
class Raised:
    """A consequence that was raised: what, under which reference, about which unit or person, and why.

    ``opened``: its case is known to be there.
    """

    consequence: str
    ref: str
    unit: str = ""
    person: str = ""
    why: str = ""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """What is needed to open the case of a consequence that the case ``parent`` raised.

    ``procedure`` and ``version`` are the parent's; ``facts`` what it knew, nothing personal;
    ``complained_of`` those who are kept from it, and so from this case too.
    """

    parent: str
    procedure: str
    version: str
    raised: Raised
    owner: str
    facts: Mapping[str, str] = field(default_factory=dict)
    complained_of: tuple[str, ...] = ()


def case_procedure(procedure: str, consequence: str) -> str:
    """The name of the procedure by which cases of a consequence are handled.

    ``procedure`` is that of a complaint or of another consequence of the same procedure.
    """
    return f"{procedure.partition('.')[0]}.{consequence}"
