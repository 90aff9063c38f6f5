"""Measures on units, written with the recording that took them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import Event
from domain.measures import MeasureTaken
from storage.tables import measures

MEASURE: Mapping[str, str] = {
    "seq": "int", "unit": "text", "measure": "text", "step": "text", "note": "text", "by": "text",
    "at": "timestamptz",
}  # fmt: skip
"""Columns that are written, with the types PostgreSQL reads them as from JSON."""


def rows(new: Sequence[Event]) -> list[dict[str, Any]]:
    """The rows of the measures among some events."""
    return [
        {
            "seq": event.seq,
            "unit": event.fact.unit,
            "measure": event.fact.measure,
            "step": event.fact.step,
            "note": event.fact.note,
            "by": event.by,
            "at": event.at,
        }
        for event in new
        if isinstance(event.fact, MeasureTaken)
    ]


async def undo(connection: AsyncConnection, ref: str, seq: int) -> None:
    """Take back the measures of events that are set aside, from ``seq`` on."""
    await connection.execute(delete(measures).where(measures.c.ref == ref, measures.c.seq >= seq))
