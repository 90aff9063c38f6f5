"""Changes of contact data are announced ahead: until they take effect the old contact stays valid (TEL-3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.errors import Refused
from domain.procedure import Procedure
from domain.sanity import check_ahead
from domain.worktime import deadline


def first_possible(procedures: Iterable[Procedure], now: datetime) -> datetime:
    """The earliest instant at which a change announced now may take effect under all these procedures.

    Each counts its ``contact_notice`` on its own calendar; ``now`` itself when none asks for notice.
    """
    found = now
    for procedure in procedures:
        if procedure.contact_notice is not None:
            notice = procedure.contact_notice
            found = max(found, deadline(procedure.calendar, now, notice, day_end="same_time"))
    return found


def check_announced(effective_at: datetime, procedures: Iterable[Procedure], now: datetime) -> None:
    """Raise Refused("too_soon") with the first possible instant, unless it is announced long enough ahead."""
    first = first_possible(procedures, now)
    if effective_at < first:
        raise Refused(
            "too_soon",
            f"a change of contact is announced ahead; announced now it can hold from {first.isoformat()}",
            fields={"effective_at": f"not before {first.isoformat()}"},
        )
    if effective_at > now:
        check_ahead(effective_at, now, "effective_at")
