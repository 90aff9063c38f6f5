"""Until when a deadline runs, as texts say it: an instant, or what is left while its clock stands still."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.clocks import Clock, left
from domain.limits import counts_working_time
from domain.procedure import Procedure

_AFTER: Mapping[str, str] = {"en": "{left} after the pause ends", "zh": "暂停结束后{left}"}
_WORKING: Mapping[str, tuple[str, str]] = {
    "en": ("{} working hour{}", "{} working minute{}"),
    "zh": ("{}个工作小时", "{}个工作分钟"),
}
_ELAPSED: Mapping[str, tuple[str, str]] = {
    "en": ("{} hour{}", "{} minute{}"),
    "zh": ("{}小时", "{}分钟"),
}


def shown(procedure: Procedure, at: datetime | None) -> str:
    """An instant on the procedure's own clock, to the minute; blank for None."""
    return at.astimezone(procedure.calendar.zone).strftime("%Y-%m-%d %H:%M") if at else ""


def due_text(procedure: Procedure, clock: Clock, language: str) -> str:
    """Until when ``clock`` runs; blank when that is not known.

    While it is paused nobody can name the instant, so it says what is left: "12 working hours after the pause
    ends". That fits where an instant would: "by …", "is due …". A limit that had passed when the pause began,
    or that ends at an agreed instant, is told as that instant: no pause moves it.
    """
    if clock.due_at is not None or clock.paused_at is None or clock.stopped_at is not None:
        return shown(procedure, clock.due_at)
    due, rest = left(clock, procedure.clock_rule(clock.rule), procedure.calendar)
    if rest is None:
        return shown(procedure, due)
    spoken = language if language in _AFTER else "en"
    working = clock.limit is not None and counts_working_time(clock.limit.unit)
    return _AFTER[spoken].format(left=_length(rest, (_WORKING if working else _ELAPSED)[spoken]))


def _length(rest: timedelta, words: tuple[str, str]) -> str:
    """Hours and minutes, whichever there are; less than a minute is one."""
    hours, minutes = divmod(max(round(rest.total_seconds() / 60), 1), 60)
    told = [
        word.format(n, "" if n == 1 else "s") for n, word in zip((hours, minutes), words, strict=True) if n
    ]
    return (" " if told[0].isascii() else "").join(told)  # Chinese has no blanks between them
