"""Prepared statements: answers as everywhere else, and what becomes of their connections."""

import asyncio

import pytest
from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.connect import is_database_down
from storage.engine import Database
from storage.lanes import Lanes
from storage.prepared import Prepared
from tests.waiting import until

DOUBLED = Prepared(select((bindparam("n", type_=Integer) * 2).label("twice"), func.now().label("at")))
PID = Prepared(text("SELECT pg_backend_pid() AS pid"))
SLEEP = Prepared(text("SELECT pg_sleep(:seconds)").bindparams(bindparam("seconds", type_=Integer)))
KEEP = Prepared(text("INSERT INTO things (id, said) VALUES (:id, :said)").bindparams(
    bindparam("id", type_=Integer), bindparam("said", type_=JSONB)
))  # fmt: skip
THINGS = Prepared(text("SELECT * FROM things ORDER BY id"))


@pytest.fixture
async def things(database: Database) -> Database:
    await database.run(text("CREATE TABLE things (id int PRIMARY KEY, said jsonb)"))
    return database


async def test_rows_have_their_columns_as_attributes(database: Database) -> None:
    row = await database.first(DOUBLED, {"n": 21})
    assert row is not None
    assert (row.twice, row[0], row._asdict()["twice"]) == (42, 42, 42)
    assert row.at.tzinfo is not None
    with pytest.raises(AttributeError):
        row.thrice  # noqa: B018
    with pytest.raises(KeyError):
        await database.fetch(DOUBLED, {"m": 21})


async def test_documents_go_in_and_come_out_as_they_were(things: Database) -> None:
    said = {"words": '投诉 "quoted"', "list": [1, None, True]}
    assert await things.run(KEEP, {"id": 1, "said": said}) == 1
    await things.run(KEEP, [{"id": 2, "said": {}}, {"id": 3, "said": None}])
    assert [row.said for row in await things.fetch(THINGS)] == [said, {}, None]


async def test_all_of_many_or_none(things: Database) -> None:
    with pytest.raises(IntegrityError):
        await things.run(KEEP, [{"id": 1, "said": {}}, {"id": 1, "said": {}}])
    assert await things.fetch(THINGS) == []


async def test_a_table_may_change_its_shape(things: Database) -> None:
    await things.run(KEEP, {"id": 1, "said": {}})
    assert len(dict((await things.fetch(THINGS))[0])) == 2
    await things.run(text("ALTER TABLE things ADD COLUMN more int DEFAULT 7"))
    assert (await things.fetch(THINGS))[0].more == 7


async def test_a_refused_statement_leaves_its_connection_usable(things: Database) -> None:
    pid = await things.first(PID)
    await things.run(KEEP, {"id": 1, "said": {}})
    with pytest.raises(IntegrityError) as caught:
        await things.run(KEEP, {"id": 1, "said": {"name": "Wang Fang"}})
    assert "Wang Fang" not in str(caught.value)
    assert await things.first(PID) == pid


async def test_a_lost_connection_is_noticed_and_replaced(database: Database) -> None:
    asleep = asyncio.create_task(database.fetch(SLEEP, {"seconds": 60}))
    end = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE query LIKE '%pg_sleep($1%' AND pid <> pg_backend_pid()"
    )
    await until(lambda: database.fetch(end), lambda rows: rows[0][0])
    with pytest.raises(DBAPIError) as caught:
        await asleep
    assert is_database_down(caught.value)
    assert (await database.first(DOUBLED, {"n": 1})) is not None


async def test_what_is_given_up_does_not_keep_its_connection(database: Database) -> None:
    for _ in range(7):  # more than there are connections
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await database.fetch(SLEEP, {"seconds": 60})
    assert (await database.first(DOUBLED, {"n": 1})) is not None


async def test_who_finds_no_free_connection_waits_for_one(database: Database) -> None:
    _, place = database.engine.dialect.create_connect_args(database.engine.url)
    lanes = Lanes(place, most=1, patience=0.3)
    together = await asyncio.gather(*(lanes.fetch(PID, {}) for _ in range(5)))
    assert len({rows[0].pid for rows in together}) == 1
    asleep = asyncio.create_task(lanes.fetch(SLEEP, {"seconds": 60}))
    await asyncio.sleep(0)
    with pytest.raises(PoolTimeout):
        await lanes.fetch(PID, {})
    asleep.cancel()
    await asyncio.gather(asleep, return_exceptions=True)
    assert len(await lanes.fetch(PID, {})) == 1
    await lanes.close()
