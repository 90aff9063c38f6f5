"""Units and people as they are listed and looked up one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.types import Text

from domain.measures import Standing, standing
from domain.messages import Message
from storage.engine import Database
from storage.queries.conflict import NOT_ABOUT_READER
from storage.tables import absences as absences_table
from storage.tables import complaints as complaints_table
from storage.tables import contact_changes as changes_table
from storage.tables import measures
from storage.tables import orders as orders_table
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
class UnitAddresses:
    """How a unit is told as a whole: addresses by channel, and where its webhooks go; what it publishes."""

    addresses: Mapping[str, str]
    published: Mapping[str, str]
    webhook_url: str


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post in a unit, with who holds it, now or later."""

    person_id: str
    name: str
    role: str
    rank: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Absence:
    """A time somebody is away; B is told meanwhile."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ContactChange:
    """A change of contact data, announced to hold from ``effective_at``; None: stays as it is."""

    email: str | None
    phone: str | None
    effective_at: datetime
    announced_at: datetime
    announced_by: str


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


def _effective(name: str) -> ColumnElement[str]:
    """How somebody is reached now: what was last announced to hold by now, else what was put (TEL-3)."""
    change = changes_table.c
    announced = (
        select(change[name])
        .where(
            change.person_id == people_table.c.id,
            change.effective_at <= func.now(),
            change[name].is_not(None),
        )
        .order_by(change.effective_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(announced, people_table.c[name]).label(name)


_PERSON_COLUMNS: list[ColumnElement[Any]] = [
    _effective(name) if name in ("email", "phone") else people_table.c[name]
    for name in PersonRow.__slots__
    if name != "posts"
]
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
_HELD_IN = (
    select(
        posts_table.c.person_id,
        people_table.c.name,
        *(posts_table.c[name] for name in ("role", "rank", "valid_from", "valid_to")),
    )
    .select_from(posts_table.join(people_table, people_table.c.id == posts_table.c.person_id))
    .where(
        posts_table.c.unit_id == bindparam("id"),
        or_(posts_table.c.valid_to.is_(None), posts_table.c.valid_to > func.now()),
    )
    .order_by(posts_table.c.role, posts_table.c.rank, posts_table.c.person_id)
)
_ABSENCES = (
    select(*(absences_table.c[name] for name in ("starts_at", "ends_at", "reason")))
    .where(absences_table.c.person_id == bindparam("id"), absences_table.c.ends_at > func.now())
    .order_by(absences_table.c.starts_at)
)
_CHANGES = (
    select(*(changes_table.c[n] for n in ("email", "phone", "effective_at", "announced_at", "announced_by")))
    .where(changes_table.c.person_id == bindparam("id"))
    .order_by(changes_table.c.effective_at)
)
_BELOW = (
    select(units_table.c.id)
    .where(
        units_table.c.parent_id == bindparam("id"),
        or_(units_table.c.active_to.is_(None), units_table.c.active_to > bindparam("at")),
    )
    .order_by(units_table.c.id)
)
_OPEN_ORDERS = (
    select(func.count())
    .select_from(orders_table.join(complaints_table, complaints_table.c.ref == orders_table.c.ref))
    .where(
        orders_table.c.unit == bindparam("id"),
        orders_table.c.state.in_(("dispatched", "taken")),
        NOT_ABOUT_READER,
    )
)
_ABOVE = text(
    "WITH RECURSIVE up AS (SELECT id, parent_id FROM units WHERE id = ANY(:units) "
    "UNION SELECT above.id, above.parent_id FROM units AS above JOIN up ON above.id = up.parent_id) "
    "SELECT id FROM up"
).bindparams(bindparam("units", type_=ARRAY(Text)))
_ADDRESSES = select(*(units_table.c[name] for name in UnitAddresses.__slots__)).where(
    units_table.c.id == bindparam("id")
)
_PERSONS_ADDRESSES = select(people_table.c.addresses).where(people_table.c.id == bindparam("id"))
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


async def addresses_of(database: Database, unit_id: str) -> UnitAddresses:
    """How a unit is told as a whole; nothing for one there is not."""
    row = await database.first(_ADDRESSES, {"id": unit_id})
    return UnitAddresses(**row._asdict()) if row is not None else UnitAddresses({}, {}, "")


async def addresses_of_person(database: Database, person_id: str) -> Mapping[str, str]:
    """How somebody is told beside e-mail, by channel; nothing for nobody."""
    row = await database.first(_PERSONS_ADDRESSES, {"id": person_id})
    return dict(row.addresses) if row is not None else {}


async def secret_of(database: Database, unit_id: str) -> str:
    """The secret a unit's webhooks are signed with; empty when it has none of its own."""
    row = await database.first(_SECRET, {"id": unit_id})
    return str(row.webhook_secret) if row is not None else ""


async def posts_in(database: Database, unit_id: str) -> list[HeldPost]:
    """The posts of a unit that are held now or later, by role, A before B."""
    return [HeldPost(**row._asdict()) for row in await database.fetch(_HELD_IN, {"id": unit_id})]


async def absences_of(database: Database, person_id: str) -> list[Absence]:
    """When somebody is or will be away, the next first."""
    return [Absence(**row._asdict()) for row in await database.fetch(_ABSENCES, {"id": person_id})]


async def contact_changes_of(database: Database, person_id: str) -> list[ContactChange]:
    """The changes of somebody's contact data that were announced, also those that have taken effect."""
    return [ContactChange(**row._asdict()) for row in await database.fetch(_CHANGES, {"id": person_id})]


async def units_below(database: Database, unit_id: str, at: datetime) -> list[str]:
    """The ids of the units directly below one that are still there at ``at`` (aware)."""
    return [row.id for row in await database.fetch(_BELOW, {"id": unit_id, "at": at})]


async def with_those_above(database: Database, unit_ids: Collection[str]) -> set[str]:
    """The ids of some units and of all above them."""
    return {row.id for row in await database.fetch(_ABOVE, {"units": list(unit_ids)})}


async def open_orders_of(database: Database, unit_id: str, reader: str = "") -> int:
    """How many orders a unit still owes an answer to, without those about ``reader``, an actor's id."""
    row = await database.first(_OPEN_ORDERS, {"id": unit_id, "reader": reader})
    return int(row[0]) if row is not None else 0


async def webhook_secret(database: Database, message: Message) -> str:
    """The signing secret of the unit a webhook goes to; empty when it has none of its own."""
    if not message.recipient.startswith(UNIT_PREFIX):
        return ""
    return await secret_of(database, message.recipient.removeprefix(UNIT_PREFIX))
