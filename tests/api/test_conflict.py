"""Conflict of interest, door by door: a complaint about somebody is not there for them (MFG-7).

The doors are read from the API's own description, so one that is added later is tried as well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.verbs import EXAMPLES
from domain import roles
from domain.roles import STAFF_ROLES
from procedures.loader import load_procedure
from services.access import give_token
from storage.stores import directory
from storage.stores import procedures as procedure_store
from tests.api.conftest import Site
from tests.waiting import until

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
NAME = "conduct"
PROCEDURE = f"""
procedure: {NAME}
version: "1"
extends: base
prefix: CND
title: {{en: Conduct of employees}}
languages: [en]
calendar: {{timezone: Asia/Shanghai, hours: {{mon-fri: ["09:00-18:00"]}}}}
vocabulary:
  matter: {{title: {{en: Matter}}, words: {{conduct: {{en: Conduct}}}}}}
defaults: {{matter: conduct}}
form:
  employee: {{type: person, title: {{en: Employee complained of}}, required: true, complained_of: true}}
steps:
  handle: {{kind: handle, title: {{en: Investigation}}, to: "unit:conduct-office"}}
  propose: {{kind: propose, title: {{en: Proposal}}, by: [agent, handler]}}
  approve:
    kind: approve
    title: {{en: Approval}}
    approvals: {{boss: {{by: [approver, supervisor]}}}}
    outcomes: {{refused: {{step: propose}}, sent_back: {{step: propose}}}}
  callback:
    kind: callback
    title: {{en: Callback}}
    attempts: 1
    retry_after: 1h
    outcomes: {{dissatisfied: reopen, unreached: {{close: unreached}}}}
rounds: {{start_at: handle}}
purposes: {{handle: {{title: {{en: Investigate}}}}}}
notices:
  - {{on: "entered:handle", to: [unit_head, administrator, approver, supervisor], text: major}}
  - {{on: closed, to: direct_superior, text: major}}
reasons:
  satisfied: {{title: {{en: settled}}, satisfied: true}}
  unreached: {{title: {{en: not reached}}}}
  withdrawn: {{title: {{en: withdrawn}}}}
repeat: {{match: [matter], days: 30}}
archive: {{keepers: [organisation, unit]}}
money:
  currency: CNY
  entries:
    charge:
      title: {{en: Charge}}
      on: "entered:handle"
      amount: {{fixed: 10}}
      from: "chosen:employee"
      to: organisation
