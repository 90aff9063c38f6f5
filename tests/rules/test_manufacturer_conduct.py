"""The manufacturer's rules through the real system: conduct of staff, disputes, minor and serious ones."""

from __future__ import annotations

import pytest

from tests.rules.site import Site
from tests.rules.test_manufacturer import TOLD, offer, registered


@pytest.mark.rule("MFG-7")
async def test_the_superior_investigates_and_the_person_complained_of_neither_sees_nor_handles_it(
    site: Site,
) -> None:
    case = await registered(site, {"employee": "mfg-east-sales"}, unit="", category="conduct")
    read = await case.read()
    assert (read["unit"], [order["unit"] for order in read["orders"]]) == ("mfg-east", ["mfg-sales"])
    assert await case.within("investigation", "3wd")
    person = site.as_("mfg-east-sales")
    for path in ("", "/events", "/messages", "/attachments", "/events/stream"):
        assert (await person.get(f"/complaints/{case.ref}{path}")).status_code == 404
    for path in ("/complaints", "/orders?state=all", "/messages/inbox", "/approvals"):
        assert case.ref not in (await person.get(path)).text
    await case.refused("add_note", by="mfg-east-sales", code="not_found", text="It was not me")
    await case.refused(
        "assign_owner", by="mfg-agent", code="conflict_of_interest", owner="person:mfg-east-sales"
    )
    found = {"findings": "Rude on the telephone, twice"}
    await case.refused(
        "answer_order", by="mfg-east-head", code="not_found", order="1", result="My team", answers=found
    )
    await case.act("answer_order", by="mfg-sales-head", order="1", result="It is so", answers=found)
    await case.act(
        "propose", by="mfg-sales-head", **offer("warning", text="We apologise; the employee is warned")
    )
    assert (await case.read())["step"] == "inform"


@pytest.mark.rule("MFG-7")
async def test_beyond_the_superiors_authority_the_vice_president_decides_and_the_direct_superior_is_told(
    site: Site,
) -> None:
    case = await registered(site, {"employee": "mfg-east-sales"}, unit="", category="conduct")
    found = {"findings": "He took money"}
    await case.act("answer_order", by="mfg-sales-head", order="1", result="It is so", answers=found)
    await case.act(
        "propose", by="mfg-sales-head", **offer("dismissal", text="He does not work here any more")
    )
    assert (await case.read())["step"] == "approve"
    await case.refused("approve", by="mfg-sales-head", code="not_your_role", approval="agree")
    await case.act("approve", by="mfg-vice-president", approval="agree")
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    await case.customer("accept", option="1")
    assert not await case.messages("outcome_known")
    await case.act("fulfil", by="mfg-sales-head", note="done")
    assert "does not work here" in await case.told("outcome_known", to="mfg-east-head")
    assert "mfg-east-sales" not in {one["recipient"] for one in await case.messages(channel="")}


@pytest.mark.rule("MFG-7")
async def test_where_the_head_is_complained_of_the_head_above_is_the_direct_superior(site: Site) -> None:
    case = await registered(site, {"employee": "mfg-east-head"}, unit="", category="conduct")
    await case.act("withdraw", by="mfg-agent", reason="settled between us")
    assert await case.told("outcome_known", to="mfg-sales-head")
    assert not await case.messages("outcome_known", to="mfg-east-head")


@pytest.mark.rule("MFG-16")
@pytest.mark.parametrize("category", ["service", "conduct"])
async def test_in_dispute_about_service_or_staff_headquarters_rules_and_that_is_final(
    site: Site, category: str
) -> None:
    form = {"employee": "mfg-east-sales"} if category == "conduct" else {}
    case = await registered(site, form, category=category, entrance="headquarters")
    assert (await case.read())["step"] == "ruling"
    assert await case.told("for_ruling", to="mfg-general")
    ruling = {"outcome": "ruled", "answers": {"grounds": "The region was right"}}
    await case.refused("finish_task", by="mfg-vice-president", code="not_your_role", **ruling)
    await case.act("finish_task", by="mfg-general", **ruling)
    assert (await case.read())["closing_reason"] == "ruled"
    await case.refused("reopen", by="mfg-agent", code="final", reason="I disagree")


