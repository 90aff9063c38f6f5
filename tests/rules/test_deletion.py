"""Retention that deletes, through the real system: weeks later it is behind no door; the books stay."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.procedure import Procedure
from domain.retention import Kept
from procedures.loader import load_procedure
from services import retention
from services.repeating import KEPT_FOR
from storage.stores import idempotency
from storage.stores import procedures as procedure_store
from tests.rules.site import WATCHER, Case, Site
from tests.rules.test_retention import places_with
from tests.waiting import until
from workflows import registry

PROCEDURE = """
procedure: short
version: "1"
extends: base
prefix: SHR
title: {en: Kept for four weeks}
languages: [en]
calendar: {timezone: Asia/Shanghai, hours: {mon-sun: ["00:00-24:00"]}}
vocabulary:
  matter: {title: {en: Matter}, words: {loss: {en: Loss}}}
defaults: {matter: loss}
form:
  story: {type: long_text, title: {en: Story}, required: true}
steps:
  handle: {kind: handle, title: {en: Investigation}, to: "unit:courier-north"}
  propose: {kind: propose, title: {en: Proposal}, by: agent}
  decide: {kind: decide, title: {en: Decision}, outcomes: {rejected: {step: propose}}}
  callback:
    kind: callback
    title: {en: Callback}
    attempts: 1
    retry_after: 1h
    outcomes: {dissatisfied: reopen, unreached: {close: unreached}}
rounds: {start_at: handle}
purposes: {handle: {title: {en: Investigate}}}
notices:
  - {on: opened, to: customer, text: opened}
  - {on: "entered:handle", to: unit_head, text: major}
  - {on: payout_failed, to: supervisor, text: major}
reasons:
  satisfied: {title: {en: settled}, satisfied: true}
  unreached: {title: {en: not reached}}
  withdrawn: {title: {en: withdrawn}}
repeat: {match: [matter], days: 30}
archive: {keepers: [organisation]}
money:
  currency: CNY
  entries:
    goodwill:
      title: {en: Goodwill}
      on: "entered:handle"
      amount: {fixed: 10}
      from: organisation
      to: customer
      pay: true
retention: {keep: 28d, then: delete}
"""
FOUR_WEEKS = timedelta(days=28)
BOOKS = {"ledger.ref", "reads.refs", "retentions.ref"}
"""What may still name the complaint: what was booked, who was shown it, and that it is gone."""


@dataclass(frozen=True)
class Traces:
    """Who the customer of one complaint is, and a word that stands in everything anybody wrote."""

    word: str
    name: str
    email: str


@pytest.fixture(scope="module")
async def short(site: Site) -> Procedure:
    """A procedure whose complaints are deleted four weeks after they were closed."""
    procedure = load_procedure(PROCEDURE)
    await procedure_store.add(site.connections.database, procedure, source=PROCEDURE)
    return procedure


async def opened(site: Site, short: Procedure) -> tuple[Case, Traces]:
    """A complaint with something personal wherever there is room for it, at its investigation."""
    tag = uuid.uuid4().hex[:10]
    traces = Traces(f"vase{tag}", f"Qian {tag}", f"qian{tag}@deletion.example")
    body = {
        "procedure": "short",
        "channel": "hotline",
        "language": "en",
        "title": f"A {traces.word} is gone",
        "summary": f"{traces.name} misses a {traces.word}",
        "form": {"story": traces.word},
        "customer": {"name": traces.name, "email": traces.email},
    }
    headers = {"Idempotency-Key": f"open-{tag}"}
    answer = await site.as_("crr-agent").post("/complaints", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    case = await site.case(str(answer.json()["ref"]), short)
    await case.act("add_note", by="crr-agent", text=f"{traces.name}: {traces.word}")
    await case.attach(f"{traces.word}.txt", traces.word.encode(), by="crr-north")
    return case, traces


async def closed(site: Site, short: Procedure) -> tuple[Case, Traces]:
    """The same, closed to the customer's satisfaction."""
    case, traces = await opened(site, short)
    await case.act("answer_order", by="crr-north", order="1", result=f"The {traces.word} fell")
    await case.act("propose", by="crr-agent", options=[{"text": f"Another {traces.word}"}])
    await case.customer("accept", option="1", comment=traces.word)
    await case.act("record_callback", by="crr-callback", outcome="satisfied", comment=traces.word)
    assert (await case.read())["status"] == "closed"
    await case.settled()
    return case, traces


async def run_in(site: Site, later: timedelta) -> Kept:
    """What the nightly schedule starts, at a time that lies so much ahead."""
    handle = await site.env.client.start_workflow(
        registry.RETENTION,
        Kept(),
        id=f"retention-test-{uuid.uuid4()}",
        task_queue=registry.UPKEEP_QUEUE,
        result_type=Kept,
        start_delay=later,
    )
    await site.env.fast_forward(handle, later)
    done: Kept = await handle.result()
    return done


