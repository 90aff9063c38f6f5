"""Complaints about the reader are left out of lists, queues and counts, by one condition."""

import pytest

from domain.complaint import Status
from storage.engine import Database
from storage.queries import complaints, lists, work
from storage.queries.lists import Filters
from storage.stores.recorder import PostgresRecorder
from tests.storage.cases import opened, recording, take_in

LI = ("person:li",)
BOTH = ["SML-2", "SML-1"]


@pytest.mark.rule("MFG-7")
async def test_what_is_about_the_reader_is_not_there(database: Database) -> None:
    for ref, about in (("SML-1", LI), ("SML-2", ())):
        await take_in(database, ref, customer_id="c", title="Rude", complained_of=about)
    for step in ("as intake wrote it", "as it was recorded"):
        for reader, refs in (
            ("person:li", ["SML-2"]),
            ("person:wu", ["SML-2", "SML-1"]),
            ("", ["SML-2", "SML-1"]),
        ):
            for filters in (Filters(), Filters(q="rude"), Filters(customer_id="c")):
                page = await lists.complaints_page(database, filters, reader=reader)
                assert [row.ref for row in page.items] == refs, step
            assert await complaints.visible(database, "SML-1", None, reader) is ("SML-1" in refs)
            counted = await work.counts(database, reader=reader)
            assert sum(count.complaints for count in counted.values()) == len(refs)
            orders = await work.orders_of(database, reader=reader)
            if step == "as it was recorded":
                assert sorted(row.ref for row in orders.items) == sorted(refs)
        if step == "as intake wrote it":
            for ref, about in (("SML-1", LI), ("SML-2", ())):
                case = opened(ref, complained_of=about)
                await PostgresRecorder(database).record(recording(case, 1))
    assert (await work.counts(database, reader="person:li"))[Status.HANDLING].complaints == 1
