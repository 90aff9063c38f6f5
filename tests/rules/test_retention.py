"""Retention through the real system: what is really gone, in every table and in Temporal, and what stays."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.retention import Kept
from services import retention
from storage.queries import verify
from tests.rules.site import Case, Site
from tests.waiting import until
from workflows import registry

VERIFIED = {"responsibility": "company", "degree": "full"}


@dataclass(frozen=True)
class Traces:
    """What a complaint leaves: its customer's name and address, and a word in everything anybody wrote."""

    word: str
    name: str
    email: str

    @property
    def all(self) -> tuple[str, ...]:
        """Every trace, none of which is part of another complaint's."""
        return (self.word, self.name, self.email)


async def closed(site: Site) -> tuple[Case, Traces]:
    """A courier complaint with something personal wherever there is room for it, closed."""
    tag = uuid.uuid4().hex[:10]
    traces = Traces(f"vase{tag}", f"Zhao {tag}", f"zhao{tag}@retention.example")
    word, name = traces.word, traces.name
    case = await site.open(
        "courier",
        by="crr-agent",
        form={"waybill": word, "goods": f"A {word}", "demand": f"The {word}", "sender": name, "place": word},
        customer={"name": name, "email": traces.email},
        unit="courier-north",
        title=f"A {word} is gone",
        summary=f"{name} misses a {word}",
    )
    await case.act("add_note", by="crr-agent", text=f"{name} called about the {word}")
    await case.act("dispatch", by="crr-agent", unit="courier-north", note=word)
    await case.attach(f"{word}.txt", f"{name}: {word}".encode(), by="crr-north")
    said = {"order": "1", "result": f"The {word} fell", "answers": VERIFIED}
    await case.act("answer_order", by="crr-north", **said)
    sorry = [{"text": f"Sorry about the {word}", "remedies": [{"type": "apology", "note": word}]}]
    await case.act("propose", by="crr-agent", options=sorry, grounds=word)
    await case.customer("accept", option="1", comment=word)
    called = {"outcome": "satisfied", "score": 9, "comment": f"The {word} is whole again"}
    await case.act("record_callback", by="crr-callback", **called)
    await case.settled()
    return case, traces


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
    case, traces = await closed(site)
    assert {"complaints.form", "events.data", "messages.body", "customers.name", "attachments.content"} <= (
        await places_with(site, *traces.all)
    )
    before = await case.read()
    kinds, events = await case.kinds(), await case.events()
    await run(site)
    assert (await case.read())["redacted_at"] is None  # its time has not come
    await age(site, case.ref)
    due = await retention.would_go(site.connections, datetime.now(UTC))
    assert (case.ref, "anonymise") in [(one.ref, one.then) for one in due]
    assert (await case.read())["redacted_at"] is None  # it was only shown

    assert (await run(site)).anonymised >= 1

    assert await places_with(site, *traces.all, before["customer"]["id"]) == set()
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
    assert case.ref not in [one.ref for one in await retention.would_go(site.connections, datetime.now(UTC))]


@pytest.mark.rule("ENT-8")
async def test_a_changed_event_keeps_its_complaint_from_being_anonymised_and_is_reported(site: Site) -> None:
    case, traces = await closed(site)
    await age(site, case.ref)
    tamper = "UPDATE events SET by = 'person:nobody' WHERE ref = :ref AND seq = 3 RETURNING ref"
    assert await site.rows(tamper, ref=case.ref)
    assert case.ref in (await run(site)).broken
    assert "events.data" in await places_with(site, traces.word)
    back = "UPDATE events SET by = 'person:crr-agent' WHERE ref = :ref AND seq = 3 RETURNING ref"
    await site.rows(back, ref=case.ref)
    assert case.ref not in (await run(site)).broken
    assert (await case.read())["redacted_at"]


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
    case, _ = await closed(site)
    await age(site, case.ref)
    await handle.trigger()
    await until(case.read, lambda found: found["redacted_at"])
    await handle.delete()
