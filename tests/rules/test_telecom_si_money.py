"""The telecom operator's rules through the real system: money, points, and partners that are suspended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.site import Case, Site
from tests.rules.test_telecom_si import opened


async def charged(site: Site, wrong: str = "29.90", kind: str = "ordinary") -> Case:
    """A complaint about charges, verified: so much was charged wrongly."""
    case = await opened(site, matter="charges")
    await case.act("dispatch", by="tel-agent", unit="si-alpha")
    answers = {"charge_kind": kind, "wrong_charge": wrong}
    await case.act("answer_order", by="tel-alpha", order="1", result="Never ordered.", answers=answers)
    return case


async def refunded(case: Case, remedy: str = "double_refund") -> None:
    """Offered, accepted and carried out."""
    offer = {"text": "Back it goes", "remedies": [{"type": remedy}]}
    await case.act("propose", by="tel-agent", options=[offer])
    await case.customer("accept", option="1")
    await case.act("fulfil", by="tel-agent", note="credited with the next bill")
    await case.settled()


async def lines(case: Case) -> list[tuple[str, str, str, str]]:
    found = (await case.get("ledger"))["lines"]
    return [(one["entry"], one["amount"], one["source"], one["target"]) for one in found]


async def statement(site: Site, account: str, by: str, month: str) -> dict[str, Any]:
    answer = await site.as_(by).get(f"/ledger/accounts/{account}", params={"month": month})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.rule("TEL-22")
async def test_wrong_charges_go_back_double_and_come_off_the_integrators_settlement(site: Site) -> None:
    case = await charged(site)
    await refunded(case)
    customer = f"customer:{(await case.read())['customer']['id']}"
    assert await lines(case) == [
        ("double_refund", "59.80", "organisation", customer),
        ("deduction", "59.80", "unit:si-alpha", "organisation"),
    ]
    key = f"{case.ref}/double_refund#1"
    assert [str(p.amount) for p in site.payments.asked if p.key == key] == ["59.80"]
    assert "59.80 CNY" in await case.told("refunded", to="customer")
    assert "59.80 CNY" in str(await case.portal())

    (line,) = [one for one in (await case.get("ledger"))["lines"] if one["entry"] == "deduction"]
    mine = await statement(site, "unit:si-alpha", "tel-alpha", line["month"])
    assert [one["amount"] for one in mine["lines"] if one["ref"] == case.ref] == ["59.80"]
    theirs = await site.as_("tel-beta").get("/ledger/accounts/unit:si-alpha", params={"month": line["month"]})
    assert (theirs.status_code, theirs.json()["code"]) == (403, "not_your_role")
    balances = await site.as_("tel-supervisor").get("/ledger/accounts", params={"kind": "unit", "limit": 200})
    assert ("unit:si-alpha", "CNY") in [(b["account"], b["currency"]) for b in balances.json()["items"]]


@pytest.mark.rule("TEL-22")
async def test_group_function_fees_are_refunded_as_charged_by_the_operator_first_then_deducted(
    site: Site,
) -> None:
    case = await charged(site, "300.00", "function_fee")
    await refunded(case, "refund")
    assert [(entry, amount) for entry, amount, *_ in await lines(case)] == [
        ("function_fee_refund", "300.00"),
        ("function_fee_deduction", "300.00"),
    ]
    kinds = await case.kinds()
    assert kinds.index("paid_out") < len(kinds) - 1 - kinds[::-1].index("posted")


@pytest.mark.rule("TEL-22")
async def test_what_the_operator_charged_wrongly_is_deducted_from_nobody(site: Site) -> None:
    case = await opened(site, matter="charges", party="operator")
    answers = {"charge_kind": "ordinary", "wrong_charge": "10.00"}
    await case.act("answer_order", by="tel-billing", order="1", result="Ours.", answers=answers)
    await refunded(case)
    assert [(entry, amount) for entry, amount, *_ in await lines(case)] == [("double_refund", "20.00")]


@pytest.mark.rule("TEL-22")
async def test_a_payment_that_fails_deducts_nothing_is_told_and_is_made_once_by_a_person(site: Site) -> None:
    case = await charged(site)
    site.payments.failures, site.payments.permanent = 1, True
    await refunded(case)
    assert [entry for entry, *_ in await lines(case)] == ["double_refund"]
    assert "could not be paid" in await case.told("payout_failed", to="tel-supervisor")
    posting = {"posting": "double_refund#1"}
    await case.refused("retry_payout", by="tel-agent", code="not_your_role", **posting)
    failed = await site.as_("tel-supervisor").get("/payouts", params={"state": "failed", "limit": 200})
    assert case.ref in [row["ref"] for row in failed.json()]

    await case.act("retry_payout", by="tel-supervisor", **posting)
    await case.settled()
    assert [entry for entry, *_ in await lines(case)] == ["double_refund", "deduction"]
    await case.refused("retry_payout", by="tel-supervisor", code="payout_not_failed", **posting)
    assert str(site.payments.paid[f"{case.ref}/double_refund#1"]) == "59.80"
    assert len(await case.facts("paid_out")) == 1


@pytest.mark.rule("TEL-22")
async def test_a_reopened_case_is_not_refunded_a_second_time_and_a_mistake_is_booked_back(
    site: Site,
) -> None:
    case = await charged(site)
    await refunded(case)
    await case.act(
        "record_callback", by="tel-callback", outcome="dissatisfied", comment="and the other month?"
    )
    await case.act("answer_order", by="tel-alpha", order="2", result="Right.", answers={"wrong_charge": "9"})
    await refunded(case)
    assert [entry for entry, *_ in await lines(case)] == ["double_refund", "deduction"]
    assert len([p for p in site.payments.asked if p.ref == case.ref]) == 1

    wrong = {"posting": "deduction#1", "reason": "it was the gateway after all"}
    await case.refused("reverse_posting", by="tel-alpha", code="not_your_role", **wrong)
    await case.act("reverse_posting", by="tel-supervisor", **wrong)
    assert (await lines(case))[-1] == ("deduction", "59.80", "organisation", "unit:si-alpha")
    await case.refused("reverse_posting", by="tel-supervisor", code="already_reversed", **wrong)
    balances = (await case.get("ledger"))["balances"]
    assert ("unit:si-alpha", "0.00") in [(b["account"], b["amount"]) for b in balances]


async def raised(case: Case, consequence: str) -> Case:
    (found,) = [fact for fact in await case.facts("consequence_raised") if fact["consequence"] == consequence]
    return await case.site.case(found["ref"])


@pytest.mark.rule("TEL-20")
@pytest.mark.parametrize(
    ("ground", "points"), [("attitude", "2.00"), ("false_feedback", "5.00"), ("unreachable", "3.00")]
)
async def test_bad_conduct_costs_the_partner_points_once_a_supervisor_has_confirmed_it(
    site: Site, ground: str, points: str
) -> None:
    case = await opened(site)
    await case.act("dispatch", by="tel-agent", unit="si-beta")
    await case.act("raise_consequence", by="tel-agent", consequence="score_deduction", note="hung up twice")
    deduction = await raised(case, "score_deduction")
    assert await lines(deduction) == []
    given = {"outcome": "confirmed", "answers": {"ground": ground, "proof": "recording of 10:02"}}
    await deduction.refused("finish_task", by="tel-agent", code="not_your_role", **given)
    missing = {"outcome": "confirmed", "answers": {"ground": ground}}
    await deduction.refused("finish_task", by="tel-supervisor", code="form", **missing)
    await deduction.act("finish_task", by="tel-supervisor", **given)
    (line,) = (await deduction.get("ledger"))["lines"]
    assert (line["amount"], line["currency"], line["source"]) == (points, "points", "unit:si-beta")
    mine = await statement(site, "unit:si-beta", "tel-beta", line["month"])
    assert line["posting"] in [one["posting"] for one in mine["lines"] if one["ref"] == deduction.ref]


@pytest.mark.rule("TEL-20")
async def test_what_is_not_justified_costs_nothing(site: Site) -> None:
    case = await opened(site)
    await case.act("dispatch", by="tel-agent", unit="si-beta")
    await case.act("raise_consequence", by="tel-agent", consequence="score_deduction", note="rude")
    deduction = await raised(case, "score_deduction")
    answers = {"ground": "attitude", "proof": "the recording shows nothing of it"}
    await deduction.act("finish_task", by="tel-supervisor", outcome="dismissed", answers=answers)
    assert await lines(deduction) == []


@pytest.mark.rule("TEL-21")
async def test_public_effect_suspends_the_partner_at_once_when_a_person_confirms(site: Site) -> None:
    case = await opened(site)
    await case.act("dispatch", by="tel-agent", unit="si-gamma")
    await case.act("flag", by="tel-agent", flag="public", note="on the evening news")
    suspension = await raised(case, "suspension")
    assert await suspension.told("suspension_asked", to="tel-supervisor")
    assert await suspension.within("confirm", "1h")
    fresh = await opened(site)
    await fresh.act("dispatch", by="tel-agent", unit="si-gamma")  # nothing is suspended by itself

    await suspension.act("finish_task", by="tel-supervisor", outcome="suspend")
    assert await suspension.told("suspended", to="tel-gamma")
    another = await opened(site)
    await another.refused("dispatch", by="tel-agent", code="suspended", unit="si-gamma")
    # What the route would give it by itself is withheld as well, and the step waits for another partner.
    answer = {"result": "Reset the gateway"}
    await fresh.act("answer_order", by="tel-gamma", order="1", **answer)
    await fresh.act("propose", by="tel-agent", options=[{"text": "It works again"}])
    await fresh.customer("reject", reason="It does not")
    read = await fresh.read()
    assert (read["step"], [order["unit"] for order in read["orders"]]) == ("handle", ["si-gamma"])
    assert "伽马集成 (已暂停业务)" in await fresh.told("order_withheld", to="tel-agent")
    assert await fresh.within("redispatch", "2h")
    await fresh.act("dispatch", by="tel-agent", unit="si-alpha")
    await fresh.act("answer_order", by="tel-alpha", order="2", **answer)
    assert (await fresh.read())["step"] == "propose"

    assert await suspension.within("review", "15wd")
    found = {"answers": {"found": "The gateway was replaced."}}
    await suspension.act("finish_task", by="tel-supervisor", outcome="lifted", **found)
    await another.act("dispatch", by="tel-agent", unit="si-gamma")


@pytest.mark.rule("TEL-21")
async def test_when_it_is_severe_the_cooperation_ends(site: Site) -> None:
    case = await opened(site)
    await case.act("dispatch", by="tel-agent", unit="si-epsilon")
    await case.act("flag", by="tel-agent", flag="many", note="two hundred calls since eight")
    suspension = await raised(case, "suspension")
    await suspension.pass_clock("confirm")
    assert await suspension.told("escalated", to="tel-shift")
    await suspension.act("finish_task", by="tel-supervisor", outcome="end")
    assert (await suspension.read())["closing_reason"] == "ended"
    another = await opened(site)
    await another.refused("dispatch", by="tel-agent", code="ended", unit="si-epsilon")
