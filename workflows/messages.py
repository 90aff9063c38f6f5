"""What goes in and out of the complaint workflow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.commands import Asked, Open
from domain.complaint import Complaint
from domain.messages import Notify

RECORDED_AT: Any = datetime | None
"""Type of what recording answers: the instant of the events; None in histories from before it did."""


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command: where the complaint stands after it, and the kinds of events it caused."""

    ref: str
    seq: int
    status: str
    step: str
    round: int
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """What a run hands to the next one, or what a run on a closed complaint begins with."""

    complaint: Complaint
    answered: dict[str, Done] = field(default_factory=dict)
    unsent: tuple[tuple[Notify, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a run: first contact, or a complaint carried on.

    ``events_before_continuing``: 0 leaves it to the server when to continue as new; tests set it low.
    """

    opening: Open | None = None
    asked: Asked | None = None
    carried: Carried | None = None
    events_before_continuing: int = 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """In place of an input that is not the JSON it should be, so that whoever gets it can say so."""

    why: str
