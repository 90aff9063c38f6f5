"""What happens to deadlines: clocks, extensions, holds, promises, escalations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.worktime import Limit


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    clock: str
    limit: Limit
    reason: str
    kind: Literal["extension_asked"] = "extension_asked"


@dataclass(frozen=True, slots=True)
class ExtensionGranted:
    clock: str
    limit: Limit
    kind: Literal["extension_granted"] = "extension_granted"


@dataclass(frozen=True, slots=True)
class ExtensionRefused:
    clock: str
    reason: str
    kind: Literal["extension_refused"] = "extension_refused"


@dataclass(frozen=True, slots=True)
class Held:
    reason: str
    until: datetime | None = None
    kind: Literal["held"] = "held"


@dataclass(frozen=True, slots=True)
class Resumed:
    """``until`` is when the pause ended, if that is earlier than when it was noticed."""

    note: str = ""
    until: datetime | None = None
    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True)
class ReplyPromised:
    until: datetime
    text: str = ""
    kind: Literal["reply_promised"] = "reply_promised"


@dataclass(frozen=True, slots=True)
class ClockStarted:
    """``due_at`` is told for the reader; the fold computes it again from limit and calendar."""

    clock: str
    rule: str
    limit: Limit | None
    started_at: datetime
    due_at: datetime
    order: str = ""
    kind: Literal["clock_started"] = "clock_started"


@dataclass(frozen=True, slots=True)
class ClockStopped:
    clock: str
    met: bool
    kind: Literal["clock_stopped"] = "clock_stopped"


@dataclass(frozen=True, slots=True)
class ClockWarned:
    clock: str
    rung: int
    to: tuple[str, ...]
    due_at: datetime
    planned_at: datetime
    kind: Literal["clock_warned"] = "clock_warned"


@dataclass(frozen=True, slots=True)
class ClockBreached:
    """``due_at`` is when it fell due; the event's own instant minus that is the lateness of noticing."""

    clock: str
    due_at: datetime
    kind: Literal["clock_breached"] = "clock_breached"


@dataclass(frozen=True, slots=True)
class ClockExpired:
    clock: str
    due_at: datetime
    kind: Literal["clock_expired"] = "clock_expired"


@dataclass(frozen=True, slots=True)
class Escalated:
    """``clock`` is empty and ``rung`` -1 when a person escalated by hand."""

    to: tuple[str, ...]
    reason: str
    clock: str = ""
    rung: int = -1
    planned_at: datetime | None = None
    kind: Literal["escalated"] = "escalated"
