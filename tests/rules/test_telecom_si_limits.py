"""The telecom operator's rules through the real system: limits of answers, visits, orders and repairs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rules.site import Site
from tests.rules.test_telecom_si import dispatched, opened


@pytest.mark.rule("TEL-4")
@pytest.mark.parametrize("channel", ["email", "web"])
async def test_a_written_request_is_answered_within_a_working_day(site: Site, channel: str) -> None:
    case = await opened(site, channel=channel)
    assert await case.within("written_reply", "1wd")
    await case.act("inform_customer", by="tel-agent", text="We are looking into it.")
    assert (await case.clock("written_reply"))["state"] == "met"
    assert "We are looking into it." in await case.told("informed", to="customer")


@pytest.mark.rule("TEL-4")
async def test_a_written_request_that_nobody_answers_climbs_and_a_call_needs_no_written_answer(
    site: Site,
) -> None:
    case = await opened(site, channel="email")
    clock = await case.pass_clock("written_reply")
    assert clock["state"] == "breached"
    assert await case.told("escalated", to="tel-supervisor")
    by_phone = await opened(site)
    assert "written_reply" not in [clock["rule"] for clock in (await by_phone.read())["clocks"]]


@pytest.mark.rule("TEL-5")
async def test_somebody_arrives_within_a_day_and_higher_support_within_three(site: Site) -> None:
    case = await opened(site)
    await case.act("dispatch", by="tel-agent", unit="si-alpha", purpose="visit")
    assert await case.within("visit_arrival", "1wd")
    await case.act("make_visit", by="tel-alpha", order="1")
    assert (await case.clock("visit_arrival#1"))["state"] == "met"
    await case.act("answer_order", by="tel-alpha", order="1", result="Not here.", outcome="unsolved")
    second = (await case.read())["orders"][-1]
    assert (second["purpose"], second["unit"]) == ("second_visit", "operator")
    assert await case.within("visit_arrival", "3wd")
    clock = await case.pass_clock("visit_arrival")
    assert clock["state"] == "breached"
    assert await case.told("escalated", to="tel-supervisor")  # who heads the operator


@pytest.mark.rule("TEL-5")
async def test_a_visit_agreed_with_the_customer_is_a_deadline_and_none_lies_in_the_past(site: Site) -> None:
    case = await opened(site)
    await case.act("dispatch", by="tel-agent", unit="si-alpha", purpose="visit")
    now = await case.now()
    yesterday, soon = ((now + timedelta(hours=hours)).isoformat() for hours in (-24, 5))
    await case.refused("agree_visit", by="tel-alpha", code="in_the_past", order="1", at=yesterday)
    await case.act("agree_visit", by="tel-alpha", order="1", at=soon)
    assert await case.told("visit_agreed", to="customer")
    await case.pass_clock("visit")
    assert "visit#1" in [fact["clock"] for fact in await case.facts("clock_breached")]


@pytest.mark.rule("TEL-12")
@pytest.mark.parametrize(
    ("facts", "reply", "solution"),
    [
        ({"severity": "urgent"}, 24, None),
        ({"severity": "difficult"}, 72, None),
        ({"severity": "ordinary"}, 12, 24),
        ({"severity": "urgent", "received_by": "si"}, 12, 24),
    ],
)
async def test_limits_of_integrators(
    site: Site, facts: dict[str, str], reply: int, solution: int | None
) -> None:
    case = await dispatched(site, **facts)
    assert await case.within("reply", f"{reply}h")
    rules = [clock["rule"] for clock in (await case.read())["clocks"]]
    assert ("resolve" in rules) is (solution is not None)
    if solution is not None:
        assert await case.within("resolve", f"{solution}h")
    clock = await case.pass_clock("reply")
    assert clock["state"] == "breached"
    assert await case.told("warned", to="tel-alpha")
    assert await case.told("escalated", to="tel-alpha-head")
    await case.pass_time("1d")
    assert await case.told("escalated", to="tel-supervisor")


@pytest.mark.rule("TEL-13")
@pytest.mark.parametrize(("severity", "hours"), [("general", 12), ("important", 4), ("severe", 2)])
async def test_faults_are_repaired_by_their_class(site: Site, severity: str, hours: int) -> None:
    case = await opened(site, kind="fault", severity=severity, party="operator", matter="network")
    assert await case.within("repair", f"{hours}h")
    clock = await case.pass_clock("repair")
    assert clock["state"] == "breached"
    assert await case.told("escalated", to="tel-network-head")
    repaired = await opened(site, kind="fault", severity=severity, party="operator", matter="network")
    await repaired.act("answer_order", by="tel-network", order="1", result="The card was replaced.")
    assert (await repaired.clock("repair"))["state"] == "met"
