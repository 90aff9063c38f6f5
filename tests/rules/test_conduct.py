"""The shared rules of conduct, CON-1 to CON-4, through the real system."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.site import CUSTOMER, Case, Site

FORM = {"waybill": "SF1234567890", "goods": "A vase", "demand": "A car"}
VERIFIED = {"responsibility": "company", "degree": "full"}
PROMISE = {"text": "We pay for the vase", "remedies": [{"type": "apology"}]}
CASH = {"type": "compensation", "amount": "0.01", "currency": "CNY"}
RECORDING = b"ID3\x04\x00\x00\x00\x00\x00\x00 a recording of the call"


async def verified(site: Site, **more: Any) -> Case:
    case = await site.open("courier", by="crr-agent", form=FORM, unit="courier-north", **more)
    await case.act("dispatch", by="crr-agent", unit="courier-north")
    answer = {"order": "1", "result": "It fell off the belt", "answers": VERIFIED}
    await case.act("answer_order", by="crr-north", **answer)
    return case


@pytest.mark.rule("CON-1")
@pytest.mark.parametrize(
    ("language", "thanks", "apology"), [("en", "thank you", "We are sorry"), ("zh", "感谢", "歉")]
)
async def test_customers_read_thanks_and_apology_before_anything_else(
    site: Site, language: str, thanks: str, apology: str
) -> None:
    case = await verified(site, language=language)
    await case.act("inform_customer", by="crr-agent", text="FINDING: it fell off the belt")
    await case.act("propose", by="crr-agent", options=[{**PROMISE, "text": "FINDING: our fault"}])
    await case.customer("reject", reason="Too little")
    await case.customer("withdraw", reason="Enough")
    told = await case.messages(to="customer")
    assert {"opened", "informed", "proposal", "reopened", "closed"} <= {one["template"] for one in told}
    for one in told:
        first, second, *rest = one["body"].split("\n\n")
        assert thanks in first, one
        assert apology in second, one
        assert rest
        assert "FINDING" not in first + second
    assert sum("FINDING" in one["body"] for one in told) == 2


@pytest.mark.rule("CON-2")
async def test_cash_is_offered_only_after_approval_however_little(site: Site) -> None:
    case = await verified(site)
    offers = [PROMISE, {**PROMISE, "remedies": [CASH]}]
    await case.act("propose", by="crr-agent", options=offers, answers={"arrives_by": "2099-01-31"})
    assert (await case.read())["step"] == "approve_cash"
    assert await case.told("approval_needed", to="crr-approver")
    assert not await case.messages("proposal", to="customer")
    await case.refused("approve", by="crr-agent", code="not_your_role")
    await case.refused("accept", by="crr-agent", code="wrong_step", option="2")
    await case.act("approve", by="crr-approver")
    assert "0.01" in await case.told("proposal", to="customer")
    assert (await case.read())["step"] == "decide"


@pytest.mark.rule("CON-2")
async def test_what_costs_nothing_needs_no_approval(site: Site) -> None:
    case = await verified(site)
    await case.act("propose", by="crr-agent", options=[PROMISE])
    assert (await case.read())["step"] == "decide"


@pytest.mark.rule("CON-3")
@pytest.mark.parametrize("flag", ["extortion", "unreasonable"])
async def test_extortion_is_flagged_with_the_recording_and_answered_with_our_position_and_arbitration(
    site: Site, flag: str
) -> None:
    case = await verified(site)
    said = {"flag": flag, "note": "Wants a car for a vase"}
    problem = await case.refused("flag", by="crr-agent", code="missing", **said)
    assert "recording" in problem["fields"]["attachments"]
    letter = await case.attach("letter.txt", b"Pay, or else", by="crr-agent")
    await case.refused("flag", by="crr-agent", code="missing", **said, attachments=[letter])
    recording = await case.attach("call.mp3", RECORDING, by="crr-agent")
    await case.act("flag", by="crr-agent", **said, attachments=[recording])
    assert "Wants a car" in await case.told("unreasonable", to="crr-supervisor")
    await case.act("propose", by="crr-agent", options=[PROMISE])
    if flag == "extortion":  # a major case, which the departments decide together
        await case.act("approve", by="crr-north-head", approval="operations")
        await case.act("approve", by="crr-supervisor", approval="customer_service")
    position = await case.told("position", to="customer")
    assert "We are sorry that we cannot meet all of it" in position
    assert "12305" in position and "12315" in position
    assert not await case.messages("proposal", to="customer")


@pytest.mark.rule("CON-4")
@pytest.mark.parametrize("by", ["crr-agent", "crr-supervisor"])
async def test_nobody_proposes_before_the_facts_are_verified_in_any_round(site: Site, by: str) -> None:
    case = await site.open("courier", by="crr-agent", form=FORM, customer=CUSTOMER, unit="courier-north")
    await case.refused("propose", by=by, code="not_verified", options=[PROMISE])
    await case.act("dispatch", by="crr-agent", unit="courier-north")
    await case.refused("propose", by=by, code="not_verified", options=[PROMISE])
    answer = {"result": "It fell off the belt", "answers": VERIFIED}
    await case.act("answer_order", by="crr-north", order="1", **answer)
    await case.act("propose", by=by, options=[PROMISE])
    await case.customer("reject", reason="Not our fault at all")
    await case.refused("propose", by=by, code="not_verified", options=[PROMISE])
    assert len(await case.messages("proposal", to="customer")) == 1
