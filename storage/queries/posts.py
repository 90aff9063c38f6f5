"""Posts at one instant: who holds which, who is away, and how each is reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from domain.messages import ChannelName
from storage.engine import Database
from storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the directory, with the address for each channel they are told by."""

    id: str
    name: str
    language: str
    addresses: Mapping[ChannelName, str]
    present: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A post and who holds it: rank A, or B who steps in when no A is there. No unit: organisation-wide."""

    unit: str
    role: str
    rank: str
    person: Person


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how it is told as a whole."""

    id: str
    name: Mapping[str, str]
    parent: str
    addresses: Mapping[ChannelName, str]

    def title(self, language: str) -> str:
        """Its name in a language, else in any, else its id."""
        return self.name.get(language) or next(iter(self.name.values()), self.id)


@dataclass(frozen=True, slots=True)
class Directory:
    """What is needed to find the holders of some posts: units with all above them, posts, people by id."""

    units: Mapping[str, Unit]
    posts: Sequence[Post]
    people: Mapping[str, Person]


_UNITS = text(
    "WITH RECURSIVE up AS (SELECT * FROM units WHERE id = ANY(:units) "
    "UNION SELECT above.* FROM units AS above JOIN up ON above.id = up.parent_id) "
    "SELECT id, name, coalesce(parent_id, '') AS parent, addresses, webhook_url FROM up"
).bindparams(bindparam("units", type_=ARRAY(Text)))

# A change of contact data counts from the day it was announced for (TEL-3).
_STAFF = text(
    "WITH RECURSIVE ours AS (SELECT id FROM units WHERE id = :top_unit "
    "UNION SELECT u.id FROM units AS u JOIN ours ON u.parent_id = ours.id) "
    "SELECT coalesce(posts.unit_id, '') AS unit, posts.role, posts.rank, p.id, p.name, p.language, "
    "p.addresses, coalesce((SELECT c.email FROM contact_changes AS c WHERE c.person_id = p.id "
    "AND c.effective_at <= :at AND c.email IS NOT NULL ORDER BY c.effective_at DESC LIMIT 1), p.email) "
    "AS email, "
    "p.active AND NOT EXISTS (SELECT 1 FROM absences AS a WHERE a.person_id = p.id "
    "AND a.starts_at <= :at AND a.ends_at > :at) AS present "
    "FROM people AS p LEFT JOIN posts ON posts.person_id = p.id "
    "AND posts.valid_from <= :at AND (posts.valid_to IS NULL OR posts.valid_to > :at) "
    "WHERE p.id = ANY(:people) OR posts.unit_id = ANY(:units) OR (posts.role = ANY(:roles) "
    "AND (posts.unit_id IS NULL OR NOT EXISTS (SELECT 1 FROM ours) OR "
    "posts.unit_id IN (SELECT id FROM ours))) "
    "ORDER BY posts.rank, posts.id"
).bindparams(*(bindparam(name, type_=ARRAY(Text)) for name in ("people", "units", "roles")))
_UNITS_READY, _STAFF_READY = Prepared(_UNITS), Prepared(_STAFF)


async def directory(
    database: Database,
    at: datetime,
    *,
    units: Collection[str],
    roles: Collection[str],
    people: Collection[str],
    top_unit: str = "",
) -> Directory:
    """The part of the directory that is needed, as it is at ``at`` (aware).

    ``units``: whose posts, with the units above them; ``roles``: whose holders anywhere in the
    organisation (the unit ``top_unit`` and those below it; everywhere if there is none such);
    ``people``: further persons by id.
    """
    found = {row.id: _unit(row) for row in await database.fetch(_UNITS_READY, {"units": list(units)})}
    rows = await database.fetch(
        _STAFF_READY,
        {
            "at": at,
            "units": list(found),
            "roles": list(roles),
            "people": list(people),
            "top_unit": top_unit,
        },
    )
    known = {row.id: _person(row) for row in rows}
    posts = [Post(r.unit, r.role, r.rank, known[r.id]) for r in rows if r.role is not None]
    return Directory(found, posts, known)


def _unit(row: Any) -> Unit:
    addresses = by_channel(row.addresses)
    if row.webhook_url:
        addresses[ChannelName.WEBHOOK] = row.webhook_url
    return Unit(row.id, row.name, row.parent, addresses)


def _person(row: Any) -> Person:
    addresses = {ChannelName.IN_APP: row.id, **by_channel(row.addresses)}
    if row.email:
        addresses[ChannelName.EMAIL] = row.email
    return Person(row.id, row.name, row.language, addresses, row.present)


def by_channel(addresses: Mapping[str, str]) -> dict[ChannelName, str]:
    """Stored addresses by channel; blank ones and unknown channels are left out."""
    known = {name.value for name in ChannelName}
    return {ChannelName(name): address for name, address in addresses.items() if address and name in known}
