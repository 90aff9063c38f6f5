"""Numbers in archives: in order of closing, without gaps, once, in the transaction of the closing."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from domain import commands as c
from domain.events import Archived
from storage import tables
from storage.engine import Database
from storage.queries import archive as archive_queries
from storage.stores import archive as archive_store
from storage.stores.recorder import PostgresRecorder
from tests.drive import MONDAY, SUPERVISOR, Case
from tests.storage.cases import recording, satisfied, small_procedure, take_in

KEEPING = small_procedure(archive=("organisation", "unit:network"))


def opened(ref: str) -> Case:
    return Case(KEEPING, {"severity": "high"}, ref=ref)


async def numbers(database: Database, keeper: str = "organisation") -> list[tuple[str, int]]:
    page = await archive_queries.kept_by(database, keeper)
    return [(one.ref, one.number) for one in page.items]


async def test_closing_gives_the_next_number_of_each_keeper(database: Database) -> None:
    recorder = PostgresRecorder(database)
    for ref in ("SML-1", "SML-2", "SML-3"):
        await take_in(database, ref)
        case = satisfied(opened(ref))
        await recorder.record(recording(case, 1))
        await PostgresRecorder(database).record(recording(case, 1))  # another attempt changes nothing
    in_order = [("SML-1", 1), ("SML-2", 2), ("SML-3", 3)]
    assert await numbers(database) == await numbers(database, "unit:network") == in_order
    assert await numbers(database, "unit:other") == []


async def test_a_case_closed_again_keeps_its_number(database: Database) -> None:
    recorder = PostgresRecorder(database)
    for ref in ("SML-1", "SML-2"):
        await take_in(database, ref)
        case = satisfied(opened(ref))
        await recorder.record(recording(case, 1))
        seen = len(case.events)
        case.do(c.Reopen("again"), SUPERVISOR)
        satisfied(case)
        await recorder.record(recording(case, seen + 1))
    assert await numbers(database) == [("SML-1", 1), ("SML-2", 2)]
    assert [(n.keeper, n.number) for n in await archive_queries.numbers_of(database, "SML-2")] == [
        ("organisation", 2),
        ("unit:network", 2),
    ]


async def test_a_recording_that_fails_takes_no_number(database: Database) -> None:
    await take_in(database)
    fact = Archived(2026, ("organisation",))
    with pytest.raises(RuntimeError):
        async with database.transaction() as connection:
            await archive_store.number(connection, "SML-1", fact, MONDAY)
            raise RuntimeError("the database went away")
    async with database.transaction() as connection:
        await archive_store.number(connection, "SML-1", fact, MONDAY)
    assert await numbers(database) == [("SML-1", 1)]


async def test_many_closings_at_once_get_numbers_without_gaps(database: Database) -> None:
    refs = [f"SML-{n}" for n in range(20)]
    for ref in refs:
        await take_in(database, ref)

    async def close(ref: str) -> None:
        await PostgresRecorder(database).record(recording(satisfied(opened(ref)), 1))

    await asyncio.gather(*(close(ref) for ref in refs))
    assert sorted(number for _, number in await numbers(database)) == list(range(1, 21))
    counted = select(func.max(tables.archive_counters.c.last))
    row = await database.first(counted)
    assert row is not None
    assert row[0] == 20


async def test_an_archive_is_read_page_by_page(database: Database) -> None:
    for n in range(1, 6):
        await take_in(database, f"SML-{n}")
        async with database.transaction() as connection:
            year = 2026 if n < 4 else 2027
            await archive_store.number(connection, f"SML-{n}", Archived(year, ("organisation",)), MONDAY)
    first = await archive_queries.kept_by(database, "organisation", limit=2)
    second = await archive_queries.kept_by(database, "organisation", limit=3, after=first.after or "")
    seen = [(one.year, one.number) for one in (*first.items, *second.items)]
    assert seen == [(2026, 1), (2026, 2), (2026, 3), (2027, 1), (2027, 2)]
    assert second.after is None
    only = await archive_queries.kept_by(database, "organisation", procedure="small", year=2027)
    assert [one.ref for one in only.items] == ["SML-4", "SML-5"]
    assert (await archive_queries.kept_by(database, "organisation", procedure="other")).items == []
    with pytest.raises(ValueError, match="not enough values"):
        await archive_queries.kept_by(database, "organisation", after="nonsense")


@pytest.mark.rule("MFG-7")
async def test_whoever_is_complained_of_does_not_find_it_in_any_archive(database: Database) -> None:
    for number in (1, 2):
        await take_in(database, f"SML-{number}")
        async with database.transaction() as connection:
            await archive_store.number(connection, f"SML-{number}", Archived(2026, ("organisation",)), MONDAY)
    about = update(tables.complaints).where(tables.complaints.c.ref == "SML-1")
    await database.run(about.values(complained_of=["person:li"]))
    for reader, refs in (("person:li", ["SML-2"]), ("person:wu", ["SML-1", "SML-2"])):
        page = await archive_queries.kept_by(database, "organisation", reader=reader)
        assert [one.ref for one in page.items] == refs