async def doors(site: Site, case: Case) -> dict[str, int]:
    """Every way there is to read the complaint or a part of it, and the status of its answer."""
    file = (await case.get("attachments"))[0]["id"]
    described = (await site.as_("").get(f"{site.url}/openapi.json")).json()
    found: dict[str, int] = {}
    for path, ways in described["paths"].items():
        here = path.removeprefix("/api/v1").replace("{ref}", case.ref).replace("{attachment_id}", file)
        here = here.replace("{token}", site.links.token(case.ref))
        if (
            "get" in ways
            and here != path.removeprefix("/api/v1")
            and "{" not in here
            and "stream" not in here
        ):
            found[here] = 0
    return await asked(site, found)


async def asked(site: Site, paths: dict[str, int]) -> dict[str, int]:
    """The status of the answer of each."""
    return {path: (await site.as_(WATCHER).get(path)).status_code for path in paths}


async def listed(site: Site, **query: Any) -> list[str]:
    """The references of a list."""
    page = (await site.as_(WATCHER).get("/complaints", params={"limit": 200, **query})).json()
    return [row["ref"] for row in page["items"]]


async def is_forgotten(case: Case) -> bool:
    """Whether Temporal remembers no run of the complaint."""
    try:
        await case.handle.describe()
    except RPCError as error:
        return error.status is RPCStatusCode.NOT_FOUND
    return False


async def test_after_its_time_a_complaint_is_behind_no_door_and_its_books_stay(
    site: Site, short: Procedure
) -> None:
    case, traces = await closed(site, short)
    customer = (await case.read())["customer"]["id"]
    before = await doors(site, case)
    assert len(before) >= 8
    assert set(before.values()) == {200}, before
    assert case.ref in await listed(site, procedure="short")
    assert case.ref in await listed(site, q=traces.word)
    books = await case.ledger()
    assert books == [("goodwill", "organisation", f"customer:{customer}", "10.00 CNY")]
    told = (await case.messages("opened", to="customer"))[0]
    page = f"{site.url}/portal/{site.links.token(case.ref)}"
    assert (await site.as_("").get(page)).status_code == 200

    assert (await run_in(site, FOUR_WEEKS - timedelta(hours=1))).deleted == 0
    assert await asked(site, before) == before, "its time had not come"
    later = datetime.now(UTC) + FOUR_WEEKS
    assert (case.ref, "delete") in [
        (one.ref, one.then) for one in await retention.would_go(site.connections, later)
    ]
    assert (await run_in(site, FOUR_WEEKS)).deleted >= 1

    assert await asked(site, before) == dict.fromkeys(before, 404)
    assert case.ref not in await listed(site, procedure="short")
    assert await listed(site, q=traces.word) == []
    assert (await site.as_("").get(page)).status_code == 404
    for path in (
        "/orders?state=all&limit=200",
        "/archive?keeper=organisation&limit=200",
        "/messages?limit=200",
    ):
        for reader in (WATCHER, "crr-north"):
            assert case.ref not in (await site.as_(reader).get(path)).text, path
    for verb, body in (("reopen", {"reason": "again"}), ("add_note", {"text": "again"})):
        answer = await case.ask(verb, by=WATCHER, **body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), verb
    again = await site.as_(WATCHER).post(f"/complaints/{case.ref}/messages/{told['id']}/resend")
    assert again.status_code == 404
    assert await places_with(site, traces.word, traces.name, traces.email) == set()
    await idempotency.forget(site.connections.database, KEPT_FOR - FOUR_WEEKS)  # as the API does every hour
    assert await places_with(site, case.ref) == BOOKS
    await until(partial(is_forgotten, case))
    assert await case.ledger() == books
    assert await places_with(site, customer) == {"ledger.target"}
    (line,) = await site.rows("SELECT done, figures FROM retentions WHERE ref = :ref", ref=case.ref)
    assert (line["done"], line["figures"]["closing_reason"]) == ("delete", "satisfied")
    assert line["figures"]["facts"] == {"matter": "loss"}

    assert (await run_in(site, FOUR_WEEKS)).deleted == 0
    assert len(await site.rows("SELECT 1 FROM retentions WHERE ref = :ref", ref=case.ref)) == 1


async def test_what_is_open_is_never_touched_however_old_it_is(site: Site, short: Procedure) -> None:
    handled, _ = await opened(site, short)
    again, traces = await closed(site, short)
    await again.customer("reopen", reason="It is broken again")
    before = {case.ref: (await case.read(), await case.events()) for case in (handled, again)}
    due = [one.ref for one in await retention.would_go(site.connections, datetime.now(UTC) + 40 * FOUR_WEEKS)]
    assert not {handled.ref, again.ref}.intersection(due)
    await run_in(site, 2 * FOUR_WEEKS)
    for case in (handled, again):
        assert (await case.read(), await case.events()) == before[case.ref]
    assert "attachments.content" in await places_with(site, traces.word)
