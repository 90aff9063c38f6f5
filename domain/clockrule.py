"""The rules of clocks: when a deadline runs, how long, and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.conditions import Condition
from domain.worktime import Limit


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of an escalation ladder.

    Exactly one of: ``share`` (percent of the limit used up, 1 to 99), or ``after`` (time past the
    due instant on the same calendar), or neither: at the due instant itself.
    ``to`` is a post: handler, unit_head, superior_head, owner, duty, or a role.
    """

    to: tuple[str, ...]
    share: int | None = None
    after: Limit | None = None


@dataclass(frozen=True, slots=True)
class ClockRule:
    """When a deadline runs, how long, what stops it, and who hears of it.

    ``starts`` and ``stops`` are triggers (see ``domain.triggers``). ``per`` order: one clock for each
    order that triggers it. ``rearm``: a new round stops the old one and starts it afresh.
    ``expires``: reaching the due instant is no breach but gives the current step this outcome.
    ``until`` names a date somebody fills in: it is due at the end of that day; ``limits`` count without one.
    """

    name: str
    title: Mapping[str, str]
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    limits: tuple[tuple[Condition, Limit], ...]
    per: Literal["complaint", "order"] = "complaint"
    day_end: Literal["close", "same_time"] = "close"
    pausable: bool = True
    rearm: bool = False
    expires: str = ""
    ladder: tuple[Rung, ...] = ()
    until: str = ""
