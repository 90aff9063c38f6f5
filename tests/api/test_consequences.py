"""Consequences through API, workflow and database: each its own case, opened once, shown by its parent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from activities.consequence import ConsequenceActivities
from domain import roles
from domain.consequence import CaseRequest, Raised
from services.consequences import Opener
from storage.queries.verify import first_broken
from tests.api.conftest import Site
from tests.domain.test_consequences import GUILD

VOCABULARY = {"matter": "fees"}


@pytest.fixture(scope="module")
async def guild(site: Site) -> Site:
    """The installation with a procedure that has consequences."""
    stored = await site.as_(roles.ADMINISTRATOR).post("/procedures", json={"source": GUILD})
    assert stored.status_code == 201, stored.text
    return site


async def opened(site: Site, **more: Any) -> str:
    return await site.opened(procedure="guild", facts=VOCABULARY, unit="network", **more)


async def valid(site: Site, **more: Any) -> str:
    """A complaint that was found valid, which raises a rectification order."""
    ref = await opened(site, **more)
    answered = await site.act(ref, "answer_order", roles.HANDLER, order="1", result="looked into")
    assert answered.status_code == 200, answered.text
    assert (await site.act(ref, "finish_task", outcome="valid")).status_code == 200
    return ref


async def consequences(site: Site, ref: str, count: int) -> list[dict[str, Any]]:
    """The consequences of a complaint once their workflows have recorded their opening."""
    found = await site.until(
        ref,
        lambda c: len(c["consequences"]) == count and all(o["status"] != "new" for o in c["consequences"]),
    )
    return list(found["consequences"])


async def kinds(site: Site, ref: str) -> list[str]:
    """The kinds of all events of a complaint."""
    found = (await site.as_(roles.SUPERVISOR).get(f"/complaints/{ref}/events")).json()
    return [event["kind"] for event in found["items"]]


async def test_a_consequence_is_a_case_of_its_own(guild: Site) -> None:
    ref = await valid(guild)
    (one,) = await consequences(guild, ref, 1)
    assert (one["ref"], one["title"], one["unit"]) == (f"{ref}-1", "Rectification", "network")
    case = await guild.read(one["ref"])
    assert (case["procedure"], case["parent"], case["consequence"]) == (
        "guild.rectification",
        ref,
        "rectification",
    )
    assert case["facts"] == {"matter": "fees", "verdict": "valid"}
    assert [order["unit"] for order in case["orders"]] == ["network"]
    done = await guild.act(one["ref"], "answer_order", roles.HANDLER, order="1", result="mended")
    assert done.json()["status"] == "closed"
    assert (await consequences(guild, ref, 1))[0]["closing_reason"] == "done"
    happened = await kinds(guild, ref)
    assert happened.index("consequence_raised") < happened.index("consequence_opened")
    for each in (ref, one["ref"]):
        assert await first_broken(guild.connections.database, each) is None


async def test_lists_leave_consequences_out_unless_asked(guild: Site) -> None:
    ref = await valid(guild)
    (one,) = await consequences(guild, ref, 1)
    supervisor = guild.as_(roles.SUPERVISOR)

    async def refs(**query: str) -> list[str]:
        answer = await supervisor.get("/complaints", params={"limit": 200, **query})
        return [row["ref"] for row in answer.json()["items"]]

    assert one["ref"] not in await refs()
    assert ref in await refs()
    assert one["ref"] in await refs(cases="all")
    assert ref not in await refs(cases="consequences")
    assert await refs(parent=ref) == [one["ref"]]


async def test_nobody_opens_a_consequence_at_intake(guild: Site) -> None:
    answer = await guild.open(procedure="guild.rectification", facts=VOCABULARY)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_procedure")


async def test_a_person_raises_one_by_hand_about_a_unit_there_is(guild: Site) -> None:
    ref = await opened(guild)
    body = {"consequence": "talk", "note": "the press wrote about it"}
    nowhere = await guild.act(ref, "raise_consequence", roles.SUPERVISOR, **body, unit="nowhere")
    assert nowhere.json()["code"] == "no_such_unit"
    assert (await guild.act(ref, "raise_consequence", **body)).json()["code"] == "not_your_role"
    assert (await guild.act(ref, "raise_consequence", roles.SUPERVISOR, **body)).status_code == 200
    (one,) = await consequences(guild, ref, 1)
    assert (one["why"], one["status"]) == ("the press wrote about it", "review")


async def test_a_measure_keeps_orders_away_until_it_is_lifted(guild: Site) -> None:
    administrator = guild.as_(roles.ADMINISTRATOR)
    ref = await opened(guild)
    body = {"consequence": "talk", "note": "again and again", "unit": "si-beta"}
    assert (await guild.act(ref, "raise_consequence", roles.SUPERVISOR, **body)).status_code == 200
    (talk,) = await consequences(guild, ref, 1)
    confirmed = await guild.act(talk["ref"], "finish_task", roles.SUPERVISOR, outcome="confirmed")
    assert "measure_taken" in confirmed.json()["events"]
    standing = (await administrator.get("/units/si-beta/measures")).json()
    assert (standing["standing"], standing["measures"][0]["ref"]) == ("suspended", talk["ref"])

    other = await opened(guild)
    refused = await guild.act(other, "dispatch", unit="si-beta")
    assert (refused.status_code, refused.json()["code"]) == (409, "suspended")
    late = await guild.opened(procedure="guild", facts=VOCABULARY, unit="si-beta")
    found = await guild.read(late)
    assert (found["orders"], found["unit_standing"]) == ([], "suspended")
    assert "order_withheld" in await kinds(guild, late)

    held = {"outcome": "held", "answers": {"record": "they promised"}}
    assert (await guild.act(talk["ref"], "finish_task", **held)).status_code == 200
    improved = await guild.act(talk["ref"], "finish_task", roles.SUPERVISOR, outcome="improved")
    assert improved.status_code == 200
    assert (await administrator.get("/units/si-beta/measures")).json()["standing"] == "active"
    assert (await guild.act(other, "dispatch", unit="si-beta")).status_code == 200
    assert (await guild.act(late, "dispatch", unit="si-beta")).status_code == 200
    assert await first_broken(guild.connections.database, late) is None


async def test_earlier_cases_count_for_the_next(guild: Site) -> None:
    unit = "platform"
    seen = []
    for _ in range(3):
        ref = await guild.opened(procedure="guild", facts={"matter": "manners"}, unit=unit)
        seen.append((await guild.read(ref))["history"]["alike"])
        answered = await guild.as_(roles.SUPERVISOR).post(
            f"/complaints/{ref}/answer_order", json={"order": "1", "result": "looked into"}
        )
        assert answered.status_code == 200, answered.text
        assert (await guild.act(ref, "finish_task", outcome="valid")).status_code == 200
    assert seen == [0, 1, 2]
    assert [one["consequence"] for one in await consequences(guild, ref, 2)] == ["rectification", "talk"]


async def test_asking_twice_opens_one_case(guild: Site) -> None:
    """A worker that dies after the case was accepted, and before that was known, asks again."""
    ref = await opened(guild)
    activities = ConsequenceActivities(Opener(guild.connections.database))
    request = CaseRequest(
        ref, "guild", "1", Raised("criticism", f"{ref}-9", "network", why="twice"), "person:x"
    )
    await activities.open_case(request)
    await guild.until(f"{ref}-9", lambda c: c["seq"] > 0)
    before = (await guild.as_(roles.SUPERVISOR).get(f"/complaints/{ref}-9/events")).json()
    await activities.open_case(request)
    assert (await guild.as_(roles.SUPERVISOR).get(f"/complaints/{ref}-9/events")).json() == before


SETTLED = """
money:
  currency: CNY
  entries:
    fee:
      title: {en: Fee}
      on: "outcome:sort:valid"
      amount: {fixed: 40}
      from: organisation
      to: unit
      pay: true
