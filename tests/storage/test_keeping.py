"""Procedures, customers, announcements, files and the directory as they are kept."""

import asyncio
from datetime import timedelta

import pytest

import wire
from domain.events import Event, ProcedureMoved
from storage.engine import Database
from storage.errors import UnknownPerson, UnknownUnit, UnknownVersion, VersionTaken
from storage.queries import announcements as announcement_queries
from storage.queries import attachments as attachment_queries
from storage.queries import complaints
from storage.queries import directory as directory_queries
from storage.queries import procedures as procedure_queries
from storage.queries.procedures import PinnedProcedures
from storage.stores import announcements, attachments, customers, directory, procedures
from storage.stores.customers import CustomerData
from storage.stores.recorder import PostgresRecorder
from tests.drive import MONDAY
from tests.storage.cases import opened, recording, small_procedure, take_in


async def test_a_version_never_changes(database: Database) -> None:
    first = await procedures.add(database, small_procedure(), source="a")
    assert await procedures.add(database, small_procedure(), source="b") == first
    assert await procedure_queries.source(database, "small", "1") == "a"
    with pytest.raises(VersionTaken):
        await procedures.add(database, small_procedure(marks=("other",)), source="c")
    packed = await procedure_queries.packed(database, first)
    assert packed is not None
    assert wire.unpack(packed) == small_procedure()


async def test_one_version_is_active(database: Database) -> None:
    first = await procedures.add(database, small_procedure("1"), source="")
    second = await procedures.add(database, small_procedure("2"), source="")
    assert await procedure_queries.active_fingerprint(database, "small") == second
    await procedures.add(database, small_procedure("3"), source="", activate=False)
    assert await procedure_queries.active_fingerprint(database, "small") == second
    await procedures.activate(database, "small", "1")
    assert await procedure_queries.active_fingerprint(database, "small") == first
    assert [v.version for v in await procedure_queries.versions(database) if v.active] == ["1"]
    with pytest.raises(UnknownVersion):
        await procedures.activate(database, "small", "9")
    assert await procedure_queries.active_fingerprint(database, "none") is None


async def test_a_complaint_is_pinned_until_it_is_moved(database: Database) -> None:
    await take_in(database)
    await procedures.add(database, small_procedure("2"), source="")
    pinned = PinnedProcedures(database)

    async def version() -> str:
        row = await complaints.row(database, "SML-1")
        assert row is not None
        assert (await pinned.by_fingerprint(row.fingerprint)).version == row.version
        return row.version

    assert await version() == "1"
    case = opened()
    moved = ProcedureMoved("small", "2", "a gentler one")
    case.events.append(Event(len(case.events) + 1, case.now, "person:boss", moved))
    await PostgresRecorder(database).record(recording(case, 1))
    assert await version() == "2"
    with pytest.raises(KeyError):
        await pinned.by_fingerprint("none")


async def test_a_move_to_a_version_that_is_not_stored_is_refused_whole(database: Database) -> None:
    await take_in(database)
    case = opened()
    case.events.append(Event(len(case.events) + 1, case.now, "x", ProcedureMoved("small", "9", "")))
    with pytest.raises(UnknownVersion):
        await PostgresRecorder(database).record(recording(case, 1))
    assert await complaints.events(database, "SML-1") == []


@pytest.mark.parametrize(
    ("first", "then", "same"),
    [
        (CustomerData(phone="+86 (10) 55-55"), CustomerData(phone="+86105555"), True),
        (CustomerData(email="Wang@Example.org "), CustomerData(email="wang@example.org"), True),
        (CustomerData(phone="1", email="a@b.c"), CustomerData(phone="2", email="a@b.c"), True),
        (CustomerData(id="7", phone="1"), CustomerData(id="7", phone="2"), True),
        (CustomerData(id="7", phone="1"), CustomerData(id="8", phone="1"), False),
        (CustomerData(phone="1"), CustomerData(phone="2"), False),
        (CustomerData(name="Wang"), CustomerData(name="Wang"), False),
    ],
)
async def test_a_customer_is_found_again(
    database: Database, first: CustomerData, then: CustomerData, same: bool
) -> None:
    one = await customers.find_or_create(database, first)
    other = await customers.find_or_create(database, then)
    assert (one == other) is same


