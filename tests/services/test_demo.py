"""The demonstration organisation: loaded twice it is still one, and only its newest tokens work."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import local.demo
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
from storage.queries import directory as directory_queries
from storage.queries.procedures import versions
from storage.stores import directory as directory_store
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


async def test_an_organisation_shipped_later_is_there_after_the_next_start(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What people changed in the others meanwhile stays as they made it."""
    fewer = {name: one for name, one in load_shipped().items() if name != "hotel"}
    with monkeypatch.context() as before:
        for module in (demo, local.demo):
            before.setattr(module, "load_shipped", lambda: fewer)
        first = await load_demo(database_url, tmp_path)
    database = Database.at(database_url, pool_size=1)
    try:
        assert not any(person.id.startswith("hot-") for person in await directory_queries.people(database))
        await directory_store.put_person(database, "crr-agent", name="Renamed", language="en", email="")
        assert await load_demo(database_url, tmp_path) == first
        names = {person.id: person.name for person in await directory_queries.people(database)}
        assert names["crr-agent"] == "Renamed"
        hotel = load_shipped()["hotel"].people
        assert {person.id for person in hotel} <= names.keys()
    finally:
        await database.close()
    noted = json.loads((tmp_path / "demo-tokens.json").read_text())
    tokens = [one["person"] for one in noted["staff"]]
    assert len(tokens) == len(set(tokens))
    assert {person.id for person in hotel if person.acts_as} <= set(tokens)
