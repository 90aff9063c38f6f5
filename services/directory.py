"""Units and people: as they are listed, and whether those named are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.errors import Refused
from domain.events import Place
from services.connect import Connections
from storage.queries import directory as directory_queries
from storage.queries.directory import PersonRow, UnitRow


async def units(connections: Connections) -> Sequence[UnitRow]:
    """All units by id, also dissolved ones."""
    return await directory_queries.units(connections.database)


async def people(connections: Connections) -> Sequence[PersonRow]:
    """Everybody by id, with their posts."""
    return await directory_queries.people(connections.database)


async def place_of_unit(connections: Connections, unit_id: str) -> Place:
    """The place of an active unit, empty for none; Refused when it is unknown or dissolved."""
    if not unit_id:
        return Place()
    unit = await directory_queries.unit(connections.database, unit_id)
    if unit is None:
        raise Refused("no_such_unit", f"there is no unit {unit_id!r}", fields={"unit": "see GET /units"})
    if unit.active_to is not None and unit.active_to <= datetime.now(UTC):
        raise Refused("dissolved", f"the unit {unit_id!r} is dissolved", fields={"unit": "is dissolved"})
    return Place(unit.kind, unit.parent_id or "", unit.standing)


def must_get_orders(unit_id: str, place: Place) -> None:
    """TEL-21: raise Refused("suspended") or Refused("ended") for a unit on which such a measure was taken."""
    if place.standing:
        raise Refused(
            place.standing,
            f"{unit_id} is {place.standing} and gets no orders; see GET /units/{unit_id}/measures",
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
        raise Refused("no_such_person", f"there is no person {owner!r}", fields={"owner": "person:<id>"})
