"""The courier's rules through the real system: CRR-1 to CRR-11."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.site import Case, Site

FORM = {"waybill": "SF1234567890", "goods": "A vase", "demand": "Find it or pay for it"}
VERIFIED = {"responsibility": "company", "degree": "full"}


async def opened(site: Site, form: dict[str, Any] | None = None, **facts: str) -> Case:
    return await site.open("courier", by="crr-agent", facts=facts, form=form or FORM, unit="courier-north")


async def dispatched(site: Site, **facts: str) -> Case:
    case = await opened(site, **facts)
    await case.act("dispatch", by="crr-agent", unit="courier-north")
    return case


@pytest.mark.rule("CRR-4")
async def test_the_customer_is_told_at_once_that_it_was_accepted(site: Site) -> None:
    case = await opened(site)
    assert case.ref in await case.told("opened", to="customer")


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
