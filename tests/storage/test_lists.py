"""Lists: every filter, pages that join without a seam, bounds of units, and plans that use an index."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from bench.fill import fill
from storage.engine import Database
from storage.queries import lists, work
from storage.queries.lists import Filters
from storage.stores import customers, procedures
from storage.stores.customers import CustomerData
from storage.stores.recorder import PostgresRecorder
from tests.drive import MONDAY
from tests.storage.cases import opened, recording, satisfied, small_procedure, take_in


async def refs(database: Database, filters: Filters | None = None, **more: Any) -> list[str]:
    page = await lists.complaints_page(database, filters or Filters(), **more)
    return [item.ref for item in page.items]


@pytest.fixture(scope="module")
async def four(postgres: Any) -> AsyncIterator[Database]:
    """Four complaints, an hour apart, to be read only: the first closed, the last not opened yet."""
    async with postgres.fresh_database() as url:
        database = Database.at(url, pool_size=2)
        await _four(database)
        yield database
        await database.close()


async def _four(database: Database) -> None:
    for number in range(1, 5):
        ref, at = f"SML-{number}", MONDAY + timedelta(hours=number)
        await take_in(
            database,
            ref,
            title=f"Bill {number} wrong",
            customer_name="王芳" if number == 2 else "John O'Brien",
            customer_id=f"c{number % 2}",
            opened_at=at,
            owner="person:agent",
            facts={"category": "billing", "severity": "high"},
        )
        case = opened(ref, at=at)
        if number == 1:
            satisfied(case)
        if number == 3:
            case.pass_time("25h")
        if number < 4:
            await PostgresRecorder(database).record(recording(case, 1))


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(), "4321"),
        (Filters(open=False), "1"),
        (Filters(open=True), "432"),
        (Filters(status=("handling", "closed")), "321"),
        (Filters(status=("new",)), "4"),
        (Filters(breached=True), "3"),
        (Filters(breached=False), "421"),
        (Filters(severity="high", category="billing", procedure="small", channel="hotline"), "4321"),
        (Filters(severity="low"), ""),
        (Filters(owner="person:agent"), "4321"),
        (Filters(customer_id="c1"), "31"),
        (Filters(unit="network"), ""),
        (Filters(major=True), ""),
        (Filters(opened_from=MONDAY + timedelta(hours=2), opened_before=MONDAY + timedelta(hours=4)), "32"),
        (Filters(due_before=MONDAY + timedelta(hours=15)), "2"),
        (Filters(q="bill"), "4321"),
        (Filters(q="BILL 3"), "3"),
        (Filters(q="SML-2"), "2"),
        (Filters(q="王芳"), "2"),
        (Filters(q="王"), "2"),
        (Filters(q="芳"), ""),
        (Filters(q="o'brien"), "431"),
        (Filters(q="wro"), ""),
        (Filters(q="wro* 3"), "3"),
        (Filters(q="& | ! :* \\ ' ("), ""),
        (Filters(q="nothing like that"), ""),
    ],
)
async def test_every_filter(four: Database, filters: Filters, numbers: str) -> None:
    assert await refs(four, filters) == [f"SML-{number}" for number in numbers]


async def test_pages_join_without_a_seam_also_between_equal_instants(database: Database) -> None:
    for number in range(7):
        await take_in(database, f"SML-{number}", opened_at=MONDAY + timedelta(hours=number // 3))
    seen: list[str] = []
    after: str | None = ""
    sizes = []
    while after is not None:
        page = await lists.complaints_page(database, Filters(), after=after, limit=3)
        seen += [item.ref for item in page.items]
        sizes.append(len(page.items))
        after = page.after
    assert seen == sorted(seen, key=lambda ref: (int(ref[4:]) // 3, ref), reverse=True)
    assert sizes == [3, 3, 1]


@pytest.mark.parametrize(
    "after", ["x", "2026-01-01T00:00:00~SML-1", "2026-01-01T00:00:00+00:00", "~", "\x00~x"]
)
async def test_what_is_not_the_end_of_a_page_is_refused(database: Database, after: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        await lists.complaints_page(database, Filters(), after=after)


async def test_units_see_what_was_dispatched_to_them(four: Database) -> None:
    assert await refs(four, units=["network"]) == ["SML-3", "SML-2", "SML-1"]
    assert await refs(four, units=["billing"]) == []
    assert await refs(four, units=[]) == []


async def test_orders_come_with_the_one_due_first(four: Database) -> None:
    page = await work.orders_of(four, units=["network"], limit=1)
    assert [(o.ref, o.title) for o in page.items] == [("SML-2", "Bill 2 wrong")]
    rest = await work.orders_of(four, units=["network"], after=page.after or "", limit=5)
    assert [(o.ref, o.state) for o in rest.items] == [("SML-3", "dispatched")]
    assert rest.after is None
    everything = await work.orders_of(four, only_open=False)
    assert [o.ref for o in everything.items] == ["SML-3", "SML-2", "SML-1"]
    newest = await work.orders_of(four, only_open=False, limit=1)
    older = await work.orders_of(four, only_open=False, after=newest.after or "")
    assert [o.ref for o in older.items] == ["SML-2", "SML-1"]


async def test_callbacks_and_approvals_that_wait(database: Database) -> None:
    customer = await customers.find_or_create(database, CustomerData(name="Wang", phone="+86 (10) 55-55"))
    case = opened()
    await take_in(database, customer_id=customer)
    satisfied(case)
    kinds = case.kinds()
    approving = kinds.index("proposed") + 3
    await PostgresRecorder(database).record(recording(case, 1, approving))
    assert [(a.ref, a.step, list(a.approved)) for a in await work.approvals_waiting(database)] == [
        ("SML-1", "approve", [])
    ]
    calling = kinds.index("callback_due") + 1
    await PostgresRecorder(database).record(recording(case, approving + 1, calling))
    (callback,) = await work.callbacks_due(database)
    assert (callback.ref, callback.attempt, callback.customer_phone) == ("SML-1", 1, "+86105555")
    await PostgresRecorder(database).record(recording(case, calling + 1))
    assert await work.callbacks_due(database) == []
    assert (await work.counts(database))["closed"].complaints == 1


async def test_the_complaints_of_a_customer(four: Database) -> None:
    page = await lists.complaints_page(four, Filters(customer_id="c0"))
    assert [item.ref for item in page.items] == ["SML-4", "SML-2"]


@pytest.fixture(scope="module")
async def many(postgres: Any) -> AsyncIterator[Database]:
    """A database with 30,000 complaints, shared by the tests of plans."""
    async with postgres.fresh_database() as url:
        database = Database.at(url, pool_size=2)
        await procedures.add(database, small_procedure(), source="")
        await fill(database, 30_000)
        yield database
        await database.close()


@pytest.mark.parametrize(
    ("filters", "units"),
    [
        (Filters(), None),
        (Filters(open=True), None),
        (Filters(status=("review",), severity="urgent"), None),
        (Filters(procedure="small", severity="high", unit="unit-100"), None),
        (Filters(owner="person:7", breached=True, severity="low"), None),
        (Filters(customer_id="c77"), None),
        (Filters(q="w777"), None),
        (Filters(q="w777*", severity="low"), None),
        (Filters(due_before=MONDAY), None),
        (Filters(), ["unit-150"]),
        (Filters(), []),
        (Filters(q="w777", severity="low"), ["unit-150"]),
    ],
)
async def test_a_page_is_read_through_an_index(
    many: Database, filters: Filters, units: Sequence[str] | None
) -> None:
    plan = await planned(many, filters, units)
    assert not any("Seq Scan on complaints" in line for line in plan), "\n".join(plan)
    if units is not None:
        assert any("ix_complaints_chosen" in line for line in plan), "\n".join(plan)


@pytest.mark.parametrize("column", ["kind", "category", "severity", "channel", "unit", "owner", "procedure"])
async def test_a_filter_that_fits_nothing_does_not_walk_all_there_are(many: Database, column: str) -> None:
    plan = await planned(many, Filters(**{column: "nothing has this"}), None)
    assert any(f"ix_complaints_{column}_page" in line for line in plan), "\n".join(plan)


async def planned(database: Database, filters: Filters, units: Sequence[str] | None) -> list[str]:
    """How PostgreSQL would read the first page, a line each."""
    statement, values = lists.page_statement(
        filters, units=units, reader="person:7", after="", limit=50, rare=True
    )
    plain = statement.params(values).compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    rows = await database.fetch(text(f"EXPLAIN {plain}".replace(":", r"\:")))
    return [line for (line,) in rows]