@pytest.mark.rule("MFG-16")
async def test_a_customer_who_rejects_may_still_go_straight_to_headquarters(site: Site) -> None:
    case = await registered(site)
    await case.act("answer_order", by="mfg-east-sales", order="1", result="As agreed", outcome="own")
    await case.act("propose", by="mfg-east-sales", **offer())
    await case.act("classify", by="mfg-agent", facts={"entrance": "headquarters"}, note="disputes it")
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    await case.customer("reject", reason="Not enough", demand="Headquarters shall say")
    assert (await case.read())["step"] == "ruling"


@pytest.mark.rule("MFG-17")
async def test_minor_ones_are_settled_on_the_spot_recorded_and_not_dispatched(site: Site) -> None:
    case = await registered(site, content="packaging", severity="minor")
    assert (await case.read())["step"] == "on_the_spot"
    await case.refused("finish_task", by="mfg-agent", code="form", outcome="settled", answers={})
    done = {"outcome": "settled", "answers": {"settlement": "A new carton was handed over"}}
    await case.act("finish_task", by="mfg-agent", **done)
    read = await case.read()
    assert (read["closing_reason"], read["orders"]) == ("settled_on_the_spot", [])
    assert read["facts"]["content"] == "packaging"
    answer = await site.as_("mfg-agent").post(
        "/complaints",
        json={
            "procedure": "manufacturer",
            "channel": "hotline",
            "facts": {"content": "weather"},
            "form": TOLD,
        },
    )
    assert list(answer.json()["fields"]) == ["facts.content"]


@pytest.mark.rule("MFG-17", "MFG-18")
async def test_a_serious_one_has_a_person_responsible_who_calls_the_departments_and_negotiates(
    site: Site,
) -> None:
    case = await registered(site, severity="serious")
    assert await case.told("name_responsible", to="mfg-general")
    named = {"outcome": "named", "answers": {"responsible": "mfg-logistics"}}
    await case.refused("finish_task", by="mfg-vice-president", code="not_your_role", **named)
    await case.act("finish_task", by="mfg-general", **named)
    called = {
        "outcome": "called",
        "answers": {"first_department": "mfg-production", "second_department": "mfg-quality"},
    }
    await case.refused("finish_task", by="mfg-agent", code="not_your_role", **called)
    await case.act("finish_task", by="mfg-logistics", **called)
    orders = (await case.read())["orders"]
    assert [one["unit"] for one in orders] == ["mfg-production", "mfg-quality"]
    await case.act("answer_order", by="mfg-production", order="1", result="Packed wet")
    assert (await case.read())["step"] == "joint"
    await case.act("answer_order", by="mfg-quality", order="2", result="Cartons too thin")
    await case.refused("propose", by="mfg-agent", code="not_your_role", **offer())
    await case.act("propose", by="mfg-logistics", **offer("compensation", "3000.00"))
    await case.act("approve", by="mfg-general", approval="plan")
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    await case.customer("reject", reason="Too little")
    assert (await case.read())["step"] == "plan"
    await case.act("propose", by="mfg-logistics", **offer("compensation", "5000.00"))
    await case.act("approve", by="mfg-general", approval="plan")
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    await case.customer("accept", option="1")
    assert (await case.read())["step"] == "approve_final"
    await case.refused("fulfil", by="mfg-logistics", code="wrong_step", note="paid")
    await case.act("approve", by="mfg-general", approval="final_plan")
    await case.act("fulfil", by="mfg-logistics", note="paid")
    assert (await case.read())["closing_reason"] == "satisfied"


@pytest.mark.rule("MFG-19")
async def test_everything_is_archived_by_after_sales_and_by_quality(site: Site) -> None:
    case = await registered(site, severity="minor")
    done = {"outcome": "settled", "answers": {"settlement": "Explained"}}
    await case.act("finish_task", by="mfg-agent", **done)
    for reader, keeper in (("mfg-agent", "mfg-aftersales"), ("mfg-quality", "mfg-quality")):
        page = await site.as_(reader).get("/archive", params={"keeper": f"unit:{keeper}", "limit": 200})
        assert page.status_code == 200, page.text
        assert case.ref in [row["ref"] for row in page.json()["items"]]
