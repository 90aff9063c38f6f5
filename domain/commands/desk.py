"""What is asked at the desk: opening, classifying, tracking, marks and flags, tasks, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Open:
    """First contact: what intake accepted. Facts are the routable, impersonal part of the form.

    ``draw`` is 0 to 9999, drawn once at intake, and decides sampling (TEL-8) reproducibly.
    ``received_at``: when the complaint was received, if earlier than now (imports, letters).
    ``parent`` and ``consequence``: the case that raised this one, and as what; ``person``: whom it is about.
    ``history``: what earlier cases count for it, by the procedure's rules. ``unit_standing``: why the unit
    complained of gets no orders (suspended or ended), if so.
    ``complained_of`` are the persons it is about, as actors' ids (``person:li``).
    """

    ref: str
    facts: Mapping[str, str]
    customer: str
    owner: str
    channel: str
    language: str
    unit: str = ""
    unit_kind: str = ""
    unit_above: str = ""
    repeat_of: str = ""
    repeat_reason: str = ""
    repeat_count: int = 0
    draw: int = 0
    received_at: datetime | None = None
    parent: str = ""
    consequence: str = ""
    person: str = ""
    history: Mapping[str, int] = field(default_factory=dict)
    unit_standing: str = ""
    complained_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classify:
    """Correct the facts a route depends on, for example the severity."""

    facts: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class AssignOwner:
    """Hand the tracking of the complaint to another person (first-contact ownership)."""

    owner: str


@dataclass(frozen=True, slots=True)
class LinkRepeat:
    """Say that this is a repeat of another complaint, and for which of the three reasons."""

    ref: str
    reason: Literal["late_reply", "unsatisfied", "other"]


@dataclass(frozen=True, slots=True)
class FlagMajor:
    """Mark the complaint as major by hand."""

    why: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Raise one of the procedure's flags, for example an unreasonable demand (CON-3).

    ``attachments`` are files of this complaint that show it; some flags need one.
    """

    flag: str
    note: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """Record one of the procedure's milestones, for example an announcement published."""

    mark: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FinishTask:
    """Finish the current task step with one of its outcomes and its form filled in."""

    outcome: str
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class TickGuidance:
    """Record that a point of the current step's guidance was done, with what came of it."""

    point: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class InformCustomer:
    """Tell the customer something; counts as a reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Escalate:
    """Bring the complaint before somebody higher by hand."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddNote:
    """An internal note."""

    text: str


@dataclass(frozen=True, slots=True)
class AddInformation:
    """The customer adds to what they told."""

    text: str
    attachments: tuple[str, ...] = ()
