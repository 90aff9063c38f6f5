"""Units and people as they are listed and looked up one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from domain.measures import Standing, standing
from domain.messages import Message
from storage.engine import Database
from storage.tables import measures
from storage.tables import people as people_table
from storage.tables import posts as posts_table
from storage.tables import units as units_table

UNIT_PREFIX = "unit:"
"""What the recipient of a message begins with when it is a unit as a whole."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as it is listed; ``active_to`` is when it was or will be dissolved."""

    id: str
    name: Mapping[str, str]
    kind: str
    parent_id: str | None
    active_from: datetime
    active_to: datetime | None


@dataclass(frozen=True, slots=True)
class UnitFound(UnitRow):
    """A unit looked up by its id, with the measures taken on it, the earliest first."""

    measures: Sequence[str] = ()

    @property
    def standing(self) -> str:
        """Why it gets no orders (suspended, ended); empty when it does."""
        found = standing(self.measures)
        return "" if found is Standing.ACTIVE else found.value


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post somebody holds; no unit: in the whole organisation."""

    unit_id: str | None
    role: str
    rank: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody as they are listed, with the posts they hold now."""

    id: str
    name: str
    language: str
    email: str
    phone: str
    active: bool
    posts: Sequence[PostRow]


_UNITS = select(*(units_table.c[name] for name in UnitRow.__slots__)).order_by(units_table.c.id)
_MEASURES = (
    select(
        func.array_agg(aggregate_order_by(measures.c.measure, measures.c.at, measures.c.ref, measures.c.seq))
    )
    .where(measures.c.unit == units_table.c.id)
    .scalar_subquery()
)
_UNIT = _UNITS.add_columns(_MEASURES.label("measures")).where(units_table.c.id == bindparam("id"))
_PERSON_COLUMNS = [people_table.c[name] for name in PersonRow.__slots__ if name != "posts"]
_PEOPLE = select(*_PERSON_COLUMNS).order_by(people_table.c.id)
_PERSON = _PEOPLE.where(people_table.c.id == bindparam("id"))
_POSTS = (
    select(posts_table.c.person_id, *(posts_table.c[name] for name in PostRow.__slots__))
    .where(
        posts_table.c.valid_from <= func.now(),
        or_(posts_table.c.valid_to.is_(None), posts_table.c.valid_to > func.now()),
    )
    .order_by(posts_table.c.person_id, posts_table.c.unit_id.nulls_first(), posts_table.c.role)
)
_POSTS_OF = _POSTS.where(posts_table.c.person_id == bindparam("id"))
_SECRET = select(units_table.c.webhook_secret).where(units_table.c.id == bindparam("id"))


async def unit(database: Database, unit_id: str) -> UnitFound | None:
    """One unit, also a dissolved one; None when there is none."""
    row = await database.first(_UNIT, {"id": unit_id})
    return UnitFound(**{**row._asdict(), "measures": row.measures or ()}) if row is not None else None


async def units(database: Database) -> list[UnitRow]:
    """All units by id, also dissolved ones."""
    return [UnitRow(**row._asdict()) for row in await database.fetch(_UNITS)]


async def person(database: Database, person_id: str) -> PersonRow | None:
    """One person with the posts they hold now; None when there is none."""
    row = await database.first(_PERSON, {"id": person_id})
    if row is None:
        return None
    held = await database.fetch(_POSTS_OF, {"id": person_id})
    return PersonRow(**row._asdict(), posts=[PostRow(p.unit_id, p.role, p.rank) for p in held])


async def people(database: Database) -> list[PersonRow]:
    """Everybody by id, with the posts they hold now."""
    held: dict[str, list[PostRow]] = {}
    for p in await database.fetch(_POSTS):
        held.setdefault(p.person_id, []).append(PostRow(p.unit_id, p.role, p.rank))
    return [PersonRow(**row._asdict(), posts=held.get(row.id, [])) for row in await database.fetch(_PEOPLE)]


async def webhook_secret(database: Database, message: Message) -> str:
    """The signing secret of the unit a webhook goes to; empty when it has none of its own."""
    if not message.recipient.startswith(UNIT_PREFIX):
        return ""
    row = await database.first(_SECRET, {"id": message.recipient.removeprefix(UNIT_PREFIX)})
    return str(row.webhook_secret) if row is not None else ""
