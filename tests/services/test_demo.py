"""The demonstration organisation: loaded twice it is still one, and only its newest tokens work."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from domain.roles import STAFF_ROLES
from services import demo, directory, procedures
from services.access import actor_for
from services.connect import Connections
from storage.engine import Database


async def test_loading_twice_gives_one_organisation_and_new_tokens(database_url: str) -> None:
    first = await demo.load_demo(database_url)
    second = await demo.load_demo(database_url)
    connections = Connections(Database.at(database_url, pool_size=2), {})
    try:
        assert sorted(person.role for person in second) == sorted(STAFF_ROLES)
        assert len(await directory.units(connections)) == len(demo.UNITS)
        people = await directory.people(connections)
        assert len(people) == len(demo.PEOPLE)
        assert all(len(set(map(str, p.posts))) == len(p.posts) for p in people)
        assert {row.name for row in await procedures.active(connections)} >= {"telecom-si", "courier"}
        actor = await actor_for(connections, second[0].token)
        assert (actor.id, actor.roles) == ("person:demo-agent", ("agent",))
        with pytest.raises(Refused, match="unauthenticated"):
            await actor_for(connections, first[0].token)
    finally:
        await connections.close()


async def test_every_person_works_in_units_that_are_there() -> None:
    known = {unit.id for unit in demo.UNITS}
    assert {unit for person in demo.PEOPLE for unit in person.units} <= known
    assert set(demo.HEADS) <= known
    assert {unit.parent for unit in demo.UNITS} - {""} <= known
