"""The general enterprise's rules through the real system: ENT-1 to ENT-11."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from procedures.loader import load_pack
from services import retention
from storage.stores import directory
from tests.rules.site import Case, Site

FORM = {
    "happened_on": "2026-10-12",
    "facts_told": "The pump leaked on the first day",
    "demand": "A new pump and the cost of the carpet",
}
FOUND = {
    "justified": "true",
    "cause": "A seal was fitted the wrong way round",
    "preventive_measure": "The seal is keyed so that it fits one way only",
    "responsible_person": "ent-quality",
}
AGED = text("UPDATE complaints SET closed_at = closed_at - make_interval(days => 1095) WHERE ref = :ref")
WAYS = ("Consumer association 12315", "Market regulation authority 12345", "People's court")


async def opened(site: Site, **facts: str) -> Case:
    return await site.open("enterprise", by="ent-agent", facts=facts, form=FORM, unit="ent-sales")


async def accepted(site: Site, **facts: str) -> Case:
    case = await opened(site, **facts)
    answers = {"responsible_unit": "ent-quality"}
    await case.act("finish_task", by="ent-agent", outcome="accepted", answers=answers)
    return case


async def investigated(site: Site, **found: str) -> Case:
    case = await accepted(site)
    await case.act(
        "answer_order", by="ent-quality", order="1", result="It leaked", answers={**FOUND, **found}
    )
    return case


async def due(case: Case, rule: str) -> str:
    """When a clock is due, as customers read it."""
    at = datetime.fromisoformat((await case.clock(rule))["due_at"])
    return f"{at.astimezone(load_pack('enterprise').calendar.zone):%Y-%m-%d %H:%M}"


def offer(*remedies: dict[str, Any]) -> dict[str, Any]:
    return {"options": [{"text": "A new pump, and the carpet is paid", "remedies": list(remedies)}]}


PAID = {"type": "compensation", "amount": "300.00", "currency": "CNY"}


async def answered(site: Site, *remedies: dict[str, Any]) -> Case:
    """A case whose customer has been told the result."""
    case = await investigated(site)
    await case.act("propose", by="ent-agent", **offer(*remedies))
    await case.act("approve", by="ent-manager")
    return case


@pytest.mark.rule("ENT-1")
async def test_what_is_not_justified_is_explained_and_can_be_contested(site: Site) -> None:
    case = await investigated(site, justified="false", responsible_person="")
    assert (await case.read())["step"] == "explain"
    await case.refused("propose", by="ent-agent", code="not_verified", **offer())
    await case.refused("finish_task", by="ent-agent", code="missing", outcome="explained")
    why = "The pump was run dry, which the manual warns of; we gladly show how it is filled."
    await case.act("finish_task", by="ent-agent", outcome="explained", note=why)
    read = await case.read()
    assert (read["status"], read["closing_reason"]) == ("closed", "explained")
    letter = await case.told("closed", to="customer")
    assert why in letter
    assert letter.index("thank you") < letter.index("sorry") < letter.index(why)
    await case.customer("reopen", reason="I filled it as the manual says")
    assert (await case.read())["step"] == "investigate"


@pytest.mark.rule("ENT-2")
async def test_the_record_says_who_when_what_and_which_demand(site: Site) -> None:
    for missing in FORM:
        answer = await site.as_("ent-agent").post(
            "/complaints",
            json={
                "procedure": "enterprise",
                "channel": "hotline",
                "form": {name: value for name, value in FORM.items() if name != missing},
                "customer": {"name": "Wang Fang"},
            },
        )
        assert (answer.status_code, set(answer.json()["fields"])) == (422, {f"form.{missing}"})
    read = await (await opened(site)).read(by="ent-agent")
    assert (read["form"], read["customer"]["name"]) == (FORM, "Wang Fang")


@pytest.mark.rule("ENT-2")
async def test_the_responsible_unit_is_determined_from_the_content_and_gets_the_order(site: Site) -> None:
    case = await opened(site)
    refused = await case.refused("finish_task", by="ent-agent", code="form", outcome="accepted")
    assert set(refused["fields"]) == {"responsible_unit"}
    await case.act(
        "finish_task", by="ent-agent", outcome="accepted", answers={"responsible_unit": "ent-logistics"}
    )
    (order,) = (await case.read())["orders"]
    assert (order["unit"], order["state"]) == ("ent-logistics", "dispatched")
    assert await case.told("dispatched", to="ent-logistics")
    assert not await case.messages("dispatched", to="ent-sales")


@pytest.mark.rule("ENT-3", "CON-4")
async def test_cause_and_prevention_come_from_the_unit_before_anything_is_proposed(site: Site) -> None:
    case = await accepted(site)
    await case.refused("propose", by="ent-agent", code="not_verified", **offer())
    refused = await case.refused(
        "answer_order",
        by="ent-quality",
        code="form",
        order="1",
        result="It leaked",
        answers={"justified": "true"},
    )
    assert set(refused["fields"]) == {"cause", "preventive_measure"}
    await case.act("answer_order", by="ent-quality", order="1", result="It leaked", answers=FOUND)
    (answer,) = await case.facts("order_answered")
    assert (answer["answers"]["cause"], answer["answers"]["preventive_measure"]) == (
        FOUND["cause"],
        FOUND["preventive_measure"],
    )
    assert (await case.read())["step"] == "propose"


@pytest.mark.rule("ENT-4")
async def test_the_manager_in_charge_instructs_before_the_customer_hears(site: Site) -> None:
    case = await investigated(site)
    await case.act("propose", by="ent-agent", **offer(PAID))
    assert "A new pump" in await case.told("approval_needed", to="ent-manager")
    assert (await case.portal())["options"] == []
    assert not await case.messages("proposal")
    for person in ("ent-quality-head", "ent-supervisor", "ent-general"):
        await case.refused("approve", by=person, code="not_your_role")
    await case.act("send_back_proposal", by="ent-manager", remarks="Say when it comes")
    assert "Say when it comes" in await case.told("instructed", to="ent-agent")
    assert (await case.read())["step"] == "propose"
    await case.act("propose", by="ent-agent", **offer(PAID))
    await case.act("approve", by="ent-manager")
    assert "A new pump" in await case.told("proposal", to="customer")
    assert len((await case.portal())["options"]) == 1


@pytest.mark.rule("ENT-4")
async def test_when_the_manager_is_late_the_general_manager_may_instruct(site: Site) -> None:
    case = await investigated(site)
    await case.act("propose", by="ent-agent", **offer())
    assert await case.within("instruction", "1wd")
    await case.pass_clock("instruction")
    assert await case.told("escalated", to="ent-general")
    await case.act("approve", by="ent-general")
    (given,) = await case.facts("approved")
    assert given["substitute"] is True
    assert (await case.clock("instruction"))["state"] == "missed"
    assert (await case.read())["step"] == "decide"


@pytest.mark.rule("ENT-5")
async def test_the_customer_responds_and_then_the_remedy_is_carried_out(site: Site) -> None:
    case = await answered(site, PAID)
    await case.refused("fulfil", by="ent-agent", code="wrong_step")
    await case.customer("accept", option="1", comment="That is fair")
    assert [fact["comment"] for fact in await case.facts("customer_accepted")] == ["That is fair"]
    assert await case.within("fulfilment", "5wd")
    await case.act("fulfil", by="ent-agent", note="Delivered and paid")
    assert ("compensation", "organisation", "customer", "300.00 CNY") in [
        (entry, source, target.partition(":")[0], amount)
        for entry, source, target, amount in await case.ledger()
    ]


@pytest.mark.rule("ENT-6")
async def test_whoever_is_responsible_and_whoever_was_late_is_charged_by_rule(site: Site) -> None:
    case = await accepted(site)
    await case.act("take_order", by="ent-quality", order="1")
    await case.pass_clock("investigation")
    await case.act("answer_order", by="ent-quality", order="1", result="It leaked", answers=FOUND)
    charges = {entry: (source, target, amount) for entry, source, target, amount in await case.ledger()}
    assert charges == {
        "delay_charge": ("person:ent-quality", "organisation", "100.00 CNY"),
        "responsibility_charge": ("person:ent-quality", "organisation", "200.00 CNY"),
    }
    assert "200.00" in await case.told("charged", to="ent-quality-head")


@pytest.mark.rule("ENT-6")
async def test_nobody_is_charged_for_what_was_in_time_and_not_justified(site: Site) -> None:
    case = await investigated(site, justified="false", responsible_person="")
    assert await case.ledger() == []


@pytest.mark.rule("ENT-7")
async def test_while_it_is_investigated_the_customer_hears_at_set_intervals(site: Site) -> None:
    case = await accepted(site)
    assert await case.within("progress", "2wd")
    await case.act("inform_customer", by="ent-agent", text="The pump is being taken apart")
    letter = await case.told("informed", to="customer")
    assert "taken apart" in letter
    assert f"the result by {await due(case, 'answer')}" in letter
    assert (await case.clock("progress#1"))["state"] == "met"
    assert (await case.clock("progress"))["id"] == "progress#2"
    late = await case.pass_clock("progress")
    assert late["state"] == "breached"
    assert await case.told("escalated", to="ent-supervisor")
    until = (await case.now() + timedelta(days=2)).astimezone(load_pack("enterprise").calendar.zone)
    said = {"until": until.isoformat(), "text": "We know more by then"}
    await case.act("promise_reply", by="ent-agent", **said)
    assert f"{until:%Y-%m-%d %H:%M}" in await case.told("informed", to="customer")
    await case.act("answer_order", by="ent-quality", order="1", result="It leaked", answers=FOUND)
    assert (await case.clock("progress"))["state"] in ("met", "stopped")


@pytest.mark.rule("ENT-8")
async def test_who_does_not_need_it_sees_personal_data_masked(site: Site) -> None:
    case = await accepted(site)
    shown = {}
    for person in ("ent-agent", "ent-manager"):
        customer = (await case.read(by=person))["customer"]
        shown[person] = [customer[name] for name in ("name", "phone", "email")]
    assert shown == {
        "ent-agent": ["Wang Fang", "+861055550100", "wang.fang@customer.example"],
        "ent-manager": ["***", "***", "***"],
    }


@pytest.mark.rule("ENT-8")
async def test_every_look_at_personal_data_is_noted_for_the_supervisor(site: Site) -> None:
    case = await accepted(site)
    before = await readers(case)
    await case.read(by="ent-agent")
    await case.get("events", by="ent-quality")
    await case.read(by="ent-manager")  # who sees *** has seen nothing
    new = (await readers(case))[len(before) :]
    assert new == [("person:ent-agent", "complaint"), ("person:ent-quality", "timeline")]
    assert (await site.as_("ent-agent").get(f"/complaints/{case.ref}/reads")).status_code == 403


async def readers(case: Case) -> list[tuple[str, str]]:
    """Who has seen personal data of a complaint in which way, the oldest first."""
    page = await case.get("reads", by="ent-supervisor", limit=200)
    own = ("system:watcher", "person:ent-supervisor")
    return [(one["reader"], one["what"]) for one in reversed(page["items"]) if one["reader"] not in own]


@pytest.mark.rule("ENT-8")
async def test_after_three_years_nothing_personal_is_left(site: Site) -> None:
    case = await opened(site)
    await case.act(
        "finish_task", by="ent-agent", outcome="not_accepted", note="Wang Fang bought it elsewhere"
    )
    await case.settled()
    kept = timedelta(days=1095)
    (row,) = await site.rows("SELECT closed_at FROM complaints WHERE ref = :ref", ref=case.ref)
    due = row["closed_at"] + kept
    for at, gone in ((due - timedelta(seconds=1), False), (due, True)):
        assert (case.ref in [one.ref for one in await retention.would_go(site.connections, at)]) is gone
    await site.connections.database.run(AGED, {"ref": case.ref})
    done = await retention.run_now(site.connections)
    assert done.anonymised >= 1
    assert "Wang Fang" not in str([await case.read(), await case.events(), await case.messages()])
    assert "not_accepted" in str(await case.events())


@pytest.mark.rule("ENT-9")
async def test_the_handling_is_surveyed_summed_up_and_archived(site: Site) -> None:
    case = await answered(site, {"type": "apology"})
    await case.customer("accept", option="1")
    refused = await case.refused("record_callback", by="ent-callback", code="form", outcome="satisfied")
    assert set(refused["fields"]) == {"handling"}
    await case.refused(
        "record_callback", by="ent-callback", code="form", outcome="satisfied", answers={"handling": "6"}
    )
    said = {"handling": "4", "suggestion": "Say on the box which way the seal goes"}
    await case.act("record_callback", by="ent-callback", outcome="satisfied", answers=said)
    assert [fact["answers"] for fact in await case.facts("callback_made")] == [said]
    refused = await case.refused("finish_task", by="ent-agent", code="form", outcome="done")
    assert set(refused["fields"]) == {"summary", "improvement"}
    written = {"summary": "One seal, one carpet", "improvement": "Keyed seals from January"}
    await case.act("finish_task", by="ent-agent", outcome="done", answers=written)
    assert (await case.read())["closing_reason"] == "satisfied"
    kept = await site.rows("SELECT keeper, number FROM archive WHERE ref = :ref", ref=case.ref)
    assert {row["keeper"] for row in kept} == {"organisation", "unit:ent-quality"}


@pytest.mark.rule("ENT-10")
async def test_who_is_still_not_satisfied_is_told_the_ways_outside(site: Site) -> None:
    case = await answered(site)
    for number in (1, 2, 3):
        await case.customer("reject", reason="Not enough")
        letter = (await case.messages("ways_open", to="customer"))[-1]
        assert all(way in letter["body"] for way in WAYS)
        if number < 3:
            order = (await case.read())["orders"][-1]["id"]
            await case.act("answer_order", by="ent-quality", order=order, result="As before", answers=FOUND)
            await case.act("propose", by="ent-agent", **offer())
            await case.act("approve", by="ent-manager")
    read = await case.read()
    assert (read["status"], read["closing_reason"], read["round"]) == ("closed", "referred", 3)
    assert [fact["referred"] for fact in await case.facts("closed")] == [
        ["consumer_association", "regulator", "court"]
    ]
    letter = await case.told("closed", to="customer")
    assert all(way in letter for way in WAYS)


@pytest.mark.rule("ENT-10")
async def test_whoever_refers_by_hand_says_to_whom(site: Site) -> None:
    case = await opened(site)
    refused = await case.refused(
        "close", by="ent-supervisor", code="no_such_way", reason="referred", note="Explained twice"
    )
    assert "consumer_association" in refused["fields"]["way"]
    await case.act("close", by="ent-supervisor", reason="referred", note="Explained twice", way="court")
    letter = await case.told("closed", to="customer")
    assert "Explained twice" in letter
    assert WAYS[2] in letter
    assert WAYS[0] not in letter


@pytest.mark.rule("ENT-11")
async def test_the_customer_is_told_whether_the_complaint_is_accepted(site: Site) -> None:
    case = await opened(site)
    assert await case.within("acceptance", "1wd")
    assert not await case.messages("accepted")
    await case.act(
        "finish_task", by="ent-agent", outcome="accepted", answers={"responsible_unit": "ent-quality"}
    )
    letter = await case.told("accepted", to="customer")
    assert "reviewed your complaint" in letter
    assert await due(case, "answer") in letter


@pytest.mark.rule("ENT-11")
async def test_a_complaint_that_is_not_accepted_says_why_and_where_to_turn(site: Site) -> None:
    case = await opened(site)
    await case.refused("finish_task", by="ent-agent", code="missing", outcome="not_accepted")
    why = "The pump was bought from another company."
    await case.act("finish_task", by="ent-agent", outcome="not_accepted", note=why)
    assert (await case.read())["closing_reason"] == "not_accepted"
    letter = await case.told("closed", to="customer")
    assert why in letter
    assert all(way in letter for way in WAYS)
    await case.customer("reopen", reason="It has your name on it")
    assert (await case.read())["step"] == "review"


@pytest.mark.rule("BNK-1")
async def test_the_customer_sees_whom_to_turn_to_from_the_unit_upward(site: Site) -> None:
    case = await opened(site)
    ladder = (await case.portal())["contacts"]
    assert [(one["unit"], one["published"].get("phone")) for one in ladder] == [
        ("ent-sales", "+86 10 5555 1004"),
        ("ent-company", "+86 10 5555 1000"),
    ]
    assert await case.get("contacts", by="ent-agent") == ladder
    page = await site.as_("").get(f"{site.url}/portal/{site.links.token(case.ref)}")
    assert page.text.index("+86 10 5555 1004") < page.text.index("+86 10 5555 1000")


@pytest.mark.rule("ENT-4")
async def test_while_the_manager_is_away_the_general_manager_may_instruct_at_once(site: Site) -> None:
    case = await investigated(site)
    await case.act("propose", by="ent-agent", **offer())
    assert "approve" not in await actions(case, "ent-general")
    now = datetime.now(UTC)
    away = {"starts_at": now, "ends_at": now + timedelta(hours=1), "reason": "on the train"}
    await directory.put_absence(site.connections.database, "ent-manager", **away)
    try:
        assert "approve" in await actions(case, "ent-general")
        await case.act("approve", by="ent-general")
    finally:
        back = {**away, "ends_at": now + timedelta(microseconds=1)}
        await directory.put_absence(site.connections.database, "ent-manager", **back)
    assert [fact["substitute"] for fact in await case.facts("approved")] == [True]


async def actions(case: Case, person: str) -> set[str]:
    """The verbs the API offers to a person now."""
    return {action["verb"] for action in (await case.read(by=person))["allowed_actions"]}
