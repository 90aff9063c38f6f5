"""The manufacturer's rules through the real system: product quality, from the visit to who pays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rules.site import Case, Site
from tests.rules.test_manufacturer import PDF, QUALITY, TOLD, offer, registered

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
POINTS = ("correct_use", "remedies")


async def explained(site: Site) -> Case:
    """A quality complaint whose explanation did not help, so the salesperson has the order."""
    case = await registered(site, QUALITY, category="quality", content="product_quality")
    for point in POINTS:
        await case.act("tick_guidance", by="mfg-agent", point=point)
    await case.act("finish_task", by="mfg-agent", outcome="not_solved")
    return case


async def evidence(case: Case, by: str = "mfg-east-sales") -> dict[str, str]:
    """A written record and photos, and what every determination says."""
    return {
        "record": await case.attach("record.pdf", PDF, by=by, evidence="document"),
        "photos": await case.attach("photo.png", PNG, by=by, evidence="photo"),
        "agreed_with": "Mr Cao, workshop manager",
        "in_warranty": "true",
        "freight": "240.00",
    }


async def determined(site: Site, outcome: str, **answers: str) -> Case:
    """Determined on site."""
    case = await explained(site)
    filled = {**await evidence(case), **answers}
    await case.act(
        "answer_order", by="mfg-east-sales", order="1", result="Seen", outcome=outcome, answers=filled
    )
    return case


async def returned(site: Site, outcome: str, *, in_warranty: str = "true", **answers: str) -> Case:
    """Undetermined on site, then determined by the quality department."""
    case = await determined(site, "undetermined", in_warranty=in_warranty)
    batch = await case.attach("batch.pdf", PDF, by="mfg-quality", evidence="batch_record")
    filled = {"batch_record": batch, "clear_on_site": "false", **answers}
    await case.act(
        "answer_order", by="mfg-quality", order="2", result="Opened it", outcome=outcome, answers=filled
    )
    return case


async def corrected(case: Case) -> None:
    """Cause and corrective action are stated."""
    answers = {
        "cause": "A worn mould",
        "corrective_action": "The mould is replaced and measured weekly",
        "corrective_unit": "mfg-production",
    }
    await case.act("finish_task", by="mfg-quality-head", outcome="stated", answers=answers)


APPROVALS = (
    ("mfg-vice-president", "complaint_form"),
    ("mfg-quality-head", "finding"),
    ("mfg-representative", "remedy"),
    ("mfg-general", "corrective_action_agreed"),
)


async def carried_out(case: Case, kind: str) -> None:
    """Proposed, approved by all four, told, accepted and carried out."""
    await case.act("propose", by="mfg-agent", **offer(kind, text="We put it right"))
    for by, approval in APPROVALS:
        await case.act("approve", by=by, approval=approval)
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    await case.customer("accept", option="1")
    await case.act("fulfil", by="mfg-agent", note="done")
    await case.settled()


async def lines(case: Case) -> list[tuple[str, str, str, str]]:
    customer = f"customer:{(await case.read())['customer']['id']}"
    found = (await case.get("ledger"))["lines"]
    return [
        (
            one["entry"],
            one["amount"],
            *(("customer" if a == customer else a) for a in (one["source"], one["target"])),
        )
        for one in found
    ]


@pytest.mark.rule("MFG-8")
async def test_a_quality_complaint_records_model_batch_order_and_dates(site: Site) -> None:
    body = {"procedure": "manufacturer", "channel": "hotline", "facts": {"category": "quality"}, "form": TOLD}
    answer = await site.as_("mfg-agent").post("/complaints", json=body)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {f"form.{name}" for name in QUALITY}
    case = await registered(site, QUALITY, category="quality")
    assert {name: (await case.read())["form"][name] for name in QUALITY} == QUALITY


@pytest.mark.rule("MFG-8")
async def test_correct_use_and_common_remedies_are_explained_before_anybody_is_sent(site: Site) -> None:
    case = await registered(site, QUALITY, category="quality")
    read = await case.read()
    assert (read["step"], read["orders"]) == ("explain", [])
    await case.refused("finish_task", by="mfg-agent", code="guidance_open", outcome="not_solved")
    await case.act("tick_guidance", by="mfg-agent", point="correct_use")
    await case.refused("finish_task", by="mfg-agent", code="guidance_open", outcome="solved")
    await case.act("tick_guidance", by="mfg-agent", point="remedies", note="primed as on page 4")
    await case.act("finish_task", by="mfg-agent", outcome="solved")
    assert (await case.read())["closing_reason"] == "explained"


@pytest.mark.rule("MFG-9")
async def test_the_responsible_salesperson_is_on_site_within_three_working_hours(site: Site) -> None:
    case = await explained(site)
    assert await case.told("dispatched", to="mfg-east-sales")
    assert await case.within("on_site", "3wh")
    assert await case.within("visit_at_the_latest", "2wd")
    await case.refused("answer_order", by="mfg-east-second", code="not_your_role", order="1", result="x")
    await case.pass_clock("on_site")
    assert await case.told("escalated", to="mfg-east-head")
    await case.pass_clock("visit_at_the_latest")
    assert await case.told("escalated", to="mfg-vice-president")
    await case.act("make_visit", by="mfg-east-sales", order="1")
    assert (await case.clock("on_site"))["state"] == "missed"


@pytest.mark.rule("MFG-9")
async def test_or_at_the_time_agreed_and_in_any_case_within_two_working_days(site: Site) -> None:
    case = await explained(site)
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    await case.refused("agree_visit", by="mfg-east-sales", code="in_the_past", order="1", at=past)
    at = datetime.now(UTC) + timedelta(hours=30)
    await case.act("agree_visit", by="mfg-east-sales", order="1", at=at.isoformat())
    assert (await case.clock("on_site"))["state"] == "met"
    assert (await case.clock("visit_at_the_latest"))["state"] == "running"
    assert datetime.fromisoformat((await case.clock("visit"))["due_at"]) == at.replace(
        microsecond=at.microsecond
    )
    assert await case.told("visit_agreed", to="customer")
    await case.act("make_visit", by="mfg-east-sales", order="1")
    assert {(await case.clock(rule))["state"] for rule in ("visit", "visit_at_the_latest")} == {"met"}


@pytest.mark.rule("MFG-10")
async def test_no_determination_without_a_record_photos_and_the_customers_agreement(site: Site) -> None:
    case = await explained(site)
    filled = await evidence(case)
    said = {"order": "1", "result": "A crack in the housing", "outcome": "quality_fault"}
    for missing in ("record", "photos", "agreed_with"):
        answers = {name: value for name, value in filled.items() if name != missing}
        refused = await case.refused(
            "answer_order", by="mfg-east-sales", code="form", **said, answers=answers
        )
        assert list(refused["fields"]) == [missing]
    swapped = {**filled, "photos": filled["record"]}
    refused = await case.refused("answer_order", by="mfg-east-sales", code="form", **said, answers=swapped)
    assert "photo" in refused["fields"]["photos"]
    other = await explained(site)
    foreign = {**filled, "photos": (await evidence(other))["photos"]}
    await case.refused("answer_order", by="mfg-east-sales", code="form", **said, answers=foreign)
    await case.refused(
        "answer_order", by="mfg-east-sales", code="outcome", **{**said, "outcome": "maybe"}, answers=filled
    )
    await case.act("answer_order", by="mfg-east-sales", **said, answers=filled)
    assert (await case.read())["step"] == "corrective"


@pytest.mark.rule("MFG-11")
async def test_what_is_undetermined_goes_to_the_quality_department(site: Site) -> None:
    case = await determined(site, "undetermined")
    read = await case.read()
    assert read["step"] == "laboratory"
    assert [(one["purpose"], one["unit"]) for one in read["orders"]][-1] == ("determination", "mfg-quality")
    assert await case.told("dispatched", to="mfg-quality")
    assert await case.within("determination", "5wd")
    clear = await determined(site, "misuse", parts="80.00")
    assert (await clear.read())["step"] == "propose"


@pytest.mark.rule("MFG-12")
async def test_quality_is_replaced_for_free_and_the_company_pays_the_freight(site: Site) -> None:
    case = await determined(site, "quality_fault")
    await corrected(case)
    await carried_out(case, "replacement")
    assert await lines(case) == [("freight_by_company", "240.00", "organisation", "account:carrier")]


@pytest.mark.rule("MFG-12")
@pytest.mark.parametrize("on_site", ["true", "false"])
async def test_misuse_is_repaired_on_site_or_the_customer_pays_parts_and_freight(
    site: Site, on_site: str
) -> None:
    case = await determined(site, "misuse", parts="80.00", repaired_on_site=on_site)
    await carried_out(case, "repair")
    assert await lines(case) == (
        []
        if on_site == "true"
        else [
            ("freight_by_customer", "240.00", "customer", "account:carrier"),
            ("parts_by_customer", "80.00", "customer", "organisation"),
        ]
    )


@pytest.mark.rule("MFG-12")
@pytest.mark.parametrize(
    ("in_warranty", "customer_pays"),
    [
        ("true", [("determined_parts_at_cost", "45.50", "customer", "organisation")]),
        (
            "false",
            [
                ("determined_parts", "80.00", "customer", "organisation"),
                ("determined_labour", "120.00", "customer", "organisation"),
            ],
        ),
    ],
)
async def test_undetermined_freight_is_the_companys_the_rest_is_for_who_is_responsible(
    site: Site, in_warranty: str, customer_pays: list[tuple[str, ...]]
) -> None:
    case = await returned(
        site,
        "misuse",
        in_warranty=in_warranty,
        labour="120.00",
        parts_at_cost="45.50",
        parts_price="80.00",
    )
    await carried_out(case, "repair")
    freight = ("freight_by_company", "240.00", "organisation", "account:carrier")
    assert await lines(case) == [freight, *customer_pays]


@pytest.mark.rule("MFG-13")
async def test_who_sends_on_a_clear_case_bears_30_to_60_percent_of_the_freight(site: Site) -> None:
    case = await determined(site, "undetermined", freight="100.01")
    batch = await case.attach("batch.pdf", PDF, by="mfg-quality", evidence="batch_record")
    said = {"order": "2", "result": "Plain to see", "outcome": "quality_fault"}
    filled = {"batch_record": batch, "clear_on_site": "true"}
    for degree in ("29", "61", ""):
        answers = {**filled, "degree": degree}
        refused = await case.refused("answer_order", by="mfg-quality", code="form", **said, answers=answers)
        assert list(refused["fields"]) == ["degree"]
    await case.act("answer_order", by="mfg-quality", **said, answers={**filled, "degree": "35"})
    await corrected(case)
    await carried_out(case, "replacement")
    assert await lines(case) == [
        ("freight_by_salesperson", "35.00", "person:mfg-east-sales", "account:carrier"),
        ("freight_by_company", "65.01", "organisation", "account:carrier"),
    ]


@pytest.mark.rule("MFG-14")
async def test_four_approve_in_order_before_the_customer_hears_anything(site: Site) -> None:
    case = await determined(site, "quality_fault")
    await corrected(case)
    await case.act("propose", by="mfg-agent", **offer("replacement"))
    for number, (by, approval) in enumerate(APPROVALS):
        assert await case.told("approval_needed", to=by)
        for other, later in APPROVALS[number + 1 :]:
            await case.refused("approve", by=other, code="no_such_approval", approval=later)
        assert not await case.messages("proposal", to="customer")
        await case.act("approve", by=by, approval=approval)
    assert (await case.read())["step"] == "inform"
    assert not await case.messages("proposal", to="customer")
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    assert await case.told("proposal", to="customer")


@pytest.mark.rule("MFG-14")
async def test_what_an_approver_sends_back_is_worked_over_and_approved_from_the_beginning(site: Site) -> None:
    case = await determined(site, "quality_fault")
    await corrected(case)
    await case.act("propose", by="mfg-agent", **offer("repair"))
    await case.act("approve", by="mfg-vice-president", approval="complaint_form")
    back = {"approval": "finding", "remarks": "It must be replaced"}
    await case.act("send_back_proposal", by="mfg-quality-head", **back)
    assert (await case.read())["step"] == "rework"
    await case.act("finish_task", by="mfg-agent", outcome="to_proposal")
    await case.act("propose", by="mfg-agent", **offer("replacement"))
    await case.refused("approve", by="mfg-quality-head", code="no_such_approval", approval="finding")
    await case.act("approve", by="mfg-vice-president", approval="complaint_form")


@pytest.mark.rule("MFG-15")
async def test_the_representative_and_the_general_manager_know_and_corrective_action_is_tracked(
    site: Site,
) -> None:
    case = await determined(site, "quality_fault")
    for who in ("mfg-representative", "mfg-general"):
        assert await case.told("quality_known", to=who)
    await corrected(case)
    await carried_out(case, "replacement")
    (raised,) = await case.facts("consequence_raised")
    action = await site.case(f"{case.ref}-1")
    assert (await action.read())["step"] == "carry_out"
    (order,) = (await action.read())["orders"]
    assert order["unit"] == "mfg-production"
    assert raised["consequence"] == "corrective_action"
    proof = await action.attach("mould.png", PNG, by="mfg-production", evidence="photo")
    done = {"order": "1", "result": "New mould", "answers": {"what_was_done": "Replaced", "proof": proof}}
    await action.refused(
        "answer_order", by="mfg-production", code="form", order="1", result="New mould", answers={}
    )
    await action.act("answer_order", by="mfg-production", **done)
    await action.act("finish_task", by="mfg-quality-head", outcome="not_effective", note="still worn")
    again = {**done, "order": "2"}
    await action.act("answer_order", by="mfg-production", **again)
    await action.act("finish_task", by="mfg-quality-head", outcome="effective")
    assert (await action.read())["closing_reason"] == "done"
    assert await action.told("corrective_done", to="mfg-representative")


@pytest.mark.rule("MFG-15")
async def test_a_late_corrective_action_climbs_to_the_representative_and_the_general_manager(
    site: Site,
) -> None:
    case = await determined(site, "quality_fault")
    await corrected(case)
    await carried_out(case, "replacement")
    action = await site.case(f"{case.ref}-1")
    await action.pass_clock("carried_out")
    assert await action.told("escalated", to="mfg-representative")
    await action.pass_time("5wd")
    assert await action.told("escalated", to="mfg-general")


@pytest.mark.rule("MFG-16")
async def test_about_quality_the_reply_names_the_public_authority(site: Site) -> None:
    case = await determined(site, "misuse", parts="80.00")
    await case.act("propose", by="mfg-agent", **offer("repair"))
    for by, approval in APPROVALS:
        await case.act("approve", by=by, approval=approval)
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    assert "12315" in await case.told("proposal", to="customer")
    service = await registered(site)
    await service.act("answer_order", by="mfg-east-sales", order="1", result="So it is", outcome="own")
    await service.act("propose", by="mfg-east-sales", **offer())
    await service.act("finish_task", by="mfg-agent", outcome="answered")
    assert "12315" not in await service.told("proposal", to="customer")


@pytest.mark.rule("CON-4", "MFG-10")
async def test_a_product_that_comes_back_after_its_repair_is_looked_at_again_on_site(site: Site) -> None:
    """A refused remedy leaves the agreed determination standing; what comes after the end is new."""
    case = await determined(site, "misuse", repaired_on_site="true")
    await case.act("propose", by="mfg-agent", **offer("repair", text="We mend it"))
    for by, approval in APPROVALS:
        await case.act("approve", by=by, approval=approval)
    await case.act("finish_task", by="mfg-agent", outcome="answered")
    await case.customer("reject", reason="We stand still", demand="A machine to go on with")
    read = await case.read()
    assert (read["step"], read["round"]) == ("propose", 2)
    await carried_out(case, "repair")
    assert (await case.read())["closing_reason"] == "satisfied"
    await case.act("reopen", by="mfg-agent", reason="It broke again")
    read = await case.read()
    assert (read["step"], read["round"], read["orders"][-1]["purpose"]) == ("visit", 3, "inspection")
    await case.refused(
        "propose", by="mfg-agent", code="not_verified", **offer("repair", text="We mend it again")
    )
