"""Whoever is chosen by name finds the complaint in lists and queues, as long as they are the one chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from domain import roles
from procedures.loader import load_procedure
from services.access import give_token
from storage.stores import directory
from storage.stores import procedures as procedure_store
from tests.api.conftest import Site

PROCEDURE = """
procedure: chosen
version: "1"
extends: base
prefix: CHO
title: {en: Chosen persons}
languages: [en]
calendar: {timezone: Asia/Shanghai, hours: {mon-fri: ["09:00-18:00"]}}
vocabulary:
  matter: {title: {en: Matter}, words: {broken: {en: Broken}}}
defaults: {matter: broken}
steps:
  name:
    kind: task
    title: {en: Somebody is named}
    by: agent
    form: {responsible: {type: person, title: {en: Responsible}, required: true}}
    outcomes: {named: {go: next, title: {en: Named}}}
  look:
    kind: task
    title: {en: They look at it}
    by: "chosen:responsible"
    outcomes:
      seen: {go: next, title: {en: Seen}}
      unable: {step: name, title: {en: Somebody else must}}
  visit:
    kind: handle
    title: {en: Visit}
    orders: {visit: {to: "unit:chosen-visits"}}
  propose: {kind: propose, title: {en: Proposal}, by: [agent]}
  approve:
    kind: approve
    title: {en: Approval}
    approvals: {plan: {by: [unit_head]}}
    outcomes: {refused: {step: propose}, sent_back: {step: propose}}
  callback:
    kind: callback
    title: {en: Callback}
    attempts: 1
    retry_after: 1h
    outcomes: {dissatisfied: reopen, unreached: {close: unreached}}
rounds: {start_at: name}
purposes:
  handle: {title: {en: Handle}}
  visit: {title: {en: Visit}, by: "chosen:responsible"}
  ask: {title: {en: Ask}}
reasons:
  satisfied: {title: {en: settled}, satisfied: true}
  unreached: {title: {en: not reached}}
  withdrawn: {title: {en: withdrawn}}
repeat: {match: [matter], days: 30}
"""
ORDER = "1"


@dataclass
class Office:
    """Two persons of one department, which gets no orders, and somebody of the one which does."""

    site: Site
    li: httpx.AsyncClient
    wu: httpx.AsyncClient
    visitor: httpx.AsyncClient

    async def opened(self, title: str = "Broken") -> str:
        """A new complaint that waits for somebody to be named."""
        body = {"procedure": "chosen", "channel": "hotline", "title": title, "customer": {"name": "Zhao"}}
        answer = await self.site.as_(roles.AGENT).post("/complaints", json=body)
        assert answer.status_code == 201, answer.text
        ref = str(answer.json()["ref"])
        await self.site.until(ref, lambda found: found["step"] == "name")
        return ref

    async def named(self, ref: str, person: str) -> None:
        """The agent names who is responsible."""
        body = {"outcome": "named", "answers": {"responsible": person}}
        assert (await self.site.act(ref, "finish_task", **body)).status_code == 200


async def _person(site: Site, name: str, unit: str) -> httpx.AsyncClient:
    database = site.connections.database
    await directory.put_person(database, name, name=name)
    await directory.put_post(database, name, role=roles.UNIT_HEAD, unit_id=unit)
    made = await give_token(site.connections, roles=[roles.UNIT_HEAD], units=[unit], person=name)
    return site.with_token(made.token)


@pytest.fixture(scope="module")
async def office(site: Site) -> Office:
    """The organisation of these tests."""
    database = site.connections.database
    await procedure_store.add(database, load_procedure(PROCEDURE), source=PROCEDURE)
    for unit in ("chosen-office", "chosen-visits"):
        await directory.put_unit(database, unit, name={"en": unit})
    return Office(
        site,
        await _person(site, "chosen-li", "chosen-office"),
        await _person(site, "chosen-wu", "chosen-office"),
        await _person(site, "chosen-visitor", "chosen-visits"),
    )


async def listed(client: httpx.AsyncClient, path: str = "/complaints", **asked: Any) -> list[str]:
    """The references on a list, page by page, as few at a time as its pages may hold."""
    found: list[str] = []
    after = ""
    while True:
        answer = await client.get(path, params={"limit": 1, **asked, "after": after})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [row["ref"] for row in page["items"]]
        if not page["after"]:
            return found
        after = page["after"]


async def test_whoever_is_chosen_finds_it_in_lists_and_somebody_chosen_no_more_does_not(
    office: Office,
) -> None:
    refs = [await office.opened(title) for title in ("Door", "Lamp", "Roof")]
    assert await listed(office.li, procedure="chosen") == []
    for ref in refs:
        await office.named(ref, "chosen-li")
    assert await listed(office.li, procedure="chosen") == refs[::-1]
    assert await listed(office.li, q="lamp") == [refs[1]]
    assert await listed(office.li, q="lamp", status="closed") == []
    assert await listed(office.wu, procedure="chosen") == []
    unable = {"outcome": "unable"}
    answer = await office.li.post(f"/complaints/{refs[0]}/finish_task", json=unable)
    assert answer.status_code == 200, answer.text
    assert await listed(office.li, procedure="chosen") == refs[::-1]  # theirs until somebody else's
    await office.named(refs[0], "chosen-wu")
    assert await listed(office.li, procedure="chosen") == refs[:0:-1]
    assert await listed(office.wu, procedure="chosen") == [refs[0]]
    for client, status in ((office.li, 404), (office.wu, 200)):
        for path in ("", "/events", "/attachments", "/messages"):
            assert (await client.get(f"/complaints/{refs[0]}{path}")).status_code == status, path


async def test_the_order_for_a_chosen_person_is_in_their_queue_and_other_orders_are_not(
    office: Office,
) -> None:
    ref = await office.opened()
    await office.named(ref, "chosen-li")
    assert (
        await office.li.post(f"/complaints/{ref}/finish_task", json={"outcome": "seen"})
    ).status_code == 200
    asked = await office.site.act(ref, "dispatch", unit="chosen-visits", purpose="ask")
    assert asked.status_code == 200, asked.text

    async def orders(client: httpx.AsyncClient, **params: Any) -> list[str]:
        found = await client.get("/orders", params={"limit": 200, **params})
        return [row["order_id"] for row in found.json()["items"] if row["ref"] == ref]

    assert await orders(office.li) == [ORDER]
    assert await orders(office.li, unit="chosen-visits") == [ORDER]
    assert await orders(office.li, unit="chosen-office") == []
    assert await orders(office.wu) == []
    assert sorted(await orders(office.visitor)) == [ORDER, "2"]
    assert ref in await listed(office.li, "/orders", state="open")
    told = {"order": ORDER, "result": "I was there"}
    assert (await office.li.post(f"/complaints/{ref}/answer_order", json=told)).status_code == 200
    assert await orders(office.li) == []
    assert await orders(office.li, state="all") == [ORDER]
    assert ref in await listed(office.li, "/orders", state="all")
    assert (await office.site.act(ref, "propose", options=[{"text": "A new lamp"}])).status_code == 200
    waiting = [row["ref"] for row in (await office.li.get("/approvals", params={"limit": 200})).json()]
    assert ref in waiting
    assert ref not in (await office.wu.get("/approvals", params={"limit": 200})).text