"""


@dataclass
class Conduct:
    """A complaint about ``li``, who has every role and works in every unit it concerns."""

    site: Site
    li: httpx.AsyncClient
    other: httpx.AsyncClient
    ref: str


async def _person(site: Site, name: str) -> httpx.AsyncClient:
    """Somebody with every role, and posts in the office that investigates."""
    units = ["conduct-shop", "conduct-office"]
    database = site.connections.database
    await directory.put_person(database, name, name=name, email=f"{name}@maker.example")
    for unit_id in units:
        for role in (roles.HANDLER, roles.UNIT_HEAD):
            await directory.put_post(database, name, role=role, unit_id=unit_id)
    for role in (roles.ADMINISTRATOR, roles.APPROVER, roles.SUPERVISOR, "duty"):
        await directory.put_post(database, name, role=role)
    made = await give_token(site.connections, roles=STAFF_ROLES, units=units, person=name)
    return site.with_token(made.token)


@pytest.fixture(scope="module")
async def conduct(site: Site) -> AsyncIterator[Conduct]:
    """The complaint, at its investigation, with a file and with messages."""
    database = site.connections.database
    await procedure_store.add(database, load_procedure(PROCEDURE), source=PROCEDURE)
    await directory.put_unit(database, "conduct-hq", name={"en": "Headquarters"})
    for unit in ("conduct-shop", "conduct-office"):
        await directory.put_unit(database, unit, name={"en": unit}, parent_id="conduct-hq")
    await directory.put_person(database, "wu", name="Wu")
    await directory.put_post(database, "wu", role=roles.UNIT_HEAD, unit_id="conduct-hq")
    li, other = await _person(site, "li"), await _person(site, "other")
    ref = await opened(site, site.as_(roles.AGENT))
    await site.until(ref, lambda found: found["orders"])
    path = f"/complaints/{ref}/attachments"
    assert (await other.post(path, files={"file": ("proof.png", PNG)})).status_code == 201
    yield Conduct(site, li, other, ref)
    for name in ("li", "other"):  # other tests look up who administrates and approves here
        await directory.put_person(database, name, name=name, active=False)


async def opened(site: Site, client: httpx.AsyncClient, **changes: Any) -> str:
    answer = await client.post("/complaints", json={**BODY, **changes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ref"])


BODY: dict[str, Any] = {
    "procedure": NAME,
    "channel": "hotline",
    "title": "Zebra: rude at the counter",
    "form": {"employee": "li"},
    "customer": {"name": "Zhao Zebra", "phone": "+86 10 5555 0177"},
}


async def doors(site: Site, method: str) -> list[str]:
    """The paths of the API with that method."""
    described = (await site.as_("").get(f"{site.url}/openapi.json")).json()
    return [path.removeprefix("/api/v1") for path, ways in described["paths"].items() if method in ways]


@pytest.mark.rule("MFG-7")
async def test_every_read_of_the_complaint_says_it_is_not_there(conduct: Conduct) -> None:
    site, ref = conduct.site, conduct.ref
    file = (await conduct.other.get(f"/complaints/{ref}/attachments")).json()[0]["id"]
    tried = 0
    for path in await doors(site, "get"):
        if not path.startswith("/complaints/{ref}"):
            continue
        there = path.replace("{ref}", ref).replace("{attachment_id}", file).replace("{clock}", "promise%231")
        if "stream" not in there and "{" not in there and "clocks" not in there:
            assert (await conduct.other.get(there)).status_code == 200, path
        answer = await conduct.li.get(there)
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "not_found", path
        assert "Zebra" not in answer.text, path
        tried += 1
    assert tried >= 6


@pytest.mark.rule("MFG-7")
async def test_no_list_search_queue_count_or_inbox_shows_it(conduct: Conduct) -> None:
    ref = conduct.ref
    customer = (await conduct.other.get(f"/complaints/{ref}")).json()["customer"]["id"]
    await _messages(conduct, conduct.ref, to="other")
    shown_to_other = 0
    for described in await doors(conduct.site, "get"):
        path = described.replace("{customer}", customer)
        if "{" in path:
            continue
        for query in (
            "",
            "?q=Zebra",
            "?unit=conduct-shop",
            "?unit=conduct-office",
            "?owner=person:demo-agent",
        ):
            theirs, others = await conduct.li.get(path + query), await conduct.other.get(path + query)
            assert ref not in theirs.text, path + query
            shown_to_other += ref in others.text
    li_counts = (await conduct.li.get("/units/conduct-office")).json()
    other_counts = (await conduct.other.get("/units/conduct-office")).json()
    assert li_counts["open_orders"] < other_counts["open_orders"]
    assert shown_to_other >= 6, "the other person sees it in lists, orders and inbox"


async def _messages(conduct: Conduct, ref: str, to: str) -> list[dict[str, Any]]:
    """The messages of a complaint once somebody was told of it."""

    async def messages() -> list[dict[str, Any]]:
        return list((await conduct.other.get(f"/complaints/{ref}/messages")).json())

    return await until(messages, lambda rows: to in {row["recipient"] for row in rows})


@pytest.mark.rule("MFG-7")
async def test_no_account_shows_what_it_booked(conduct: Conduct) -> None:
    ref = conduct.ref
    month = (await conduct.other.get(f"/complaints/{ref}/ledger")).json()["lines"][0]["month"]
    statement = f"/ledger/accounts/person:li?month={month}"
    others = (await conduct.other.get(statement)).json()
    assert ref in [line["ref"] for line in others["lines"]]
    theirs = (await conduct.li.get(statement)).json()
    assert (theirs["lines"], theirs["closing"]) == ([], [])
    accounts = "/ledger/accounts?kind=person&limit=200"
    assert "person:li" in (await conduct.other.get(accounts)).text
    assert "person:li" not in (await conduct.li.get(accounts)).text


@pytest.mark.rule("MFG-7")
async def test_what_was_learnt_from_it_does_not_name_it(conduct: Conduct) -> None:
    ref = await opened(conduct.site, conduct.site.as_(roles.AGENT))
    await conduct.site.until(ref, lambda found: found["orders"])
    assert (await conduct.site.act(ref, "withdraw", reason="settled")).status_code == 200
    body = {"procedure": NAME, "title": {"en": "Queues"}, "content": {"en": "Greet at once"}, "from_ref": ref}
    made = await conduct.other.post("/knowledge", json=body)
    assert (made.status_code, made.json()["from_ref"]) == (201, "")
    assert ref not in (await conduct.li.get(f"/knowledge?procedure={NAME}")).text


@pytest.mark.rule("MFG-7")
async def test_work_that_waits_for_approval_or_a_call_is_not_theirs(conduct: Conduct) -> None:
    ref = await opened(conduct.site, conduct.site.as_(roles.AGENT))
    await conduct.site.until(ref, lambda found: found["orders"])
    act = conduct.other.post
    for verb, body, queue in (
        ("answer_order", {"order": "1", "result": "it is so"}, ""),
        ("propose", {"options": [{"text": "An apology"}]}, "/approvals"),
        ("approve", {}, "/callbacks"),
    ):
        assert (await act(f"/complaints/{ref}/{verb}", json=body)).status_code == 200
        if queue:
            assert ref in (await conduct.other.get(queue)).text
            assert ref not in (await conduct.li.get(queue)).text


@pytest.mark.rule("MFG-7")
async def test_every_command_and_every_other_post_is_refused(conduct: Conduct) -> None:
    site, ref = conduct.site, conduct.ref
    before = await site.read(ref)
    rows = (await conduct.other.get(f"/complaints/{ref}/messages")).json()
    for path in await doors(site, "post"):
        if not path.startswith("/complaints/{ref}"):
            continue
        there = path.replace("{ref}", ref).replace("{message_id}", rows[0]["id"])
        verb = path.rpartition("/")[2]
        files = {"file": ("proof.png", PNG)} if verb == "attachments" else None
        answer = await conduct.li.post(there, json=None if files else EXAMPLES.get(verb, {}), files=files)
        assert answer.status_code == 404, (path, answer.text)
        assert answer.json()["code"] == "not_found", path
    assert await site.read(ref) == before


@pytest.mark.rule("MFG-7")
async def test_who_is_complained_of_is_told_nothing_and_somebody_else_is(conduct: Conduct) -> None:
    ref = await opened(conduct.site, conduct.site.as_(roles.AGENT))
    await conduct.site.until(ref, lambda found: found["orders"])
    assert (await conduct.site.act(ref, "withdraw", reason="settled")).status_code == 200
    rows = await _messages(conduct, ref, to="wu")
    assert "li" not in {row["recipient"] for row in rows}
    for keeper in ("organisation", "unit:conduct-office"):
        assert ref in (await conduct.other.get(f"/archive?keeper={keeper}")).text
        assert ref not in (await conduct.li.get(f"/archive?keeper={keeper}")).text
    superior = next(row for row in rows if row["recipient"] == "wu")
    assert superior["post"] == "superior_head", "li heads the shop, so the head above is told the outcome"


@pytest.mark.rule("MFG-7")
async def test_intake_finds_their_unit_and_refuses_them_as_owner(
    conduct: Conduct,
) -> None:
    found = await conduct.site.read(conduct.ref)
    assert found["unit"] == "conduct-office"
    own = await conduct.li.post("/complaints", json=BODY)
    assert (own.status_code, own.json()["code"]) == (409, "conflict_of_interest")
    owned = await conduct.site.as_(roles.AGENT).post("/complaints", json={**BODY, "owner": "person:li"})
    assert owned.json()["code"] == "conflict_of_interest"
    nobody = await conduct.site.as_(roles.AGENT).post(
        "/complaints", json={**BODY, "form": {"employee": "nobody-there"}}
    )
    assert nobody.json()["code"] == "form"
    assert list(nobody.json()["fields"]) == ["form.employee"]
    given = await conduct.site.act(conduct.ref, "assign_owner", owner="person:li")
    assert (given.status_code, given.json()["code"]) == (409, "conflict_of_interest")


@pytest.mark.rule("MFG-7")
async def test_it_is_hidden_before_its_workflow_has_begun_and_as_what_is_repeated(conduct: Conduct) -> None:
    async with conduct.site.without_relay():
        ref = await opened(conduct.site, conduct.site.as_(roles.AGENT))
        assert (await conduct.li.get(f"/complaints/{ref}")).status_code == 404
        assert (await conduct.other.get(f"/complaints/{ref}")).status_code == 200
        assert ref not in (await conduct.li.get("/complaints")).text
    theirs = {**BODY, "form": {"employee": "other"}}
    assert (await conduct.li.post("/complaints", json=theirs)).json()["repeat_of"] == ""
    assert (await conduct.site.as_(roles.AGENT).post("/complaints", json=theirs)).json()["repeat_of"]
