"""Migrations: up, down and up again, and what they give equals the tables in code."""

import json

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import make_url

import wire
from domain.purpose import Purpose
from domain.step import Step, StepKind
from local import migrations
from storage.engine import Database
from storage.stores import procedures
from storage.tables import metadata
from tests.storage.cases import small_procedure


async def tables_of(url: str) -> set[str]:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    return {row["tablename"] for row in rows}


async def test_up_down_and_up_again_gives_the_tables_of_the_code(blank_database_url: str) -> None:
    migrations.upgrade(blank_database_url)
    assert await tables_of(blank_database_url) == {*metadata.tables, "alembic_version"}
    migrations.downgrade(blank_database_url)
    assert await tables_of(blank_database_url) == {"alembic_version"}
    migrations.upgrade(blank_database_url)
    migrations.check(blank_database_url)


async def test_migrating_a_database_that_is_up_to_date_changes_nothing(database_url: str) -> None:
    before = await tables_of(database_url)
    migrations.upgrade(database_url)
    assert await tables_of(database_url) == before


async def test_whoever_was_chosen_before_finds_it_after_migrating(blank_database_url: str) -> None:
    """Complaints recorded before there was a column for names get theirs from what was filled in."""
    migrations.upgrade(blank_database_url, "0011")
    procedure = small_procedure(
        steps=(Step("look", StepKind.TASK, {"en": "Look"}, by=("agent", "chosen:responsible")),),
        purposes=(
            Purpose("handle", {"en": "Handle"}),
            Purpose("visit", {"en": "Visit"}, by=("chosen:visitor",)),
        ),
    )
    database = Database.at(blank_database_url, pool_size=1)
    await procedures.add(database, procedure, source="")
    facts = {"SML-1": {"responsible": "li", "visitor": "wu"}, "SML-2": {"visitor": ""}, "SML-3": {}}
    for ref, told in facts.items():
        values = {"ref": ref, "of": wire.fingerprint(procedure), "facts": json.dumps(told)}
        await database.run(_COMPLAINT, values)
        for number, purpose in enumerate(("handle", "visit"), start=1):
            await database.run(_ORDER, {"ref": ref, "id": str(number), "purpose": purpose})
    migrations.upgrade(blank_database_url)
    found = await database.fetch(text("SELECT ref, chosen FROM complaints ORDER BY ref"))
    assert [(row.ref, row.chosen) for row in found] == [
        ("SML-1", ["person:li", "person:wu"]), ("SML-2", []), ("SML-3", []),
    ]  # fmt: skip
    given = await database.fetch(text("SELECT ref, purpose, chosen FROM orders WHERE chosen <> '{}'"))
    assert [tuple(row) for row in given] == [("SML-1", "visit", ["person:wu"])]
    await database.close()


_COMPLAINT = text(
    "INSERT INTO complaints (ref, procedure, version, fingerprint, facts, search) "
    "VALUES (:ref, 'small', '1', :of, CAST(:facts AS jsonb), '')"
)
_ORDER = text(
    "INSERT INTO orders (ref, order_id, unit, purpose, round, state, at) "
    "VALUES (:ref, :id, 'north', :purpose, 1, 'dispatched', now())"
)
