"""Consequences in PostgreSQL: opened once, promised and not kept, counted, measured."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import commands as c
from domain.consequence import CaseRequest, Raised
from domain.decide import CASEKEEPER
from procedures.loader import load_procedure
from services.consequences import Opener
from storage.engine import Database
from storage.queries import consequences as consequence_queries
from storage.queries import history as history_queries
from storage.queries import measures as measure_queries
from storage.queries import outbox as outbox_queries
from storage.queries import procedures as procedure_queries
from storage.queries.history import Earlier
from storage.stores import procedures as procedure_store
from storage.stores.recorder import PostgresRecorder
from tests.domain.test_consequences import GUILD, of_talk, opened
from tests.drive import MONDAY, SUPERVISOR
from tests.storage.cases import recording, take_in

PROCEDURE = load_procedure(GUILD)


async def guild(database: Database) -> None:
    """The procedure with its consequences is stored."""
    await procedure_store.add(database, PROCEDURE, source=GUILD)


def request(ref: str = "GLD-1-1", unit: str = "network", **facts: str) -> CaseRequest:
    """What opening the case of a talk needs."""
    raised = Raised("talk", ref, unit, why="press")
    return CaseRequest("GLD-1", "guild", "1", raised, "person:x", facts or {"matter": "fees"})


async def test_the_procedures_of_consequences_are_stored_with_theirs_and_never_active(
    database: Database,
) -> None:
    await guild(database)
    await guild(database)
    rows = {row.name: row for row in await procedure_queries.versions(database)}
    assert set(rows) == {"guild", "guild.rectification", "guild.talk", "guild.criticism"}
    assert [name for name, row in rows.items() if row.active] == ["guild"]
    assert await procedure_queries.active_fingerprint(database, "guild.talk") is None


async def test_a_case_is_accepted_once_however_often_it_is_asked_for(database: Database) -> None:
    await guild(database)
    for _ in range(2):
        await Opener(database).open(request())
    (row,) = await consequence_queries.of_parent(database, "GLD-1")
    assert (row.ref, row.consequence, row.unit, row.status) == ("GLD-1-1", "talk", "network", "new")
    assert (await outbox_queries.backlog(database)).count == 1


async def test_a_case_of_a_version_that_is_not_stored_waits_for_it(database: Database) -> None:
    with pytest.raises(LookupError, match=r"guild\.talk 1 is not stored"):
        await Opener(database).open(request())
    await guild(database)
    await Opener(database).open(request())
    assert len(await consequence_queries.of_parent(database, "GLD-1")) == 1


async def test_what_was_raised_and_not_opened_is_found(database: Database) -> None:
    await take_in(database)
    case = opened(ref="SML-1")
    case.do(c.RaiseConsequence("talk", "the press wrote about it"), SUPERVISOR)
    recorder = PostgresRecorder(database)
    await recorder.record(recording(case, 1))
    assert await consequence_queries.unopened_refs(database) == ["SML-1"]
    assert await consequence_queries.unopened_refs(database, after="SML-1") == []
    first = len(case.events) + 1
    case.do(c.RecordCase("SML-1-1"), CASEKEEPER)
    await recorder.record(recording(case, first))
    assert await consequence_queries.unopened_refs(database) == []


async def test_measures_come_with_their_events_and_go_with_them(database: Database) -> None:
    """A later attempt that decides otherwise takes back what a lost one has measured."""
    await take_in(database, "GLD-1-1")
    case = of_talk()
    first = len(case.events) + 1
    recorder = PostgresRecorder(database)
    await recorder.record(recording(case, 1))
    lost = of_talk()
    lost.do(c.FinishTask("confirmed"), SUPERVISOR)
    await recorder.record(recording(lost, first))
    (taken,) = await measure_queries.of_unit(database, "north")
    assert (taken.ref, taken.measure, taken.step, taken.by) == (
        "GLD-1-1",
        "suspend",
        "confirm",
        SUPERVISOR.id,
    )
    later = of_talk()
    later.now += timedelta(seconds=1)
    later.do(c.FinishTask("dismissed"), SUPERVISOR)
    await PostgresRecorder(database).record(recording(later, first))
    assert await measure_queries.of_unit(database, "north") == []


async def test_earlier_cases_are_counted_as_asked(database: Database) -> None:
    await guild(database)
    facts = {"matter": "fees", "verdict": "valid"}
    for number in range(1, 4):
        await Opener(database).open(
            request(f"GLD-1-{number}", "network" if number < 3 else "billing", **facts)
        )

    async def count(**more: object) -> int:
        asked = Earlier("it", "guild.talk", MONDAY - timedelta(days=1), **more)
        return (await history_queries.count(database, [asked], but="GLD-1-1"))["it"]

    assert await count() == 2
    assert await count(unit="network") == 1
    assert await count(facts={"verdict": "valid"}) == 2
    assert await count(facts={"verdict": "open"}) == 0
    assert await count(ended=("improved",)) == 0
    assert await history_queries.count(database, []) == {}
