"""Announcements: one wording for everybody who is asked about a matter (TEL-16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from domain.errors import Refused
from services.connect import Connections
from storage.queries import announcements as announcement_queries
from storage.queries.announcements import Announcement
from storage.stores import announcements as announcement_store


async def in_force(
    connections: Connections, procedure: str | None, category: str = ""
) -> Sequence[Announcement]:
    """What is announced now, for one procedure or all; with a category only what concerns it."""
    now = datetime.now(UTC)
    if procedure is None:
        return await announcement_queries.valid(connections.database, now)
    return await announcement_queries.matching(connections.database, procedure, category, now)


async def publish(
    connections: Connections,
    *,
    procedure: str,
    category: str,
    title: str,
    wording: Mapping[str, str],
    valid_from: datetime | None,
    valid_to: datetime | None,
    by: str,
) -> Announcement:
    """Publish; in force from now unless another instant is given. Raises Refused for what is wrong."""
    await connections.catalogue.active(procedure)
    begins = valid_from or datetime.now(UTC)
    if valid_to is not None and valid_to <= begins:
        raise Refused("invalid", "it would never be in force", fields={"valid_to": "later than valid_from"})
    made = await announcement_store.publish(
        connections.database,
        procedure=procedure,
        category=category,
        title=title,
        wording=wording,
        valid_from=begins,
        valid_to=valid_to,
        published_by=by,
    )
    connections.announced.forget()
    return Announcement(made, procedure, category, title, wording, begins, valid_to, by, datetime.now(UTC))
