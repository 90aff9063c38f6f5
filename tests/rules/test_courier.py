"""The courier's rules through the real system: CRR-1 to CRR-11."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.site import Case, Site

FORM = {"waybill": "SF1234567890", "goods": "A vase", "demand": "Find it or pay for it"}
VERIFIED = {"responsibility": "company", "degree": "full"}
SORRY = {"text": "We are sorry", "remedies": [{"type": "apology"}]}
BY = {"arrives_by": "2099-01-31"}
PNG = b"\x89PNG\r\n\x1a\n a photo of the broken vase"


async def opened(site: Site, form: dict[str, Any] | None = None, **facts: str) -> Case:
    return await site.open("courier", by="crr-agent", facts=facts, form=form or FORM, unit="courier-north")


async def dispatched(site: Site, **facts: str) -> Case:
    case = await opened(site, **facts)
    await case.act("dispatch", by="crr-agent", unit="courier-north")
    return case


async def answered(case: Case, order: str = "1", **answers: str) -> Case:
    said = {"order": order, "result": "It fell off the belt", "answers": {**VERIFIED, **answers}}
    await case.act("answer_order", by="crr-north", **said)
    return case


def cash(amount: str) -> dict[str, Any]:
    remedies = [{"type": "compensation", "amount": amount, "currency": "CNY"}]
    return {"options": [{"text": "We pay for the vase", "remedies": remedies}], "answers": BY}


@pytest.mark.rule("CRR-1")
async def test_complaints_come_through_every_channel_and_no_other(site: Site) -> None:
    body = {"procedure": "courier", "form": FORM, "customer": {"name": "Wang Fang"}}
    agent = site.as_("crr-agent")
    for channel in ("hotline", "web", "app", "email", "social", "outlet"):
        answer = await agent.post("/complaints", json={**body, "channel": channel})
        case = await site.case(answer.json()["ref"])
        assert (await case.read())["channel"] == channel
    pigeon = await agent.post("/complaints", json={**body, "channel": "pigeon"})
    assert (pigeon.status_code, pigeon.json()["code"]) == (422, "form")
    assert "social" in pigeon.json()["fields"]["channel"]


@pytest.mark.rule("CRR-2")
async def test_complaints_are_of_the_six_types(site: Site) -> None:
    for kind in ("delay", "loss", "damage", "wrong_delivery", "attitude", "fee"):
        assert (await (await opened(site, type=kind)).read())["facts"]["type"] == kind
    body = {"procedure": "courier", "channel": "web", "form": FORM, "facts": {"type": "noise"}}
    refused = await site.as_("crr-agent").post("/complaints", json=body)
    assert refused.json()["fields"] == {
        "facts.type": "one of delay, loss, damage, wrong_delivery, attitude, fee"
    }


@pytest.mark.rule("CRR-3")
async def test_the_record_holds_everything_and_shows_people_only_to_those_who_need_them(site: Site) -> None:
    bare = {"procedure": "courier", "channel": "web", "form": {}}
    refused = await site.as_("crr-agent").post("/complaints", json=bare)
    assert set(refused.json()["fields"]) == {"form.waybill", "form.goods", "form.demand"}
    form = {
        **FORM,
        "sender": "Wang Fang",
        "recipient": "Li Na",
        "happened_on": "2026-11-20",
        "place": "At the door",
        "declared_value": "350.00",
    }
    case = await opened(site, form)
    seen = await case.read(by="crr-agent")
    assert seen["form"] == form
    assert seen["customer"]["phone"] == "+861055550100"
    assert (seen["owner"], bool(seen["opened_at"])) == ("person:crr-agent", True)
    approver = await case.read(by="crr-approver")
    assert approver["form"] == {**form, "sender": "***", "recipient": "***"}
    assert set(approver["customer"].values()) - {approver["customer"]["id"]} == {"***"}


@pytest.mark.rule("CRR-4")
async def test_the_customer_is_told_at_once_that_it_was_accepted(site: Site) -> None:
    case = await opened(site)
    assert case.ref in await case.told("opened", to="customer")


@pytest.mark.rule("CRR-5")
async def test_the_record_reaches_the_responsible_unit_in_time_or_the_supervisor_hears(site: Site) -> None:
    case = await opened(site)
    assert await case.within("hand_over", "2wh")
    assert (await case.pass_clock("hand_over"))["state"] == "breached"
    assert await case.told("escalated", to="crr-supervisor")
    await case.act("dispatch", by="crr-agent", unit="courier-north")
    assert (await case.clock("hand_over"))["state"] == "missed"
    assert await case.told("dispatched", to="crr-north")


@pytest.mark.rule("CRR-5")
@pytest.mark.parametrize(("kind", "limit"), [("loss", "1wd"), ("delay", "2wd")])
async def test_the_unit_must_verify_within_its_limit_and_lateness_climbs(
    site: Site, kind: str, limit: str
) -> None:
    case = await dispatched(site, type=kind)
    assert await case.told("dispatched", to="crr-north")
    assert await case.within("verification", limit)
    clock = await case.pass_clock("verification")
    assert clock["state"] == "breached"
    assert "verification#1" in [one["clock"] for one in await case.facts("clock_breached")]
    assert await case.told("escalated", to="crr-north-head")
    assert not await case.messages("escalated", to="crr-south-head")
    await case.pass_time("1wd")
    assert await case.told("escalated", to="crr-supervisor")


@pytest.mark.rule("CRR-5")
async def test_courier_and_sorting_centre_are_asked_and_the_answer_shows_its_evidence(site: Site) -> None:
    case = await dispatched(site, type="damage")
    await case.act("dispatch", by="crr-agent", unit="courier-sorting", purpose="evidence")
    assert await case.within("verification", "12wh")
    scanned = {"order": "2", "result": "Whole at 09:12, broken at 09:30", "outcome": "confirmed"}
    await case.act("answer_order", by="crr-sorting", **scanned)
    assert (await case.read())["step"] == "handle"
    said = {"order": "1", "result": "It fell off the belt"}
    problem = await case.refused("answer_order", by="crr-north", code="form", **said, answers=VERIFIED)
    assert set(problem["fields"]) == {"photos"}
    letter = await case.attach("letter.txt", b"It was broken, believe me", by="crr-north")
    wrong = {**VERIFIED, "photos": letter}
    problem = await case.refused("answer_order", by="crr-north", code="form", **said, answers=wrong)
    assert "evidence of the kind photo is needed" in problem["fields"]["photos"]
    other = await dispatched(site)
    foreign = await other.attach("vase.png", PNG, by="crr-north")
    wrong["photos"] = foreign
    problem = await case.refused("answer_order", by="crr-north", code="form", **said, answers=wrong)
    assert "this complaint has no file" in problem["fields"]["photos"]
    photo = await case.attach("vase.png", PNG, by="crr-north")
    await answered(case, photos=photo)
    assert (await case.facts("order_answered"))[-1]["answers"]["photos"] == photo


@pytest.mark.rule("CON-4", "CRR-6")
async def test_nothing_is_proposed_before_the_unit_has_verified_and_said_who_is_responsible(
    site: Site,
) -> None:
    case = await dispatched(site)
    offer = {"options": [{"text": "We pay", "remedies": [{"type": "apology"}]}]}
    await case.refused("propose", by="crr-agent", code="not_verified", **offer)
    answer = {"order": "1", "result": "It fell off the belt"}
    problem = await case.refused("answer_order", by="crr-north", code="form", **answer)
    assert set(problem["fields"]) == {"responsibility", "degree"}
    await case.refused("answer_order", by="crr-south", code="not_found", **answer, answers=VERIFIED)
    await case.act("answer_order", by="crr-north", **answer, answers=VERIFIED)
    await case.act("propose", by="crr-agent", **offer)
    assert "We pay" in await case.told("proposal", to="customer")
    await case.customer("accept", option="1")
    assert (await case.read())["step"] == "callback"


@pytest.mark.rule("CRR-6")
async def test_what_a_partner_is_responsible_for_is_recovered_from_the_partner(site: Site) -> None:
    case = await opened(site)
    await case.act("dispatch", by="crr-agent", unit="courier-partner")
    said = {"order": "1", "result": "It stood in the rain"}
    wrong = {"responsibility": "the weather", "degree": "full"}
    problem = await case.refused("answer_order", by="crr-partner", code="form", **said, answers=wrong)
    assert problem["fields"]["responsibility"] == "one of company, partner, force_majeure"
    verified = {"responsibility": "partner", "degree": "main"}
    await case.act("answer_order", by="crr-partner", **said, answers=verified)
    facts = (await case.read())["facts"]
    assert (facts["responsibility"], facts["degree"]) == ("partner", "main")
    await case.act("propose", by="crr-agent", **cash("80.00"))
    await case.act("approve", by="crr-approver")
    await case.customer("accept", option="1")
    await case.settled()
    booked = [(entry, target, amount) for entry, _, target, amount in await case.ledger()]
    assert [(entry, amount) for entry, _, amount in booked] == [
        ("compensation", "80.00 CNY"),
        ("recovery", "80.00 CNY"),
    ]
    assert [source for entry, source, _, _ in await case.ledger() if entry == "recovery"] == [
        "unit:courier-partner"
    ]


@pytest.mark.rule("CRR-7")
async def test_the_plan_names_remedy_compensation_and_time_limit(site: Site) -> None:
    case = await answered(await dispatched(site))
    offer = {"options": cash("80.00")["options"]}
    problem = await case.refused("propose", by="crr-agent", code="form", **offer)
    assert set(problem["fields"]) == {"arrives_by"}
    await case.act("propose", by="crr-agent", **cash("80.00"))
    seen = await case.read()
    assert seen["options"][0]["remedies"][0]["amount"] == "80.00"
    assert seen["facts"]["arrives_by"] == BY["arrives_by"]


@pytest.mark.rule("CRR-7")
@pytest.mark.parametrize("why", ["complex", "major"])
async def test_complex_and_major_cases_are_decided_by_several_departments_together(
    site: Site, why: str
) -> None:
    form = {**FORM, "declared_value": "20000"} if why == "major" else FORM
    complexity = "complex" if why == "complex" else "ordinary"
    case = await opened(site, form, complexity=complexity)
    await case.act("dispatch", by="crr-agent", unit="courier-north")
    await answered(case)
    await case.act("propose", by="crr-agent", options=[SORRY])
    assert (await case.read())["step"] == "approve_jointly"
    assert await case.told("approval_needed", to="crr-supervisor")
    await case.act("approve", by="crr-supervisor", approval="customer_service")
    assert (await case.read())["step"] == "approve_jointly"
    assert not await case.messages("proposal", to="customer")
    await case.act("approve", by="crr-north-head", approval="operations")
    assert (await case.read())["step"] == "decide"


@pytest.mark.rule("CRR-8")
async def test_the_customer_hears_result_grounds_amount_and_arrival_before_the_promised_time(
    site: Site,
) -> None:
    case = await answered(await dispatched(site))
    assert await case.within("result", "5wd")
    await case.act("propose", by="crr-agent", **cash("80.00"), grounds="Photos show a broken vase.")
    await case.act("approve", by="crr-approver")
    told = await case.told("proposal", to="customer")
    for part in ("We pay for the vase", "80.00 CNY", "Photos show a broken vase.", BY["arrives_by"]):
        assert part in told
    assert (await case.clock("result"))["state"] == "met"


@pytest.mark.rule("CRR-8")
async def test_a_result_that_is_late_reaches_owner_head_and_supervisor(site: Site) -> None:
    case = await answered(await dispatched(site))
    assert (await case.pass_clock("result"))["state"] == "breached"
    assert await case.told("escalated", to="crr-agent")
    await case.pass_time("1wd")
    assert await case.told("escalated", to="crr-supervisor")


@pytest.mark.rule("CRR-9")
async def test_a_refusal_records_the_new_demand_and_is_verified_again_then_above(site: Site) -> None:
    case = await answered(await dispatched(site))
    await case.act("propose", by="crr-agent", options=[SORRY])
    await case.customer("reject", reason="Words mend nothing", demand="A new vase")
    assert (await case.facts("customer_rejected"))[-1]["demand"] == "A new vase"
    seen = await case.read()
    assert (seen["round"], seen["step"]) == (2, "handle")
    assert [order["unit"] for order in seen["orders"]] == ["courier-north", "courier-north"]
    await answered(case, "2")
    await case.act("propose", by="crr-agent", options=[SORRY])
    await case.customer("reject", reason="Again only words", demand="A new vase")
    seen = await case.read()
    assert (seen["round"], seen["orders"][-1]["unit"]) == (3, "courier-hq")
    assert "Again only words" in await case.told("third_round", to="crr-supervisor")
    assert not seen["closing_reason"]


@pytest.mark.rule("CRR-10")
async def test_only_a_supervisor_holds_to_a_position_and_says_why(site: Site) -> None:
    case = await answered(await dispatched(site))
    await case.act("propose", by="crr-agent", options=[SORRY])
    why = {"reason": "principle_held", "note": "Explained twice; the value was not declared."}
    await case.refused("close", by="crr-agent", code="not_your_role", **why)
    await case.refused("close", by="crr-supervisor", code="missing", reason="principle_held")
    await case.refused("close", by="crr-supervisor", code="no_such_reason", reason="too_expensive")
    await case.act("close", by="crr-supervisor", **why)
    assert (await case.read())["closing_reason"] == "principle_held"
    assert (await case.facts("closed"))[-1]["note"] == why["note"]
    assert "our position stands" in await case.told("closed", to="customer")


@pytest.mark.rule("CRR-11")
async def test_a_closed_case_is_archived_under_a_number_at_headquarters_and_at_the_unit(site: Site) -> None:
    cases = []
    for _ in range(2):
        case = await answered(await dispatched(site))
        await case.act("propose", by="crr-agent", options=[SORRY])
        await case.customer("accept", option="1")
        assert (await case.read())["archive"] == []
        await case.act("record_callback", by="crr-callback", outcome="satisfied", score=9)
        cases.append(case)
    first, second = [{n["keeper"]: n for n in (await case.read())["archive"]} for case in cases]
    assert set(first) == {"organisation", "unit:courier-north"}
    for keeper in first:
        assert second[keeper]["number"] == first[keeper]["number"] + 1
    kept = await archive(site, "crr-north", keeper="unit:courier-north")
    assert {case.ref for case in cases} <= {line["ref"] for line in kept}
    refused = await site.as_("crr-north").get("/archive", params={"keeper": "unit:courier-south"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_unit")
    customer = (await cases[0].read())["customer"]["id"]
    history = await site.as_("crr-agent").get(f"/customers/{customer}/complaints", params={"limit": 200})
    assert {case.ref for case in cases} <= {line["ref"] for line in history.json()["items"]}
    # Record, verification, plan, communication and feedback stay together under the number.
    kinds = await cases[0].kinds()
    assert {"opened", "order_answered", "proposed", "customer_accepted", "callback_made"} <= set(kinds)
    assert {one["template"] for one in await cases[0].messages(to="customer")} >= {"opened", "proposal"}
    # Opened and closed again, it keeps its number.
    await cases[0].customer("reopen", reason="The vase is not whole")
    await cases[0].customer("withdraw", reason="It is, I was wrong")
    assert {n["keeper"]: n for n in (await cases[0].read())["archive"]} == first


async def archive(site: Site, by: str, **query: Any) -> list[dict[str, Any]]:
    """All lines of an archive, page after page."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        answer = await site.as_(by).get("/archive", params={**query, "limit": 100, "after": after})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        after = answer.json()["after"]
        if not after:
            return found
