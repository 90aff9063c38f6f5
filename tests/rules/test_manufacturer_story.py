"""The manufacturer's long story: late on site, sent on though clear, sent back, refused, paid, mended."""

from __future__ import annotations

import pytest

from tests.rules.site import Site
from tests.rules.test_manufacturer import PDF, QUALITY, TOLD, offer
from tests.rules.test_manufacturer_quality import APPROVALS, PNG, POINTS, corrected, evidence

KINDS = """
opened step_entered
step_finished step_entered
guidance_ticked
guidance_ticked
step_finished step_entered dispatched clock_started clock_started
order_taken
clock_warned clock_breached escalated
visit_made clock_stopped clock_stopped
order_answered step_finished step_entered dispatched clock_started
order_answered clock_stopped step_finished step_entered step_finished step_entered clock_started
proposed clock_stopped step_finished step_entered clock_started approval_opened
approved approval_opened
approval_sent_back step_finished clock_stopped step_entered step_finished step_entered clock_started
proposed clock_stopped step_finished step_entered clock_started approval_opened
approved approval_opened
approved approval_opened
approved approval_opened
approved consequence_raised step_finished clock_stopped step_entered clock_started consequence_opened
step_finished clock_stopped step_entered
customer_rejected step_finished reopened step_entered clock_started
proposed clock_stopped step_finished step_entered clock_started approval_opened
approved approval_opened
approved approval_opened
approved approval_opened
approved step_finished clock_stopped step_entered clock_started step_finished clock_stopped step_entered
customer_accepted step_finished step_entered clock_started
fulfilled posted posted step_finished clock_stopped closed archived
"""
TEXTS = [
    "opened customer",
    "quality_known mfg-general",
    "quality_known mfg-representative",
    "registered customer",
    "dispatched mfg-east-sales",
    "warned mfg-east-sales",
    "escalated mfg-east-head",
    "dispatched mfg-quality",
    "corrective_needed mfg-quality-head",
    "approval_needed mfg-vice-president",
    "approval_needed mfg-quality-head",
    "approval_needed mfg-vice-president",
    "approval_needed mfg-quality-head",
    "approval_needed mfg-representative",
    "approval_needed mfg-general",
    "inform_customer mfg-agent",
    "proposal customer",
    "reopened customer",
    "approval_needed mfg-vice-president",
    "approval_needed mfg-quality-head",
    "approval_needed mfg-representative",
    "approval_needed mfg-general",
    "inform_customer mfg-agent",
    "proposal customer",
    "closed customer",
]
CLOCKS = [
    "on_site#1 missed",
    "visit_at_the_latest#1 met",
    "determination#1 met",
    "proposal#1 met",
    "approvals#1 met",
    "proposal#2 met",
    "approvals#2 met",
    "answer_customer#1 met",
    "proposal#3 met",
    "approvals#3 met",
    "answer_customer#2 met",
    "fulfilment#1 met",
]
MONEY = [
    ("freight_by_salesperson", "person:mfg-east-sales", "account:carrier", "72.00 CNY"),
    ("freight_by_company", "organisation", "account:carrier", "108.00 CNY"),
]


@pytest.mark.rule("MFG-9", "MFG-11", "MFG-13", "MFG-14", "MFG-15")
async def test_from_a_cracked_housing_to_a_new_mould(site: Site) -> None:
    case = await site.open(
        "manufacturer",
        by="mfg-agent",
        facts={"category": "quality", "content": "product_quality"},
        form={**TOLD, **QUALITY},
        unit="mfg-east",
        title="The housing cracked in the first week",
    )
    await case.act("finish_task", by="mfg-agent", outcome="confirmed")
    for point in POINTS:
        await case.act("tick_guidance", by="mfg-agent", point=point)
    await case.act("finish_task", by="mfg-agent", outcome="not_solved")
    await case.act("take_order", by="mfg-east-sales", order="1")
    await case.pass_clock("on_site")
    await case.act("make_visit", by="mfg-east-sales", order="1")
    seen = {**await evidence(case), "freight": "180.00"}
    await case.act(
        "answer_order",
        by="mfg-east-sales",
        order="1",
        result="Cannot tell",
        outcome="undetermined",
        answers=seen,
    )
    batch = await case.attach("batch.pdf", PDF, by="mfg-quality", evidence="batch_record")
    found = {"batch_record": batch, "clear_on_site": "true", "degree": "40"}
    await case.act(
        "answer_order",
        by="mfg-quality",
        order="2",
        result="Plain to see",
        outcome="quality_fault",
        answers=found,
    )
    await corrected(case)
    await case.act("propose", by="mfg-agent", **offer("repair", text="We repair it"))
    await case.act("approve", by="mfg-vice-president", approval="complaint_form")
    back = "A cracked housing is replaced"
    await case.act("send_back_proposal", by="mfg-quality-head", approval="finding", remarks=back)
    await case.act("finish_task", by="mfg-agent", outcome="to_proposal")
    for text in ("A new machine next month", "A new machine tomorrow"):
        await case.act("propose", by="mfg-agent", **offer("replacement", text=text))
        for by, approval in APPROVALS:
            await case.act("approve", by=by, approval=approval)
        await case.settled()  # the corrective action is opened beside the route
        await case.act("finish_task", by="mfg-agent", outcome="answered")
        if "month" in text:
            await case.customer("reject", reason="We stand still", demand="A machine this week")
    await case.customer("accept", option="1")
    await case.act("fulfil", by="mfg-agent", note="delivered and running")
    await case.settled()
    action = await site.case(f"{case.ref}-1")
    proof = await action.attach("mould.png", PNG, by="mfg-production", evidence="photo")
    done = {"what_was_done": "The mould was replaced", "proof": proof}
    await action.act("answer_order", by="mfg-production", order="1", result="New mould", answers=done)
    await action.act("finish_task", by="mfg-quality-head", outcome="effective")

    read = await case.read()
    assert (read["closing_reason"], read["round"], read["breaches"]) == ("satisfied", 2, 1)
    assert (await action.read())["closing_reason"] == "done"
    assert await case.kinds() == KINDS.split()
    told = sorted((m["seq"], m["template"], m["post"], m["recipient"]) for m in await case.messages())
    assert [f"{text} {who if post != 'customer' else post}" for _, text, post, who in told] == TEXTS
    assert [f"{one['id']} {one['state']}" for one in read["clocks"]] == CLOCKS
    assert list(await case.ledger()) == MONEY
    await case.worked("a cracked housing")
