"""The published contacts of a unit and of all above it, nearest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB

from storage.engine import Database


@dataclass(frozen=True, slots=True)
class Contact:
    """A unit a customer can turn to; ``published`` is how: by phone, email, web, address."""

    unit: str
    name: Mapping[str, str]
    published: Mapping[str, str]


# The height keeps the walk up from running in a circle; a unit that is dissolved is nobody to turn to.
_LADDER = text(
    "WITH RECURSIVE up AS (SELECT id, parent_id, name, published, active_to, 0 AS height FROM units "
    "WHERE id = :unit UNION ALL SELECT above.id, above.parent_id, above.name, above.published, "
    "above.active_to, up.height + 1 FROM units AS above JOIN up ON above.id = up.parent_id "
    "WHERE up.height < 20) SELECT id AS unit, name, published FROM up WHERE published <> '{}' "
    "AND (active_to IS NULL OR active_to > now()) ORDER BY height"
).columns(name=JSONB, published=JSONB)


async def ladder(database: Database, unit: str) -> list[Contact]:
    """The unit itself, the one above it and so on, those with a published contact, in that order (BNK-1)."""
    return [Contact(**row._asdict()) for row in await database.fetch(_LADDER, {"unit": unit})]
