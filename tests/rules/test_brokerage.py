"""The brokerage's rules through the real system: where it came in and how grave it is decide who acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.rules.site import WATCHER, Case, Site

HARBOUR = {
    "concerned": "brk-harbour",
    "account": "310000123",
    "dispute": "An order was placed that I did not give.",
    "demand": "Undo it and pay the loss.",
}
FOUND = {"finding": "The order was taken by telephone and misheard."}
AUDITED = {**FOUND, "breach_of_rules": "true"}
OFFER = {"options": [{"text": "We undo the order and apologise.", "remedies": [{"type": "apology"}]}]}
RESULT = {"result": "Undone, apologised.", "justified": "yes_fully"}


async def opened(site: Site, form: dict[str, Any] | None = None, **facts: str) -> Case:
    by = "brk-agent" if facts.get("entry") == "headquarters" else "brk-harbour-agent"
    return await site.open("brokerage", by=by, facts=facts, form=form or HARBOUR)


def orders(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(order["purpose"], order["unit"]) for order in row["orders"]]


async def answered(case: Case, *, audit: str = "") -> None:
    """Whoever is concerned answers, and the audit department where it was asked."""
    await case.act("answer_order", by="brk-harbour", order="1", result="Misheard.", answers=FOUND)
    if audit:
        await case.act("answer_order", by="brk-audit", order=audit, result="Misheard.", answers=AUDITED)


async def due(case: Case, rule: str) -> str:
    """When a clock is due, as people are told it."""
    at = datetime.fromisoformat((await case.clock(rule))["due_at"])
    return f"{at.astimezone(case.procedure.calendar.zone):%Y-%m-%d %H:%M}"


async def archived(case: Case) -> dict[str, str]:
    return {one["keeper"]: one["number"] for one in (await case.read())["archive"]}


@pytest.mark.rule("BRK-1")
async def test_the_dispute_form_is_complete_before_a_complaint_is_taken(site: Site) -> None:
    body = {"procedure": "brokerage", "channel": "counter", "title": "An order I did not give"}
    answer = await site.as_("brk-harbour-agent").post("/complaints", json={**body, "form": {}})
    assert answer.status_code == 422, answer.text
    wanted = {f"form.{name}" for name in ("concerned", "account", "dispute", "demand")}
    assert set(answer.json()["fields"]) == wanted
    nowhere = {**HARBOUR, "concerned": "brk-moon"}
    answer = await site.as_("brk-harbour-agent").post("/complaints", json={**body, "form": nowhere})
    assert answer.status_code == 422, answer.text
    assert set(answer.json()["fields"]) == {"form.concerned"}


@pytest.mark.rule("BRK-1")
async def test_an_ordinary_one_at_a_branch_is_investigated_there_with_its_head_told_and_archived(
    site: Site,
) -> None:
    case = await opened(site, entry="branch", gravity="ordinary")
    assert orders(await case.read()) == [("handle", "brk-harbour")]
    assert await due(case, "investigation") in await case.told("head_told", to="brk-harbour-head")
    assert not await case.messages("head_told", to="brk-lake-head")
    assert await case.within("investigation", "3wd")
    await case.refused("propose", by="brk-harbour", code="not_verified", **OFFER)
    await case.refused("answer_order", by="brk-harbour", code="form", order="1", result="Misheard.")
    await answered(case)
    await case.act("propose", by="brk-harbour", **OFFER)
    await case.customer("accept", option="1")
    row = await case.read()
    assert (row["status"], row["closing_reason"]) == ("closed", "satisfied")
    assert set(await archived(case)) == {"organisation", "unit:brk-harbour"}
    assert not await case.messages(to="brk-vice-president")
    assert not await case.messages(to="brk-audit-head")


@pytest.mark.rule("BRK-2")
async def test_a_major_one_at_a_branch_goes_to_headquarters_at_once(site: Site) -> None:
    case = await opened(site, entry="branch", gravity="major")
    row = await case.read()
    assert (row["step"], orders(row)) == ("takeover", []), "nothing is dispatched to the branch"
    assert "major" in await case.told("taken_to_headquarters", to="brk-supervisor")
    assert await case.within("takeover", "1wh")
    assert (await case.pass_clock("takeover"))["state"] == "breached"
    assert await case.told("escalated", to="brk-vice-president")
    await case.act("finish_task", by="brk-agent", outcome="taken")
    row = await case.read()
    assert (row["facts"]["entry"], row["step"]) == ("headquarters", "investigate")
    assert ("audit", "brk-audit") in orders(row)


@pytest.mark.rule("BRK-3")
async def test_an_ordinary_one_at_headquarters_is_delivered_answered_recorded_and_called_back(
    site: Site,
) -> None:
    form = {**HARBOUR, "concerned": "brk-trading"}
    case = await opened(site, form, entry="headquarters", gravity="ordinary")
    assert orders(await case.read()) == [("handle", "brk-trading")]
    assert await case.told("head_told", to="brk-trading-head")
    assert await case.told("dispatched", to="brk-trading")
    assert await case.within("answer", "5wd")
    await case.refused(
        "answer_order", by="brk-harbour", code="not_found", order="1", result="x", answers=FOUND
    )
    await case.act("answer_order", by="brk-trading", order="1", result="Misheard.", answers=FOUND)
    await case.act("propose", by="brk-agent", **OFFER)
    assert "We undo the order" in await case.told("proposal", to="customer")
    await case.customer("accept", option="1")
    await case.refused("finish_task", by="brk-agent", code="form", outcome="recorded")
    await case.act("finish_task", by="brk-agent", outcome="recorded", answers=RESULT)
    assert await case.told("call_back", to="brk-callback")
    await case.refused("record_callback", by="brk-callback", code="form", outcome="satisfied")
    answers = {"satisfaction": "very"}
    await case.act("record_callback", by="brk-callback", outcome="satisfied", answers=answers)
    assert (await case.read())["closing_reason"] == "satisfied"
    assert set(await archived(case)) == {"organisation", "unit:brk-trading"}


@pytest.mark.rule("BRK-3")
async def test_who_is_dissatisfied_on_the_callback_is_investigated_again(site: Site) -> None:
    case = await opened(site, entry="headquarters", gravity="ordinary")
    await answered(case)
    await case.act("propose", by="brk-agent", **OFFER)
    await case.customer("accept", option="1")
    await case.act("finish_task", by="brk-agent", outcome="recorded", answers=RESULT)
    await case.act(
        "record_callback",
        by="brk-callback",
        outcome="dissatisfied",
        comment="Nothing was undone.",
        answers={"satisfaction": "not_at_all"},
    )
    row = await case.read()
    assert (row["round"], row["step"]) == (2, "investigate")
    assert [order["state"] for order in row["orders"]] == ["answered", "dispatched"]


@pytest.mark.rule("BRK-4")
async def test_a_major_one_tells_heads_and_vice_president_together_and_audit_investigates(
    site: Site,
) -> None:
    case = await opened(site, entry="headquarters", gravity="major")
    assert orders(await case.read()) == [("handle", "brk-harbour"), ("audit", "brk-audit")]
    told = await case.messages()
    heads = [one for one in told if one["template"] in ("head_told", "major_received")]
    assert {one["recipient"] for one in heads} == {"brk-harbour-head", "brk-audit-head", "brk-vice-president"}
    assert {one["state"] for one in heads} == {"sent"}
    assert await case.within("investigation#1", "2wd")
    assert await case.within("investigation#2", "5wd")
    await answered(case)
    assert (await case.read())["step"] == "investigate", "the audit department has not answered"
    answer = {"order": "2", "result": "Misheard.", "answers": FOUND}
    assert set((await case.refused("answer_order", by="brk-audit", code="form", **answer))["fields"]) == {
        "breach_of_rules"
    }
    await case.act("answer_order", by="brk-audit", order="2", result="Misheard.", answers=AUDITED)
    assert (await case.read())["step"] == "propose"


@pytest.mark.rule("BRK-4")
async def test_the_heads_sign_before_vice_president_call_centre_and_customer_receive_the_result(
    site: Site,
) -> None:
    case = await opened(site, entry="headquarters", gravity="major")
    await answered(case, audit="2")
    await case.act("propose", by="brk-agent", **OFFER)
    assert not await case.messages("proposal", to="customer")
    assert not await case.messages("major_result")
    await case.refused("accept", by="brk-agent", code="wrong_step", option="1")
    await case.act("approve", by="brk-harbour-head", approval="head:brk-harbour")
    await case.refused("approve", by="brk-lake-head", code="not_found", approval="head:brk-audit")
    await case.refused("approve", by="brk-harbour-head", code="not_your_role", approval="head:brk-audit")
    assert (await case.read())["step"] == "sign"
    await case.act("approve", by="brk-audit-head", approval="head:brk-audit")
    for person in ("brk-vice-president", "brk-callback"):
        assert "We undo the order" in await case.told("major_result", to=person)
    assert "We undo the order" in await case.told("proposal", to="customer")
    await case.customer("accept", option="1")
    await case.act("finish_task", by="brk-agent", outcome="recorded", answers=RESULT)
    answers = {"satisfaction": "fairly"}
    await case.act("record_callback", by="brk-callback", outcome="satisfied", answers=answers)
    assert set(await archived(case)) == {"organisation", "unit:brk-harbour", "unit:brk-audit"}


@pytest.mark.rule("BRK-4")
async def test_a_head_who_does_not_sign_in_time_is_stood_in_for(site: Site) -> None:
    case = await opened(site, entry="headquarters", gravity="major")
    await answered(case, audit="2")
    await case.act("propose", by="brk-agent", **OFFER)
    await case.refused("approve", by="brk-supervisor", code="not_your_role", approval="head:brk-audit")
    await case.pass_clock("signature")
    assert await case.told("escalated", to="brk-supervisor")
    await case.act("approve", by="brk-supervisor", approval="head:brk-audit")
    await case.act("approve", by="brk-supervisor", approval="head:brk-harbour")
    assert (await case.read())["step"] == "decide"


@pytest.mark.rule("BRK-2", "BRK-4")
async def test_an_unknown_actor_and_another_branch_see_nothing(site: Site) -> None:
    case = await opened(site, entry="headquarters", gravity="major")
    hidden = await site.as_("brk-lake").get(f"/complaints/{case.ref}")
    assert hidden.status_code == 404
    assert (await site.as_("brk-audit").get(f"/complaints/{case.ref}")).status_code == 200
    assert (await site.as_(WATCHER).get(f"/complaints/{case.ref}")).status_code == 200
