"""The enterprise's long story: late, sent back, refused, reopened, charged, paid, summed up."""

from __future__ import annotations

import pytest

from tests.rules.site import Site
from tests.rules.test_enterprise import FORM, FOUND, PAID, offer

KINDS = """
opened clock_started step_entered clock_started major_flagged
step_finished clock_stopped step_entered clock_started dispatched clock_started
order_taken customer_informed clock_stopped clock_started
clock_warned clock_warned clock_breached posted clock_breached escalated escalated
escalated clock_warned escalated
order_answered clock_stopped posted step_finished clock_stopped step_entered clock_started
proposed clock_stopped step_finished step_entered approval_opened clock_started
approval_sent_back clock_stopped step_finished step_entered clock_started
proposed clock_stopped step_finished step_entered approval_opened clock_started
clock_warned clock_breached clock_breached escalated escalated
approved clock_stopped step_finished step_entered clock_stopped
customer_rejected step_finished reopened clock_started step_entered clock_started dispatched clock_started
order_answered clock_stopped step_finished clock_stopped step_entered clock_started
proposed clock_stopped step_finished step_entered approval_opened clock_started
approved clock_stopped step_finished step_entered clock_stopped
customer_accepted step_finished step_entered clock_started
fulfilled clock_stopped posted step_finished step_entered callback_scheduled callback_due paid_out
callback_made step_finished reopened clock_started step_entered clock_started dispatched clock_started
order_answered clock_stopped step_finished clock_stopped step_entered clock_started
proposed clock_stopped step_finished step_entered approval_opened clock_started
approved clock_stopped step_finished step_entered clock_stopped
customer_accepted step_finished step_entered callback_scheduled callback_due
callback_made step_finished step_entered clock_started
step_finished clock_stopped closed archived
"""
TOLD = [
    "opened customer",
    "major ent-agent",
    "major ent-supervisor",
    "accepted customer",
    "dispatched ent-quality",
    "informed customer",
    "warned ent-quality",  # the investigation is three quarters over
    "warned ent-agent",  # so is the time until the customer must hear again
    "charged ent-quality-head",  # the delay
    "escalated ent-quality-head",
    "escalated ent-agent",
    "escalated ent-supervisor",
    "escalated ent-general",  # the head of the unit above, a working day later
    "warned ent-agent",
    "escalated ent-supervisor",
    "charged ent-quality-head",  # the person responsible
    "approval_needed ent-manager",
    "instructed ent-agent",
    "approval_needed ent-manager",
    "warned ent-manager",
    "escalated ent-manager",  # the answer is late …
    "escalated ent-agent",
    "escalated ent-general",  # … and so is the instruction
    "escalated ent-manager",
    "proposal customer",
    "ways_open customer",
    "reopened customer",
    "dispatched ent-quality",
    "approval_needed ent-manager",
    "proposal customer",
    "reopened customer",
    "dispatched ent-quality",
    "approval_needed ent-manager",
    "proposal customer",
    "closed customer",
]
CLOCKS = [
    "answer#1 missed",
    "acceptance#1 met",
    "progress#1 met",
    "investigation#1 missed",
    "progress#2 missed",
    "proposal#1 met",
    "instruction#1 met",
    "proposal#2 met",
    "instruction#2 missed",
    "answer#2 met",
    "progress#3 met",
    "investigation#2 met",
    "proposal#3 met",
    "instruction#3 met",
    "fulfilment#1 met",
    "answer#3 met",
    "progress#4 met",
    "investigation#3 met",
    "proposal#4 met",
    "instruction#4 met",
    "summing_up#1 met",
]
MONEY = [
    ("delay_charge", "person:ent-quality", "100.00 CNY"),
    ("responsibility_charge", "person:ent-quality", "200.00 CNY"),
    ("compensation", "organisation", "450.00 CNY"),
]


@pytest.mark.rule("ENT-4", "ENT-6", "ENT-7", "ENT-9", "ENT-10")
async def test_from_a_leaking_pump_to_a_keyed_seal(site: Site) -> None:
    case = await site.open(
        "enterprise",
        by="ent-agent",
        facts={"category": "product", "severity": "serious"},
        form=FORM,
        unit="ent-sales",
        title="The pump leaked on the first day",
    )
    await case.act(
        "finish_task", by="ent-agent", outcome="accepted", answers={"responsible_unit": "ent-quality"}
    )
    await case.act("take_order", by="ent-quality", order="1")
    await case.act("inform_customer", by="ent-agent", text="The pump is being taken apart.")
    await case.pass_clock("investigation")
    await case.pass_time("2wd")
    await case.act("answer_order", by="ent-quality", order="1", result="It leaked", answers=FOUND)
    await case.act("propose", by="ent-agent", **offer({"type": "apology"}))
    await case.act("send_back_proposal", by="ent-manager", remarks="An apology alone will not do")
    await case.act("propose", by="ent-agent", **offer(PAID))
    await case.pass_clock("instruction")
    await case.act("approve", by="ent-general")
    await case.customer("reject", reason="The carpet cost 450", demand="450 CNY")
    await case.act("answer_order", by="ent-quality", order="2", result="The bill says 450", answers=FOUND)
    await case.act("propose", by="ent-agent", **offer({**PAID, "amount": "450.00"}))
    await case.act("approve", by="ent-manager")
    await case.customer("accept", option="1")
    await case.act("fulfil", by="ent-agent", note="New pump delivered, 450 CNY transferred")
    await case.settled()
    survey = {"handling": "2", "suggestion": "Listen at once"}
    await case.act(
        "record_callback",
        by="ent-callback",
        outcome="dissatisfied",
        comment="The new one drips",
        answers=survey,
    )
    await case.act("answer_order", by="ent-quality", order="3", result="A hose was loose", answers=FOUND)
    await case.act("propose", by="ent-agent", **offer({"type": "apology"}))
    await case.act("approve", by="ent-manager")
    await case.customer("accept", option="1")
    await case.act("record_callback", by="ent-callback", outcome="satisfied", answers={"handling": "4"})
    written = {"summary": "A seal and a hose", "improvement": "Keyed seals, hoses checked before delivery"}
    await case.act("finish_task", by="ent-agent", outcome="done", answers=written)
    read = await case.read()
    assert (read["closing_reason"], read["round"], read["breaches"]) == ("satisfied", 3, 4)
    assert await case.kinds() == KINDS.split()
    told = sorted((m["seq"], m["template"], m["post"], m["recipient"]) for m in await case.messages())
    assert [f"{text} {who if post != 'customer' else post}" for _, text, post, who in told] == TOLD
    assert [f"{one['id']} {one['state']}" for one in read["clocks"]] == CLOCKS
    assert [(entry, source, amount) for entry, source, _, amount in await case.ledger()] == MONEY
    await case.worked("a leaking pump")
