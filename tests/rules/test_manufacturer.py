"""The manufacturer's rules through the real system: registration, and complaints about service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rules.site import Case, Site

TOLD = {
    "facts_told": "The order came ten days late and nobody called",
    "demand": "An explanation and a rebate",
}
PDF = b"%PDF-1.4\n%a document\n"


async def opened(
    site: Site, form: dict[str, Any] | None = None, unit: str = "mfg-east", **facts: str
) -> Case:
    """A complaint that was taken down and not read back yet."""
    more = {"unit": unit} if unit else {}
    return await site.open("manufacturer", by="mfg-agent", facts=facts, form={**TOLD, **(form or {})}, **more)


async def registered(
    site: Site, form: dict[str, Any] | None = None, unit: str = "mfg-east", **facts: str
) -> Case:
    """A complaint whose record was read back and confirmed."""
    case = await opened(site, form, unit, **facts)
    await case.act("finish_task", by="mfg-agent", outcome="confirmed")
    return case


def offer(
    kind: str = "apology", amount: str = "", text: str = "We are sorry and make up for it"
) -> dict[str, Any]:
    money = {"amount": amount, "currency": "CNY"} if amount else {}
    return {"options": [{"text": text, "remedies": [{"type": kind, **money}]}]}


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def instructed(site: Site, **form: str) -> Case:
    """A service complaint across departments whose contact form went to production."""
    case = await registered(site, scope="several")
    await case.act(
        "finish_task",
        by="mfg-vice-president",
        outcome="instructed",
        answers={"instruction": "Production answers"},
    )
    answers = {
        "form_content": "Why was the order late?",
        "department": "mfg-production",
        "reply_by": in_days(6),
        **form,
    }
    await case.act("finish_task", by="mfg-agent", outcome="passed", answers=answers)
    return case


async def answered(site: Site) -> Case:
    """The same once production has checked the form and answered."""
    case = await instructed(site)
    await case.act("answer_order", by="mfg-production", order="1", result="All there", outcome="complete")
    await case.act(
        "answer_order",
        by="mfg-production",
        order="2",
        result="A machine broke",
        answers={"findings": "One week lost"},
    )
    return case


@pytest.mark.rule("MFG-1")
@pytest.mark.parametrize(
    ("category", "step", "unit"),
    [("service", "sales", "mfg-east"), ("conduct", "investigate", "mfg-sales"), ("quality", "explain", "")],
)
async def test_each_category_has_a_route_of_its_own(site: Site, category: str, step: str, unit: str) -> None:
    form = {"conduct": {"employee": "mfg-east-sales"}, "quality": QUALITY}.get(category, {})
    case = await registered(site, form, category=category)
    read = await case.read()
    assert read["step"] == step
    assert [order["unit"] for order in read["orders"]] == ([unit] if unit else [])


QUALITY = {
    "salesperson": "mfg-east-sales",
    "model": "P-200",
    "batch": "B2026-09-17",
    "order_number": "PO-8841",
    "shipped_on": "2026-10-02",
    "arrived_on": "2026-10-06",
}


@pytest.mark.rule("MFG-2")
async def test_nothing_counts_as_registered_before_the_record_was_read_back_and_confirmed(site: Site) -> None:
    case = await opened(site)
    assert (await case.read())["orders"] == []
    assert not await case.messages("registered")
    await case.refused("propose", by="mfg-agent", code="not_verified", **offer())
    await case.act("finish_task", by="mfg-agent", outcome="corrected", note="ten days, not two")
    assert (await case.read())["step"] == "read_back"
    await case.act("finish_task", by="mfg-agent", outcome="confirmed")
    assert "as you confirmed it" in await case.told("registered", to="customer")
    assert [order["unit"] for order in (await case.read())["orders"]] == ["mfg-east"]


@pytest.mark.rule("MFG-3", "MFG-5")
async def test_the_contact_form_says_what_by_when_and_goes_on_within_two_working_hours(site: Site) -> None:
    case = await registered(site, scope="several")
    await case.act(
        "finish_task",
        by="mfg-vice-president",
        outcome="instructed",
        answers={"instruction": "Production answers"},
    )
    assert await case.within("pass_on", "2wh")
    missing = await case.refused("finish_task", by="mfg-agent", code="form", outcome="passed", answers={})
    assert set(missing["fields"]) == {"form_content", "department", "reply_by"}
    letter = await case.attach("order.pdf", PDF, by="mfg-agent")
    full = {"form_content": "Why late?", "department": "mfg-production", "reply_by": in_days(6)}
    late = {**full, "reply_by": "2026-01-05"}
    await case.refused("finish_task", by="mfg-agent", code="in_the_past", outcome="passed", answers=late)
    gone = {**full, "department": "mfg-none"}
    await case.refused("finish_task", by="mfg-agent", code="form", outcome="passed", answers=gone)
    full["enclosures"] = letter
    await case.act("finish_task", by="mfg-agent", outcome="passed", answers=full)
    assert (await case.clock("pass_on"))["state"] == "met"
    (order,) = (await case.read())["orders"]
    assert (order["unit"], order["purpose"]) == ("mfg-production", "receipt")
    assert await case.told("dispatched", to="mfg-production")


@pytest.mark.rule("MFG-3")
async def test_an_incomplete_contact_form_goes_back_and_comes_again(site: Site) -> None:
    case = await instructed(site)
    await case.act(
        "answer_order", by="mfg-production", order="1", result="Which order?", outcome="incomplete"
    )
    assert (await case.read())["step"] == "complete_form"
    assert await case.told("form_incomplete", to="mfg-agent")
    completed = {"form_content": "Why was PO-8841 late?", "reply_by": in_days(7)}
    await case.act("finish_task", by="mfg-agent", outcome="completed", answers=completed)
    orders = (await case.read())["orders"]
    assert [(one["purpose"], one["state"]) for one in orders] == [
        ("receipt", "answered"),
        ("receipt", "dispatched"),
    ]
    await case.act("answer_order", by="mfg-production", order="2", result="All there", outcome="complete")
    assert (await case.read())["step"] == "department"


@pytest.mark.rule("MFG-5")
async def test_a_contact_form_that_lies_about_is_followed_up(site: Site) -> None:
    case = await registered(site, scope="several")
    await case.act(
        "finish_task", by="mfg-vice-president", outcome="instructed", answers={"instruction": "Go on"}
    )
    await case.pass_clock("pass_on")
    assert await case.told("escalated", to="mfg-supervisor")


@pytest.mark.rule("MFG-6")
async def test_the_department_answers_by_the_date_on_the_form_or_its_head_hears(site: Site) -> None:
    case = await instructed(site)
    await case.act("answer_order", by="mfg-production", order="1", result="All there", outcome="complete")
    clock = await case.clock("department_answer")
    due = datetime.fromisoformat(clock["due_at"]).astimezone(case.procedure.calendar.zone)
    # On a day off it is due when that day ends.
    assert (due - timedelta(seconds=1)).date().isoformat() == (await case.read())["facts"]["reply_by"]
    clock = await case.pass_clock("department_answer")
    assert clock["state"] == "breached"
    assert await case.told("escalated", to="mfg-production-head")
    await case.pass_time("1wd")
    assert await case.told("escalated", to="mfg-vice-president")


@pytest.mark.rule("MFG-6")
async def test_signed_by_the_head_approved_by_the_vice_president_answered_within_the_hour(site: Site) -> None:
    case = await answered(site)
    await case.act("propose", by="mfg-agent", **offer("compensation", "800.00"))
    await case.refused("approve", by="mfg-vice-president", code="no_such_approval", approval="agree")
    await case.refused("approve", by="mfg-logistics-head", code="not_found")
    await case.act("approve", by="mfg-production-head", approval="sign:mfg-production")
    await case.refused("finish_task", by="mfg-agent", code="wrong_step", outcome="answered")
    assert not await case.messages("proposal", to="customer")
    await case.act("approve", by="mfg-vice-president", approval="agree")
    assert await case.told("inform_customer", to="mfg-agent")
    assert await case.within("answer_customer", "1wh")
    assert not await case.messages("proposal", to="customer")
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    assert (await case.clock("answer_customer"))["state"] == "met"
    assert "make up for it" in await case.told("proposal", to="customer")


@pytest.mark.rule("MFG-4")
async def test_within_their_authority_the_salesperson_settles_it(site: Site) -> None:
    case = await registered(site)
    await case.act("answer_order", by="mfg-east-sales", order="1", result="My mistake", outcome="own")
    await case.act("propose", by="mfg-east-sales", **offer("compensation", "1000.00"))
    assert (await case.read())["step"] == "inform", "nobody else is asked"
    assert "approved" not in await case.kinds()
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    await case.customer("accept", option="1")
    await case.act("fulfil", by="mfg-east-sales", note="paid")
    assert (await case.read())["closing_reason"] == "satisfied"


@pytest.mark.rule("MFG-4")
async def test_beyond_authority_goes_to_the_vice_president_in_a_working_day_who_replies_in_24_hours(
    site: Site,
) -> None:
    case = await registered(site)
    assert await case.within("to_vice_president", "1wd")
    await case.act("answer_order", by="mfg-east-sales", order="1", result="My mistake", outcome="own")
    await case.act("propose", by="mfg-east-sales", **offer("compensation", "1000.01"))
    assert (await case.read())["step"] == "approve"
    assert await case.told("approval_needed", to="mfg-vice-president")
    assert await case.within("vice_president_reply", "24h")
    await case.pass_clock("vice_president_reply")
    assert await case.told("escalated", to="mfg-general")
    await case.act("approve", by="mfg-vice-president", approval="agree")
    assert (await case.read())["step"] == "inform"


@pytest.mark.rule("MFG-4")
async def test_what_the_salesperson_cannot_settle_is_put_before_the_vice_president(site: Site) -> None:
    case = await registered(site)
    await case.act("answer_order", by="mfg-east-sales", order="1", result="Not mine alone", outcome="beyond")
    assert (await case.read())["step"] == "vice_president"
    assert (await case.clock("to_vice_president"))["state"] == "met"
    assert await case.told("for_instruction", to="mfg-vice-president")
    assert await case.within("vice_president_reply", "24h")
    await case.refused(
        "finish_task",
        by="mfg-agent",
        code="not_your_role",
        outcome="instructed",
        answers={"instruction": "x"},
    )


@pytest.mark.rule("MFG-4")
async def test_a_complaint_nobody_puts_before_the_vice_president_climbs(site: Site) -> None:
    case = await registered(site)
    await case.pass_clock("to_vice_president")
    assert await case.told("escalated", to="mfg-east-head")
