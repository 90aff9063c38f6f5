"""Retention through the real system: what is really gone, in every table and in Temporal, and what stays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.retention import Kept
from services import retention
from storage.queries import verify
from tests.rules.site import Case, Site
from workflows import registry

NAME, PHONE, WORD = "Zhao Retention", "+86 10 7777 0123", "vasesecret"
FORM = {
    "waybill": "SF777",
    "goods": f"A {WORD}",
    "demand": f"Pay for the {WORD}",
    "sender": NAME,
    "place": WORD,
}
SORRY = [{"text": f"We are sorry about the {WORD}", "remedies": [{"type": "apology", "note": WORD}]}]
FINAL = {"outcome": "satisfied", "score": 9, "comment": f"The {WORD} is whole again"}


async def closed(site: Site) -> Case:
    """A courier complaint with something personal wherever there is room for it, closed."""
    case = await site.open(
        "courier",
        by="crr-agent",
        form=FORM,
        customer={"name": NAME, "phone": PHONE, "email": "zhao@retention.example"},
        unit="courier-north",
        title=f"A {WORD} is gone",
        summary=f"{NAME} misses a {WORD}",
    )
    await case.act("add_note", by="crr-agent", text=f"{NAME} called about the {WORD}")
    await case.act("dispatch", by="crr-agent", unit="courier-north", note=WORD)
    await case.attach(f"{WORD}.txt", f"{NAME}: {WORD}".encode(), by="crr-north")
    verified = {"responsibility": "company", "degree": "full"}
    await case.act("answer_order", by="crr-north", order="1", result=f"The {WORD} fell", answers=verified)
    await case.act("propose", by="crr-agent", options=SORRY, grounds=WORD)
    await case.customer("accept", option="1", comment=WORD)
    await case.act("record_callback", by="crr-callback", **FINAL)
    await case.settled()
    return case


async def age(site: Site, ref: str, days: int = 1096) -> None:
    """As if the complaint had been closed so many days earlier; its events stay as they are."""
    statement = (
        "UPDATE complaints SET closed_at = closed_at - make_interval(days => :days) "
        "WHERE ref = :ref RETURNING ref"
    )
    assert await site.rows(statement, ref=ref, days=days)


async def places_with(site: Site, *needles: str) -> set[str]:
    """Every column of every table that holds one of the words."""
    columns = await site.rows(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'public'"
    )
    found = set()
    for column in columns:
        table, name = column["table_name"], column["column_name"]
        told = f"encode(\"{name}\", 'escape')" if column["data_type"] == "bytea" else f'"{name}"::text'
        for needle in needles:
            query = f'SELECT 1 FROM "{table}" WHERE {told} ILIKE :needle LIMIT 1'
            if await site.rows(query.replace("::", "\\:\\:"), needle=f"%{needle}%"):
                found.add(f"{table}.{name}")
    return found


async def run(site: Site) -> Kept:
    """What the nightly schedule starts, now."""
    done: Kept = await site.env.client.execute_workflow(
        registry.RETENTION,
        Kept(),
        id=f"retention-test-{datetime.now(UTC).timestamp()}",
        task_queue=registry.UPKEEP_QUEUE,
        result_type=Kept,
    )
    return done


@pytest.mark.rule("ENT-8", "CRR-11")
async def test_at_its_end_a_complaint_names_nobody_any_more_anywhere(site: Site) -> None:
    case = await closed(site)
    assert {"complaints.form", "events.data", "messages.body", "customers.name", "attachments.content"} <= (
        await places_with(site, NAME, WORD, "zhao@retention.example")
    )
    before = await case.read()
    kinds, events = await case.kinds(), await case.events()
    assert (await run(site)).anonymised == 0  # its time has not come
    await age(site, case.ref)
    due = await retention.would_go(site.connections, datetime.now(UTC))
    assert [(one.ref, one.then) for one in due] == [(case.ref, "anonymise")]
    assert case.ref in [one["ref"] for one in await site.rows("SELECT ref FROM complaints")]  # only shown

    assert (await run(site)).anonymised == 1

    assert await places_with(site, NAME, WORD, "zhao@retention.example", "77770123", "SF777") == set()
    after = await case.read()
    for name in (
        "status",
        "round",
        "unit",
        "owner",
        "opened_at",
        "closing_reason",
        "major",
        "channel",
        "archive",
    ):
        assert after[name] == before[name], name
    assert after["facts"]["type"] == before["facts"]["type"]
    assert after["customer"] == {"id": "", "name": "", "phone": "", "email": ""}
    assert after["redacted_at"]
    assert await case.kinds() == kinds
    assert [event["at"] for event in await case.events()] == [event["at"] for event in events]
    assert (await case.facts("callback_made"))[-1]["score"] == 9
    assert await verify.first_broken(site.connections.database, case.ref) is None
    problem = await case.ask("reopen", by="crr-supervisor", reason="It broke again")
    assert (problem.status_code, problem.json()["code"]) == (409, "redacted")
    assert (await run(site)).anonymised == 0


@pytest.mark.rule("ENT-8")
async def test_a_changed_event_keeps_its_complaint_from_being_anonymised_and_is_reported(site: Site) -> None:
    case = await closed(site)
    await age(site, case.ref)
    tamper = "UPDATE events SET by = 'person:nobody' WHERE ref = :ref AND seq = 3 RETURNING ref"
    assert await site.rows(tamper, ref=case.ref)
    assert (await run(site)).broken == (case.ref,)
    assert "events.data" in await places_with(site, WORD)
    back = "UPDATE events SET by = 'person:crr-agent' WHERE ref = :ref AND seq = 3 RETURNING ref"
    await site.rows(back, ref=case.ref)


@pytest.mark.rule("ENT-8")
async def test_a_schedule_runs_it_every_night_and_making_it_twice_changes_nothing(site: Site) -> None:
    client = site.env.client
    for _ in range(2):
        await retention.schedule_retention(client)
    handle = client.get_schedule_handle(registry.RETENTION)
    described = await handle.describe()
    action: Any = described.schedule.action
    assert (action.workflow, action.task_queue) == (registry.RETENTION, registry.UPKEEP_QUEUE)
    first, second = described.info.next_action_times[:2]
    assert second - first == timedelta(days=1)
    case = await closed(site)
    await age(site, case.ref)
    await handle.trigger()
    async with asyncio.timeout(20):
        while not (await case.read())["redacted_at"]:
            await asyncio.sleep(0.05)
    await handle.delete()
