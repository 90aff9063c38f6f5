"""Units and people: as they are listed, and whether those named are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import Refused
from domain.events import Place
from domain.spelling import nearest
from services.connect import Connections
from storage.queries import directory as directory_queries
from storage.queries.directory import Absence, ContactChange, HeldPost, PersonRow, UnitFound, UnitRow


async def units(connections: Connections) -> Sequence[UnitRow]:
    """All units by id, also dissolved ones."""
    return await directory_queries.units(connections.database)


async def people(
    connections: Connections, *, unit: str = "", role: str = "", q: str = ""
) -> Sequence[PersonRow]:
    """Everybody by id, with their posts; only those with a post in ``unit``, as ``role``, or like ``q``.

    With both, in one and the same post. ``q`` are words that stand in id, name, e-mail or phone, in any case.
    Raises Refused("not_found") for a unit there is not.
    """
    if unit:
        await _unit_there(connections, unit)
    words = q.casefold().split()
    return [
        one
        for one in await directory_queries.people(connections.database)
        if _has_post(one, unit, role) and _is_like(one, words)
    ]


def _has_post(one: PersonRow, unit: str, role: str) -> bool:
    return not (unit or role) or any(
        unit in ("", post.unit_id) and role in ("", post.role) for post in one.posts
    )


def _is_like(one: PersonRow, words: Sequence[str]) -> bool:
    told = " ".join((one.id, one.name, one.email, one.phone)).casefold()
    return all(word in told for word in words)


@dataclass(frozen=True, slots=True)
class UnitDetail(UnitRow):
    """A unit with its addresses by channel, who holds which post in it, and how many orders it has open.

    ``standing``: why it gets no orders (suspended, ended); empty when it does.
    """

    standing: str
    addresses: Mapping[str, str]
    published: Mapping[str, str]
    webhook_url: str
    posts: Sequence[HeldPost]
    open_orders: int


@dataclass(frozen=True, slots=True)
class PersonDetail(PersonRow):
    """Somebody with addresses by channel, absences, and the changes of contact data that were announced."""

    addresses: Mapping[str, str]
    absences: Sequence[Absence]
    contact_changes: Sequence[ContactChange]


async def unit(connections: Connections, unit_id: str, reader: str = "") -> UnitDetail:
    """One unit, also a dissolved one, for ``reader`` (an actor's id). Raises Refused("not_found")."""
    database = connections.database
    found = await _unit_there(connections, unit_id)
    told = await directory_queries.addresses_of(database, unit_id)
    return UnitDetail(
        **{name: getattr(found, name) for name in UnitRow.__slots__},
        standing=found.standing,
        addresses=told.addresses,
        published=told.published,
        webhook_url=told.webhook_url,
        posts=await directory_queries.posts_in(database, unit_id),
        open_orders=await directory_queries.open_orders_of(database, unit_id, reader),
    )


async def _unit_there(connections: Connections, unit_id: str) -> UnitFound:
    """The unit of that id. Raises Refused("not_found"), with the nearest id there is."""
    found = await directory_queries.unit(connections.database, unit_id)
    if found is None:
        hint = await _nearest_unit(connections, unit_id)
        raise Refused("not_found", f"there is no unit {unit_id!r}; {hint}")
    return found


async def _nearest_unit(connections: Connections, unit_id: str) -> str:
    """What to say of a unit there is not: the one that was meant, and where to look."""
    near = nearest(unit_id, [row.id for row in await directory_queries.units(connections.database)])
    return f"did you mean {near!r}? see GET /api/v1/units" if near else "see GET /api/v1/units"


async def person(connections: Connections, person_id: str) -> PersonDetail:
    """One person with posts, absences and announced contacts. Raises Refused("not_found")."""
    database = connections.database
    found = await directory_queries.person(database, person_id)
    if found is None:
        raise Refused("not_found", f"there is no person {person_id!r}; see GET /api/v1/people")
    return PersonDetail(
        **{name: getattr(found, name) for name in PersonRow.__slots__},
        addresses=await directory_queries.addresses_of_person(database, person_id),
        absences=await directory_queries.absences_of(database, person_id),
        contact_changes=await directory_queries.contact_changes_of(database, person_id),
    )


async def place_of_unit(connections: Connections, unit_id: str) -> Place:
    """The place of an active unit, empty for none; Refused when it is unknown or dissolved."""
    if not unit_id:
        return Place()
    unit = await directory_queries.unit(connections.database, unit_id)
    now = datetime.now(UTC)
    if unit is None or unit.active_from > now:
        hint = await _nearest_unit(connections, unit_id)
        raise Refused("no_such_unit", f"there is no unit {unit_id!r}", fields={"unit": hint})
    if unit.active_to is not None and unit.active_to <= now:
        raise Refused("dissolved", f"the unit {unit_id!r} is dissolved", fields={"unit": "is dissolved"})
    return Place(unit.kind, unit.parent_id or "", unit.standing)


def must_get_orders(unit_id: str, place: Place) -> None:
    """TEL-21: raise Refused("suspended") or Refused("ended") for a unit on which such a measure was taken."""
    if place.standing:
        raise Refused(
            place.standing,
            f"{unit_id} is {place.standing} and gets no orders; see GET /api/v1/units/{unit_id}/measures",
            fields={"unit": place.standing},
        )


async def unit_of_person(connections: Connections, who: str) -> str:
    """The unit somebody works in, by their first post; empty for none. ``who`` is an actor's id."""
    person = await directory_queries.person(connections.database, who.removeprefix("person:"))
    return next((post.unit_id for post in person.posts if post.unit_id), "") if person else ""


async def must_be_known(connections: Connections, owner: str) -> None:
    """Raise Refused("no_such_person") unless ``owner`` is ``person:`` and the id of one there is."""
    person = await directory_queries.person(connections.database, owner.removeprefix("person:"))
    if person is None or not owner.startswith("person:"):
        raise Refused(
            "no_such_person",
            f"there is no person {owner!r}",
            fields={"owner": "person:<id>; see GET /api/v1/people"},
        )
