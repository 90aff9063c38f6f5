"""What is asked about deadlines: more time, holds, promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AskExtension:
    """Ask for more time on a clock; ``limit`` as in procedures, for example ``8wh``."""

    clock: str
    limit: str
    reason: str


@dataclass(frozen=True, slots=True)
class GrantExtension:
    """Grant more time on a clock, as asked or on one's own authority."""

    clock: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class RefuseExtension:
    """Refuse the time that was asked for."""

    clock: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Pause the clocks that may pause, for example while the customer looks for a receipt."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the clocks run again."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class PromiseReply:
    """Promise the customer the next reply by an instant, which becomes a deadline of its own."""

    until: datetime
    text: str = ""
