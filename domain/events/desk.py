"""What happens at the desk: opening, classifying, tracking, marks and flags, steps, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit stands: its kind, and the id of the unit above it (empty at the top).

    ``standing``: why it gets no orders (suspended, ended); empty when it does.
    """

    kind: str = ""
    above: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    procedure: str
    version: str
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
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Classified:
    facts: Mapping[str, str]
    note: str = ""
    kind: Literal["classified"] = "classified"


@dataclass(frozen=True, slots=True)
class OwnerAssigned:
    owner: str
    kind: Literal["owner_assigned"] = "owner_assigned"


@dataclass(frozen=True, slots=True)
class RepeatLinked:
    ref: str
    reason: Literal["late_reply", "unsatisfied", "other"]
    kind: Literal["repeat_linked"] = "repeat_linked"


@dataclass(frozen=True, slots=True)
class MajorFlagged:
    why: str
    kind: Literal["major_flagged"] = "major_flagged"


@dataclass(frozen=True, slots=True)
class Flagged:
    flag: str
    note: str
    attachments: tuple[str, ...] = ()
    kind: Literal["flagged"] = "flagged"


@dataclass(frozen=True, slots=True)
class Marked:
    mark: str
    note: str = ""
    kind: Literal["marked"] = "marked"


@dataclass(frozen=True, slots=True)
class StepEntered:
    step: str
    round: int
    kind: Literal["step_entered"] = "step_entered"


@dataclass(frozen=True, slots=True)
class StepFinished:
    step: str
    outcome: str
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    kind: Literal["step_finished"] = "step_finished"


@dataclass(frozen=True, slots=True)
class CustomerInformed:
    text: str
    kind: Literal["customer_informed"] = "customer_informed"


@dataclass(frozen=True, slots=True)
class NoteAdded:
    text: str
    kind: Literal["note_added"] = "note_added"


@dataclass(frozen=True, slots=True)
class InformationAdded:
    """The customer (or someone for them) added to the facts."""

    text: str
    attachments: tuple[str, ...] = ()
    kind: Literal["information_added"] = "information_added"


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A signal that was not legal when it arrived: visible, and nothing else changed."""

    verb: str
    code: str
    reason: str
    kind: Literal["command_refused"] = "command_refused"


@dataclass(frozen=True, slots=True)
class ProcedureMoved:
    """From this event on the complaint is handled by that version; running clocks go by its calendar."""

    procedure: str
    version: str
    reason: str
    kind: Literal["procedure_moved"] = "procedure_moved"