async def test_blanks_of_a_customer_are_filled_in_and_ones_own_numbers_bring_news(database: Database) -> None:
    known = await customers.find_or_create(database, CustomerData(phone="1", name="Wang"))
    await customers.find_or_create(database, CustomerData(phone="1", name="Li", email="w@example.org"))
    await take_in(database, customer_id=known)
    row = await complaints.row(database, "SML-1")
    assert row is not None
    assert (row.customer_name, row.customer_email) == ("Wang", "w@example.org")
    for phone in ("1", "2"):
        await customers.find_or_create(database, CustomerData(id="7", phone=phone, name="Zhang"))
    await take_in(database, "SML-2", customer_id="7")
    row = await complaints.row(database, "SML-2")
    assert row is not None
    assert (row.customer_name, row.customer_phone) == ("Zhang", "2")


async def test_a_customer_who_comes_twice_at_once_is_one(database: Database) -> None:
    coming = (customers.find_or_create(database, CustomerData(phone="1")) for _ in range(8))
    assert len(set(await asyncio.gather(*coming))) == 1
    assert await customers.find_or_create(database, CustomerData()) == ""


@pytest.mark.rule("TEL-16")
async def test_announcements_hold_for_their_time_and_category(database: Database) -> None:
    until = MONDAY + timedelta(hours=2)
    given = {"procedure": "small", "wording": {"en": "Down."}, "valid_from": MONDAY}
    await announcements.publish(database, title="all", **given)
    await announcements.publish(database, title="billing", category="billing", valid_to=until, **given)

    async def titles(category: str, at=MONDAY) -> set[str]:
        found = await announcement_queries.matching(database, "small", category, at)
        return {one.title for one in found}

    assert await titles("billing") == {"all", "billing"}
    assert await titles("network") == {"all"}
    assert await titles("billing", until) == {"all"}
    assert await titles("billing", MONDAY - timedelta(seconds=1)) == set()
    assert [one.title for one in await announcement_queries.valid(database, until)] == ["all"]


async def test_files_come_back_as_they_were(database: Database) -> None:
    await take_in(database)
    kept = await attachments.add(
        database, "SML-1", name="bill.pdf", media_type="application/pdf", content=b"%PDF\x00", added_by="x"
    )
    assert await attachment_queries.of_complaint(database, "SML-1") == [kept]
    found = await attachment_queries.content(database, "SML-1", kept.id)
    assert found is not None
    assert found.content == b"%PDF\x00"
    assert await attachment_queries.content(database, "SML-2", kept.id) is None


async def test_units_people_and_posts_are_put_as_often_as_one_likes(database: Database) -> None:
    for _ in range(2):
        await directory.put_unit(database, "office", name={"en": "Office"})
        await directory.put_unit(database, "net", name={}, parent_id="office")
        await directory.put_person(database, "anna", name="Anna")
        await directory.put_post(database, "anna", role="handler", unit_id="net")
    (anna,) = await directory_queries.people(database)
    assert [(p.unit_id, p.role, p.rank) for p in anna.posts] == [("net", "handler", "A")]
    assert await directory_queries.person(database, "anna") == anna
    await directory.put_post(database, "anna", role="handler", unit_id="net", rank="B")
    found = await directory_queries.person(database, "anna")
    assert found is not None
    assert [p.rank for p in found.posts] == ["B"]
    assert [unit.id for unit in await directory_queries.units(database)] == ["net", "office"]


async def test_a_dissolved_unit_stays_on_record(database: Database) -> None:
    await directory.put_unit(database, "net", name={"en": "Network"})
    await directory.dissolve_unit(database, "net", MONDAY)
    await directory.dissolve_unit(database, "net", MONDAY + timedelta(days=1))
    unit = await directory_queries.unit(database, "net")
    assert unit is not None
    assert unit.active_to == MONDAY
    with pytest.raises(UnknownUnit):
        await directory.dissolve_unit(database, "none", MONDAY)
    with pytest.raises(UnknownPerson):
        await directory.announce_contact(database, "none", effective_at=MONDAY, phone="1")
