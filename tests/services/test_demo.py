"""The demonstration organisation: loaded twice it is still one, and only its newest tokens work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli_commands import part_checks
from domain.errors import Refused
from domain.roles import STAFF_ROLES
from local.demo import load_demo
from procedures.loader import load_pack
from procedures.organisation import load_shipped
from services import demo, directory, procedures
from services.access import actor_for
from services.connect import Connections
from storage.engine import Database
from storage.queries.procedures import versions
from storage.stores import procedures as procedure_store


async def test_loading_twice_gives_one_organisation_and_new_tokens(database_url: str) -> None:
    first = await demo.load_demo(database_url)
    second = await demo.load_demo(database_url)
    connections = Connections(Database.at(database_url, pool_size=2), {})
    try:
        assert sorted(person.role for person in second) == sorted(STAFF_ROLES)
        shipped = load_shipped().values()
        assert len(await directory.units(connections)) == sum(len(one.units) for one in shipped)
        people = await directory.people(connections)
        assert len(people) == sum(len(one.people) for one in shipped)
        assert all(len(set(map(str, p.posts))) == len(p.posts) for p in people)
        assert {row.name for row in await procedures.active(connections)} >= {"telecom-si", "courier"}
        actor = await actor_for(connections, second[0].token)
        assert (actor.id, actor.roles) == ("person:demo-agent", ("agent",))
        with pytest.raises(Refused, match="unauthenticated"):
            await actor_for(connections, first[0].token)
    finally:
        await connections.close()


async def test_somebody_has_the_duty(database_url: str) -> None:
    await demo.load_demo(database_url)
    database = Database.at(database_url, pool_size=1)
    try:
        (finding,) = await part_checks.duty(database)
        assert finding.state == "ok"
        assert "Sun Supervisor" in finding.found
    finally:
        await database.close()


async def test_a_new_version_of_a_pack_is_in_use_after_the_next_start_and_tokens_stay(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await load_demo(database_url, tmp_path)
    upgraded = {"courier": replace(load_pack("courier"), version="999")}
    monkeypatch.setattr(demo, "load_pack", lambda name: upgraded.get(name) or load_pack(name))
    assert await load_demo(database_url, tmp_path) == first
    database = Database.at(database_url, pool_size=1)
    try:
        assert {v.version: v.active for v in await versions(database) if v.name == "courier"} == {
            "999": True,
            load_pack("courier").version: False,
        }
        await procedure_store.activate(database, "courier", load_pack("courier").version)
        await load_demo(database_url, tmp_path)
        in_use = [v.version for v in await versions(database) if v.name == "courier" and v.active]
        assert in_use == [load_pack("courier").version]
    finally:
        await database.close()
