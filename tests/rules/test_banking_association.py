"""The banking association's rules on a complaint's way through the real system: BNK-1 to BNK-7, BNK-12."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rules.banking import (
    AGENT,
    BANK,
    BANK_B,
    BRANCH,
    BRANCH_HEAD,
    LEADER,
    SUPERVISOR,
    offer,
    opened,
    order_for,
    passed_on,
    settled,
    verified,
    worksheet,
)
from tests.rules.site import WATCHER, Site

ANSWER = {"order": "1", "result": "We looked", "answers": {"finding": "confirmed", "cause": "A mistake"}}


@pytest.mark.rule("BNK-1")
async def test_the_customer_sees_branch_bank_and_association_in_this_order(site: Site) -> None:
    case = await opened(site)
    ladder = (await case.portal())["contacts"]
    assert [one["unit"] for one in ladder] == ["bnk-east-plaza", "bnk-east", "bnk-association"]
    assert [one["published"]["phone"] for one in ladder] == [
        "+86 21 5555 0110",
        "+86 21 5555 0100",
        "+86 21 5555 0001",
    ]


@pytest.mark.rule("BNK-2")
async def test_b_receives_when_a_is_absent(site: Site) -> None:
    case = await passed_on(site)
    assert await case.told("dispatched", to=BANK)
    assert not await case.messages("dispatched", to=BANK_B)
    now = datetime.now(UTC)
    away = {
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(days=3)).isoformat(),
    }
    noted = await site.as_(WATCHER).post(f"/people/{BANK}/absences", json=away)
    assert noted.status_code == 200, noted.text
    try:
        other = await passed_on(site)
        assert await other.told("dispatched", to=BANK_B)
        assert not await other.messages("dispatched", to=BANK)
        await other.act("take_order", by=BANK_B, order="1")
    finally:
        back = await site.as_(WATCHER).post(f"/people/{BANK}/absences/end", json={})
        assert back.status_code == 200, back.text


@pytest.mark.rule("BNK-2")
async def test_what_nobody_takes_is_told_the_leader(site: Site) -> None:
    case = await passed_on(site)
    assert await case.within("take", "1wd")
    assert (await case.pass_clock("take"))["state"] == "breached"
    assert await case.told("escalated", to=LEADER)
    assert not await case.messages("escalated", to="bnk-west-leader")


@pytest.mark.rule("BNK-3")
async def test_the_worksheet_asks_for_facts_branch_person_and_customer(site: Site) -> None:
    body = {
        "procedure": "banking-association",
        "channel": "hotline",
        "form": {"employee": "bnk-plaza-teller"},
    }
    answer = await site.as_(AGENT).post("/complaints", json=body)
    assert answer.status_code == 422, answer.text
    assert set(answer.json()["fields"]) >= {"form.branch", "form.happened_on", "form.demand"}
    nowhere = {**body, "form": worksheet(branch="bnk-nowhere")}
    answer = await site.as_(AGENT).post("/complaints", json=nowhere)
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"form.branch"})

    case = await opened(
        site, form={"employee": "bnk-plaza-teller", "place": "Counter 3", "id_number": "310-1"}
    )
    found = await case.read()
    assert found["unit"] == "bnk-east-plaza"
    assert found["form"]["place"] == "Counter 3"
    assert found["customer"]["phone"].startswith("+86216666")
    assert (await case.read(by=SUPERVISOR))["form"]["id_number"] == "310-1"


@pytest.mark.rule("BNK-3", "MFG-7")
async def test_the_person_complained_of_cannot_see_it(site: Site) -> None:
    case = await verified(site, form={"employee": "bnk-plaza-teller"})
    assert (await site.as_(BRANCH).get(f"/complaints/{case.ref}")).status_code == 200
    assert (await site.as_("bnk-plaza-teller").get(f"/complaints/{case.ref}")).status_code == 404


@pytest.mark.rule("BNK-4")
async def test_a_valid_complaint_reaches_the_member_within_two_working_days_and_is_tracked(
    site: Site,
) -> None:
    late = await opened(site)
    assert await late.within("passing_on", "2wd")
    await late.refused("dispatch", by=AGENT, code="wrong_step", unit="bnk-east")
    assert (await late.pass_clock("passing_on"))["state"] == "breached"
    assert await late.told("escalated", to=SUPERVISOR)

    case = await passed_on(site)
    order = await order_for(case, "verification")
    assert (order["unit"], order["state"]) == ("bnk-east", "dispatched")
    assert (await case.clock("passing_on"))["state"] == "met"
    assert (await case.read())["facts"]["validity"] == "valid"
    assert (await case.read(by=BANK))["owner"] == f"person:{AGENT}"


@pytest.mark.rule("BNK-4")
async def test_what_is_not_valid_is_explained_and_can_be_contested(site: Site) -> None:
    case = await opened(site)
    missing = await case.refused("finish_task", by=AGENT, code="form", outcome="not_valid")
    assert set(missing["fields"]) == {"grounds"}
    answers = {"grounds": "It is about a shop, not about a bank"}
    await case.act("finish_task", by=AGENT, outcome="not_valid", answers=answers)
    assert "not a complaint the association can pass on" in await case.told("closed", to="customer")
    found = await case.read()
    assert (found["status"], found["orders"]) == ("closed", [])
    await case.customer("reopen", reason="It is about the bank's own counter there")
    assert (await case.read())["status"] == "handling"


@pytest.mark.rule("BNK-5")
async def test_the_member_verifies_within_two_and_reports_within_five_working_days(
    site: Site,
) -> None:
    case = await passed_on(site)
    received = (await order_for(case, "verification"))["at"]
    for rule, limit in (("verification", "2wd"), ("report", "5wd")):
        assert (await case.clock(rule))["started_at"] == received
        assert await case.within(rule, limit)
    answers = {"finding": "confirmed"}
    problem = await case.refused(
        "answer_order", by=BANK, code="form", order="1", result="Yes", answers=answers
    )
    assert set(problem["fields"]) == {"cause"}
    await case.refused("answer_order", by="bnk-west-a", code="not_found", **ANSWER)
    await case.act("answer_order", by=BANK, **ANSWER)
    assert (await case.clock("verification"))["state"] == "met"
    report = await order_for(case, "report")
    assert report["unit"] == "bnk-east"
    await case.act(
        "answer_order", by=BANK, order=report["id"], result="The fee goes back", outcome="reported"
    )
    assert (await case.clock("report"))["state"] == "met"
    assert "The fee goes back" in await case.told("reported", to=AGENT)


@pytest.mark.rule("BNK-5")
async def test_a_member_that_is_late_is_noticed(site: Site) -> None:
    case = await passed_on(site)
    await case.act("take_order", by=BANK, order="1")
    assert (await case.pass_clock("verification"))["state"] == "breached"
    assert await case.told("escalated", to=LEADER)
    assert (await case.pass_clock("report"))["state"] == "breached"
    assert await case.told("escalated", to=SUPERVISOR)


@pytest.mark.rule("BNK-6")
async def test_the_branch_answers_the_customer_within_three_working_days(site: Site) -> None:
    case = await verified(site)
    order = await order_for(case, "handle")
    assert order["unit"] == "bnk-east-plaza"
    clock = await case.clock("answer")
    assert clock["started_at"] == order["at"]
    assert await case.within("answer", "3wd")
    await case.act("answer_order", by=BRANCH, order=order["id"], result="The fee goes back", outcome="final")
    assert (await case.clock("answer"))["state"] == "running"
    await case.act("propose", by=BRANCH, **offer())
    assert (await case.clock("answer"))["state"] == "met"
    assert "The fee goes back" in await case.told("proposal", to="customer")

    late = await verified(site)
    assert (await late.pass_clock("answer"))["state"] == "breached"
    assert await late.told("escalated", to=BRANCH_HEAD)


@pytest.mark.rule("BNK-6")
async def test_a_promised_next_reply_is_a_deadline_of_its_own(site: Site) -> None:
    case = await verified(site)
    until = await case.now() + timedelta(days=6)
    past = (until - timedelta(days=30)).isoformat()
    await case.refused("promise_reply", by=BRANCH, code="in_the_past", until=past)
    await case.act("promise_reply", by=BRANCH, until=until.isoformat(), text="The vault is being searched")
    assert (await case.clock("answer"))["state"] == "met"
    promise = await case.clock("promise")
    assert datetime.fromisoformat(promise["due_at"]) == until
    assert "The vault is being searched" in await case.told("informed", to="customer")
    assert "The vault is being searched" in await case.told("progress", to=LEADER)
    assert (await case.pass_clock("promise"))["state"] == "breached"
    assert await case.told("promise_broken", to=BRANCH_HEAD)
    assert await case.told("promise_broken", to=LEADER)


@pytest.mark.rule("BNK-7")
async def test_a_demand_beyond_the_branch_head_goes_up_one_level_at_once(site: Site) -> None:
    beyond = await verified(site, form={"demanded": "5000.01"})
    assert (await order_for(beyond, "handle"))["unit"] == "bnk-east"
    within = await verified(site, form={"demanded": "5000.00"})
    assert [o["unit"] for o in (await within.read())["orders"] if o["purpose"] == "handle"] == [
        "bnk-east-plaza"
    ]

    order = await order_for(within, "handle")
    said = {"order": order["id"], "result": "We may not decide that", "outcome": "beyond"}
    await within.act("answer_order", by=BRANCH, **said)
    found = await order_for(within, "handle")
    assert (found["unit"], found["state"], found["note"]) == (
        "bnk-east",
        "dispatched",
        "We may not decide that",
    )
    assert await within.told("dispatched", to=BANK)


@pytest.mark.rule("BNK-7")
async def test_an_offer_beyond_authority_needs_the_next_level(site: Site) -> None:
    case = await settled(site)
    await case.act("propose", by=BRANCH, **offer(amount="5000.01"))
    assert (await case.read())["step"] == "approve"
    assert not await case.messages("proposal", to="customer")
    assert await case.within("authority", "1wd")
    assert await case.told("approval_needed", to=LEADER)
    assert not await case.messages("approval_needed", to="bnk-west-leader")
    await case.refused("approve", by=BRANCH_HEAD, code="not_your_role")
    await case.refused("approve", by="bnk-west-leader", code="not_found")
    await case.act("approve", by=LEADER)
    assert await case.told("proposal", to="customer")

    small = await settled(site)
    await small.act("propose", by=BRANCH, **offer(amount="500.00"))
    assert (await small.read())["step"] == "decide"
    middle = await settled(site)
    await middle.act("propose", by=BRANCH, **offer(amount="500.01"))
    assert await middle.told("approval_needed", to=BRANCH_HEAD)
    assert not await middle.messages("approval_needed", to=LEADER)
    await middle.act("approve", by=BRANCH_HEAD)
    assert (await middle.read())["step"] == "decide"


@pytest.mark.rule("BNK-12")
async def test_every_complaint_is_archived_at_the_association_and_at_the_member(site: Site) -> None:
    case = await settled(site)
    await case.act("propose", by=BRANCH, **offer())
    await case.customer("accept", option="1")
    assert (await case.read())["archive"] == []
    await case.act("finish_task", by=AGENT, outcome="reviewed", answers={"conclusion": "Done well"})
    kept = {one["keeper"]: one["number"] for one in (await case.read())["archive"]}
    assert set(kept) == {"organisation", "unit:bnk-east"}

    async def refs(by: str, keeper: str) -> list[str]:
        answer = await site.as_(by).get(
            "/archive", params={"keeper": keeper, "procedure": "banking-association", "limit": 200}
        )
        assert answer.status_code == 200, answer.text
        return [one["ref"] for one in answer.json()["items"]]

    assert case.ref in await refs(AGENT, "organisation")
    assert case.ref in await refs(LEADER, "unit:bnk-east")
    others = await site.as_("bnk-west-leader").get("/archive", params={"keeper": "unit:bnk-east"})
    assert others.status_code in (403, 404)
