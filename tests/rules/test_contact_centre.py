"""The contact centre's rules through the real system: CTR-1 to CTR-7, and extortion (CON-3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.site import Case, Site

FORM = {"key_words": "smells burnt, third time", "demand": "A new kettle", "emotion": "angry"}
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 24
PDF = b"%PDF-1.4\n%batch record\n"
CAUSE = {"cause": "product", "impact": "several"}


async def opened(site: Site, **facts: str) -> Case:
    return await site.open("contact-centre", by="ctr-agent", facts=facts, form=FORM)


async def file(case: Case, by: str, content: bytes, kind: str) -> str:
    """Add a file as evidence of a kind; its id."""
    answer = await case.site.as_(by).post(
        f"/complaints/{case.ref}/attachments", files={"file": ("file", content)}, data={"evidence": kind}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def accepted(site: Site, **facts: str) -> Case:
    case = await opened(site, **facts)
    answers = {"restated": "The kettle smells burnt, and you want a new one", "confirmed": "true"}
    await case.act("finish_task", by="ctr-agent", outcome="accepted", answers=answers)
    return case


async def assessed(site: Site, **found: str) -> Case:
    """A price complaint, which needs no evidence, verified and assessed."""
    case = await accepted(site, category="price")
    await case.act("answer_order", by="ctr-sales", order="1", result="The contract says so", answers={})
    await case.act("finish_task", by="ctr-agent", outcome="assessed", answers={**CAUSE, **found})
    return case


def offer(kind: str = "compensation", amount: str = "", text: str = "We make up for it") -> dict[str, Any]:
    money = {"amount": amount, "currency": "CNY"} if amount else {}
    return {"options": [{"text": text, "remedies": [{"type": kind, **money}]}]}


async def decided(site: Site, kind: str = "compensation", amount: str = "100.00") -> Case:
    """A case whose customer accepted what the agent could promise alone."""
    case = await assessed(site)
    await case.act("propose", by="ctr-agent", **offer(kind, amount))
    await case.customer("accept", option="1")
    return case


@pytest.mark.rule("CTR-1")
@pytest.mark.parametrize("missing", FORM)
async def test_intake_records_key_words_demand_and_mood(site: Site, missing: str) -> None:
    body = {"procedure": "contact-centre", "channel": "hotline", "customer": {"name": "Wang Fang"}}
    form = {name: value for name, value in FORM.items() if name != missing}
    answer = await site.as_("ctr-agent").post("/complaints", json={**body, "form": form})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {f"form.{missing}"})


@pytest.mark.rule("CTR-1")
async def test_the_agent_restates_and_confirms_that_it_is_accepted(site: Site) -> None:
    case = await opened(site, category="price")
    assert await case.within("acceptance", "30wm")
    refused = await case.refused("finish_task", by="ctr-agent", code="form", outcome="accepted")
    assert set(refused["fields"]) == {"restated", "confirmed"}
    assert (await case.read())["orders"] == []
    answers = {"restated": "You were charged twice", "confirmed": "true"}
    await case.act("finish_task", by="ctr-agent", outcome="accepted", answers=answers)
    assert "accepted" in await case.told("accepted", to="customer")
    assert [order["unit"] for order in (await case.read())["orders"]] == ["ctr-sales"]


@pytest.mark.rule("CTR-2")
@pytest.mark.parametrize(
    ("category", "units"),
    [
        ("quality", ["ctr-product", "ctr-technical"]),
        ("technical", ["ctr-technical"]),
        ("delivery", ["ctr-logistics"]),
        ("service", ["ctr-sales"]),
    ],
)
async def test_it_is_verified_with_the_departments_concerned(
    site: Site, category: str, units: list[str]
) -> None:
    case = await accepted(site, category=category)
    assert [order["unit"] for order in (await case.read())["orders"]] == units
    for unit in units:
        assert await case.told("dispatched", to=unit)
    assert await case.within("verification", "3wd" if category == "quality" else "1wd")


@pytest.mark.rule("CTR-2")
async def test_quality_is_proved_by_a_batch_record_and_both_departments_answer(site: Site) -> None:
    case = await accepted(site, category="quality")
    answer = {"order": "1", "result": "The whole batch has it"}
    refused = await case.refused("answer_order", by="ctr-product", code="form", **answer)
    assert set(refused["fields"]) == {"batch"}
    recording = await file(case, "ctr-product", WAV, "recording")
    await case.refused("answer_order", by="ctr-product", code="form", **answer, answers={"batch": recording})
    batch = await file(case, "ctr-product", PDF, "batch_record")
    await case.act("answer_order", by="ctr-product", **answer, answers={"batch": batch})
    assert (await case.read())["step"] == "verify"
    await case.act("answer_order", by="ctr-technical", order="2", result="A bad thermostat")
    assert (await case.read())["step"] == "assess"


@pytest.mark.rule("CTR-2")
async def test_service_is_proved_by_the_recording(site: Site) -> None:
    case = await accepted(site, category="service")
    answer = {"order": "1", "result": "He was short with her"}
    refused = await case.refused("answer_order", by="ctr-sales", code="form", **answer)
    assert set(refused["fields"]) == {"recording"}
    recording = await file(case, "ctr-sales", WAV, "recording")
    await case.act("answer_order", by="ctr-sales", **answer, answers={"recording": recording})
    assert (await case.read())["step"] == "assess"


@pytest.mark.rule("CTR-3")
async def test_cause_and_impact_are_assessed_before_anything_is_proposed(site: Site) -> None:
    case = await accepted(site, category="price")
    await case.act("answer_order", by="ctr-sales", order="1", result="The contract says so")
    await case.refused("propose", by="ctr-agent", code="not_verified", **offer("apology"))
    refused = await case.refused("finish_task", by="ctr-agent", code="form", outcome="assessed")
    assert set(refused["fields"]) == {"cause", "impact"}
    other = {"cause": "the weather", "impact": "one"}
    refused = await case.refused(
        "finish_task", by="ctr-agent", code="form", outcome="assessed", answers=other
    )
    assert refused["fields"]["cause"] == "one of customer_operation, product, process_gap, force_majeure"
    await case.act(
        "finish_task", by="ctr-agent", outcome="assessed", answers={"cause": "process_gap", "impact": "many"}
    )
    assert (await case.read())["major"]
    assert "Impact: Many customers" in await case.told("major", to="ctr-supervisor")


@pytest.mark.rule("CTR-4")
async def test_within_the_agents_authority_it_is_settled_at_once(site: Site) -> None:
    case = await assessed(site)
    await case.act("propose", by="ctr-agent", **offer("refund", "200.00"))
    assert (await case.read())["step"] == "decide"
    assert await case.told("proposal", to="customer")
    assert not await case.messages("approval_needed")


LEVELS = ("ctr-leader", "ctr-manager", "ctr-director")


@pytest.mark.rule("CTR-4")
@pytest.mark.parametrize(
    ("kind", "amount", "levels"),
    [
        ("refund", "200.01", 1),
        ("replacement", "", 1),
        ("refund", "2000.01", 2),
        ("refund", "20000.01", 3),
    ],
)
async def test_beyond_it_the_demand_is_reported_level_by_level(
    site: Site, kind: str, amount: str, levels: int
) -> None:
    case = await assessed(site)
    await case.act("propose", by="ctr-agent", **offer(kind, amount))
    for number, person in enumerate(LEVELS[:levels]):
        assert (await case.read())["step"] == "authorise"
        assert not await case.messages("proposal")
        assert len(await case.messages("approval_needed")) == number + 1
        assert await case.told("approval_needed", to=person)
        for other in LEVELS:
            if other != person:
                await case.refused("approve", by=other, code="not_your_role")
        await case.act("approve", by=person)
    assert (await case.read())["step"] == "decide"
    assert await case.told("proposal", to="customer")


@pytest.mark.rule("CTR-4")
async def test_when_a_level_is_late_the_one_above_may_decide(site: Site) -> None:
    case = await assessed(site)
    await case.act("propose", by="ctr-agent", **offer("refund", "300.00"))
    await case.refused("approve", by="ctr-manager", code="not_your_role")
    assert await case.within("first_level", "2wh")
    await case.pass_clock("first_level")
    assert await case.told("escalated", to="ctr-manager")
    await case.act("approve", by="ctr-manager")
    assert [fact["substitute"] for fact in await case.facts("approved")] == [True]
    assert (await case.read())["step"] == "decide"


@pytest.mark.rule("CTR-5")
@pytest.mark.parametrize(
    "kind",
    ["apology", "explanation", "repair", "replacement", "refund", "compensation", "upgrade", "improvement"],
)
async def test_every_remedy_can_be_promised_and_no_other(site: Site, kind: str) -> None:
    case = await assessed(site)
    await case.refused("propose", by="ctr-agent", code="no_such_remedy", **offer("gift"))
    await case.act("propose", by="ctr-agent", **offer(kind, "10.00" if kind == "refund" else ""))
    if kind in ("replacement", "upgrade"):
        await case.act("approve", by="ctr-leader")
    await case.customer("accept", option="1")
    to_be_kept = kind not in ("apology", "explanation")
    assert (await case.read())["step"] == ("fulfil" if to_be_kept else "callback")


@pytest.mark.rule("CTR-6")
async def test_in_every_round_of_the_negotiation_the_limits_of_authority_hold(site: Site) -> None:
    case = await assessed(site)
    await case.act("propose", by="ctr-agent", **offer("compensation", "100.00"))
    await case.customer("reject", reason="Too little", demand="2,500")
    assert (await case.read())["step"] == "propose"
    assert await case.within("proposal", "4wh")
    await case.act("propose", by="ctr-agent", **offer("compensation", "2500.00"))
    assert (await case.portal())["options"] == []  # nothing beyond is promised away
    assert len(await case.messages("proposal")) == 1
    await case.act("approve", by="ctr-leader", note="I support it")
    assert (await case.portal())["options"] == []
    await case.refused("approve", by="ctr-leader", code="not_your_role")
    await case.act("refuse_approval", by="ctr-manager", reason="At most 1,500")
    assert "At most 1,500" in await case.told("instructed", to="ctr-agent")
    await case.act("propose", by="ctr-agent", **offer("compensation", "1500.00", "1,500 at once"))
    await case.act("approve", by="ctr-leader")
    assert "1,500 at once" in await case.told("proposal", to="customer")
    for _ in range(2):
        await case.customer("reject", reason="Still too little", demand="2,500")
        await case.act("propose", by="ctr-agent", **offer("apology"))
    assert "Still too little" in await case.told("negotiation", to="ctr-leader")


@pytest.mark.rule("CTR-7")
async def test_promises_are_kept_checked_called_back_and_learnt_from(site: Site) -> None:
    case = await decided(site)
    assert "We make up for it" in await case.told("promise_made", to="ctr-agent")
    assert await case.within("fulfilment", "3wd")
    await case.act("fulfil", by="ctr-agent", note="Transferred")
    await case.settled()
    assert ("compensation", "100.00 CNY") in [(line[0], line[3]) for line in await case.ledger()]
    await case.refused(
        "finish_task", by="ctr-agent", code="not_your_role", outcome="kept", answers={"seen": "Yes"}
    )
    await case.act("finish_task", by="ctr-leader", outcome="not_kept", answers={"seen": "Not on the account"})
    assert (await case.read())["step"] == "fulfil"
    await case.act("fulfil", by="ctr-agent", note="Transferred, with the receipt")
    await case.settled()
    await case.act("finish_task", by="ctr-leader", outcome="kept", answers={"seen": "On the account"})
    assert len([line for line in await case.ledger() if line[0] == "compensation"]) == 1
    await case.pass_callback()
    assert [row["ref"] for row in (await site.as_("ctr-callback").get("/callbacks")).json()].count(case.ref)
    await case.act("record_callback", by="ctr-callback", outcome="satisfied", score=8)
    assert await case.within("experience", "2wd")
    await case.refused("finish_task", by="ctr-agent", code="form", outcome="recorded")
    await case.act(
        "finish_task", by="ctr-agent", outcome="recorded", answers={"lesson": "Ask for the account first"}
    )
    assert (await case.read())["closing_reason"] == "satisfied"
    entry = {
        "procedure": "contact-centre",
        "about": {"category": "price"},
        "title": {"en": "Charged twice", "zh": "重复扣费"},
        "content": {"en": "Ask for the account first", "zh": "先核对账户"},
        "from_ref": case.ref,
    }
    assert (await site.as_("ctr-agent").post("/knowledge", json=entry)).status_code == 201
    again = await opened(site, category="price")  # whoever takes the next call has it at hand
    known = (await again.read(by="ctr-agent"))["knowledge"]
    assert case.ref in [one["from_ref"] for one in known]


@pytest.mark.rule("CTR-7")
async def test_a_promise_that_is_not_kept_in_time_reaches_the_shift_leader(site: Site) -> None:
    case = await decided(site)
    await case.pass_clock("fulfilment")
    assert await case.told("escalated", to="ctr-leader")
    assert await case.told("escalated", to="ctr-supervisor")


@pytest.mark.rule("CON-3")
async def test_extortion_is_flagged_with_its_recording_and_others_may_decide(site: Site) -> None:
    case = await assessed(site)
    threat = {"flag": "extortion", "note": "50,000 or it goes online"}
    refused = await case.refused("flag", by="ctr-agent", code="missing", **threat)
    assert "recording" in refused["fields"]["attachments"]
    record = await file(case, "ctr-agent", PDF, "document")
    await case.refused("flag", by="ctr-agent", code="missing", **threat, attachments=[record])
    other = await opened(site)
    foreign = await file(other, "ctr-agent", WAV, "recording")
    await case.refused("flag", by="ctr-agent", code="no_such_file", **threat, attachments=[foreign])
    recording = await file(case, "ctr-agent", WAV, "recording")
    await case.act("flag", by="ctr-agent", **threat, attachments=[recording])
    await case.act("propose", by="ctr-agent", **offer("apology", text="An apology in writing"))
    letter = await case.told("position", to="customer")
    assert "An apology in writing" in letter
    assert "Consumer association 12315" in letter
    assert "Market regulation authority 12345" in letter
    await case.act(
        "close", by="ctr-supervisor", reason="referred", note="No basis in fact", way="consumer_association"
    )
    assert "Consumer association 12315" in await case.told("closed", to="customer")