"""


async def test_payments_to_a_unit_without_settlement_are_held_and_made_when_that_ends(site: Site) -> None:
    source = GUILD.replace("procedure: guild", "procedure: settling").replace("prefix: GLD", "prefix: STL")
    source = source.replace("measures: suspend,", "measures: suspend_settlement,") + SETTLED
    notice = "notices:\n  - {on: payout_failed, to: supervisor, text: talk}\n"
    source = source.replace("notices:\n", notice)
    stored = await site.as_(roles.ADMINISTRATOR).post("/procedures", json={"source": source})
    assert stored.status_code == 201, stored.text
    supervisor = site.as_(roles.SUPERVISOR)

    async def a_complaint() -> str:
        return await site.opened(procedure="settling", facts=VOCABULARY, unit="network")

    first = await a_complaint()
    body = {"consequence": "talk", "note": "again and again"}
    assert (await site.act(first, "raise_consequence", roles.SUPERVISOR, **body)).status_code == 200
    (talk,) = await consequences(site, first, 1)
    assert (
        await site.act(talk["ref"], "finish_task", roles.SUPERVISOR, outcome="confirmed")
    ).status_code == 200

    ref = await a_complaint()
    answered = await site.act(ref, "answer_order", roles.HANDLER, order="1", result="looked into")
    assert answered.status_code == 200, answered.text
    assert (await site.act(ref, "finish_task", outcome="valid")).status_code == 200

    async def in_state(state: str) -> list[str]:
        found = await supervisor.get("/payouts", params={"state": state, "limit": 200})
        return [row["ref"] for row in found.json()]

    async def line() -> dict[str, Any]:
        (one,) = (await supervisor.get(f"/complaints/{ref}/ledger")).json()["lines"]
        return dict(one)

    async with asyncio.timeout(20):
        while (await line())["state"] != "held":
            await asyncio.sleep(0.05)
    assert ((await line())["target"], ref in await in_state("held")) == ("unit:network", True)
    assert f"{ref}/fee#1" not in site.payments.paid
    assert (await site.act(ref, "withdraw", reason="settled")).status_code == 200  # it goes on when closed
    held = {"outcome": "held", "answers": {"record": "they promised"}}
    assert (await site.act(talk["ref"], "finish_task", **held)).status_code == 200
    lifted = await site.act(talk["ref"], "finish_task", roles.SUPERVISOR, outcome="improved")
    assert lifted.status_code == 200
    async with asyncio.timeout(20):
        while (await line())["state"] != "paid":
            await asyncio.sleep(0.05)
    happened = await kinds(site, ref)
    assert happened.index("posted") < happened.index("payout_held") < happened.index("paid_out")
    assert (str(site.payments.paid[f"{ref}/fee#1"]), ref in await in_state("held")) == ("40.00", False)
