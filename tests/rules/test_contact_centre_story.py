"""The contact centre's long story: an angry caller, two departments, four levels, a broken promise."""

from __future__ import annotations

import pytest

from tests.rules.site import Site
from tests.rules.test_contact_centre import PDF, file, offer

FORM = {
    "key_words": "smells burnt, third kettle, child in the room",
    "demand": "A new kettle and 3,000 CNY",
    "emotion": "angry",
    "product": "Kettle K7",
}


KINDS = """
opened clock_started step_entered clock_started
step_finished clock_stopped step_entered dispatched clock_started dispatched clock_started
order_declined clock_stopped clock_started dispatched clock_stopped clock_started
order_answered clock_stopped clock_warned clock_breached escalated
order_answered clock_stopped step_finished step_entered clock_started
step_finished clock_stopped step_entered clock_started
proposed clock_stopped step_finished step_entered step_finished step_entered clock_stopped
customer_rejected step_finished step_entered clock_started
proposed clock_stopped step_finished step_entered approval_opened clock_started
approved clock_stopped approval_opened clock_started clock_breached escalated
approved clock_stopped step_finished step_entered
customer_accepted step_finished step_entered clock_started clock_warned clock_breached escalated
fulfilled clock_stopped posted step_finished step_entered clock_started paid_out
step_finished clock_stopped step_entered callback_scheduled callback_due
callback_made step_finished reopened clock_started step_entered
dispatched clock_started dispatched clock_started
order_answered clock_stopped order_answered clock_stopped step_finished step_entered clock_started
step_finished clock_stopped major_flagged step_entered clock_started
proposed clock_stopped step_finished step_entered approval_opened clock_started
approved clock_stopped step_finished step_entered clock_stopped
customer_accepted step_finished step_entered clock_started
fulfilled clock_stopped step_finished step_entered clock_started
step_finished clock_stopped step_entered callback_scheduled callback_due
callback_made step_finished step_entered clock_started
step_finished clock_stopped closed archived
"""
TOLD = [
    "opened customer",
    "accepted customer",
    "dispatched ctr-product",
    "dispatched ctr-technical",
    "declined ctr-agent",
    "dispatched ctr-technical",
    "warned ctr-technical",
    "escalated ctr-technical-head",
    "proposal customer",
    "approval_needed ctr-leader",
    "approval_needed ctr-manager",
    "escalated ctr-director",  # the manager was late
    "proposal customer",
    "promise_made ctr-agent",
    "warned ctr-agent",
    "escalated ctr-leader",  # the promise was not kept in time
    "escalated ctr-supervisor",
    "promise_check ctr-leader",
    "reopened customer",
    "dispatched ctr-product",
    "dispatched ctr-technical",
    "major ctr-agent",
    "major ctr-supervisor",
    "approval_needed ctr-leader",
    "proposal customer",
    "promise_made ctr-agent",
    "promise_check ctr-leader",
    "closed customer",
]
CLOCKS = [
    "answer#1 met",
    "acceptance#1 met",
    "verification#1 met",
    "verification#2 met",
    "redispatch#1 met",
    "verification#3 missed",
    "assessment#1 met",
    "proposal#1 met",
    "proposal#2 met",
    "first_level#1 met",
    "second_level#1 missed",
    "fulfilment#1 missed",
    "checking#1 met",
    "answer#2 met",
    "verification#4 met",
    "verification#5 met",
    "assessment#2 met",
    "proposal#3 met",
    "first_level#2 met",
    "fulfilment#2 met",
    "checking#2 met",
    "experience#1 met",
]
MONEY = [("compensation", "organisation", "2500.00 CNY")]


@pytest.mark.rule("CTR-2", "CTR-4", "CTR-6", "CTR-7")
async def test_from_a_burnt_smell_to_a_lesson(site: Site) -> None:
    case = await site.open(
        "contact-centre",
        by="ctr-agent",
        facts={"category": "quality"},
        form=FORM,
        title="The third kettle smells burnt",
    )
    restated = {
        "restated": "Three kettles smelled; you want a new one and 3,000 CNY",
        "confirmed": "true",
    }
    await case.act("finish_task", by="ctr-agent", outcome="accepted", answers=restated)
    await case.act("decline_order", by="ctr-technical", order="2", reason="Ask the product people first")
    await case.act("dispatch", by="ctr-agent", unit="ctr-technical", purpose="technical", note="Ask both")
    batch = await file(case, "ctr-product", PDF, "batch_record")
    await case.act(
        "answer_order", by="ctr-product", order="1", result="Batch 7 has it", answers={"batch": batch}
    )
    await case.pass_clock("verification")
    await case.act("answer_order", by="ctr-technical", order="3", result="The thermostat sticks")
    found = {"cause": "product", "impact": "several"}
    await case.act("finish_task", by="ctr-agent", outcome="assessed", answers=found)
    await case.act("propose", by="ctr-agent", **offer("refund", "199.00", "Your money back"))
    await case.customer("reject", reason="I want to be compensated", demand="3,000 CNY")
    await case.act("propose", by="ctr-agent", **offer("compensation", "2500.00", "2,500 and an apology"))
    await case.act("approve", by="ctr-leader", note="I support it")
    await case.pass_clock("second_level")
    await case.act("approve", by="ctr-director", note="In place of the manager")
    await case.customer("accept", option="1")
    await case.pass_clock("fulfilment")
    await case.act("fulfil", by="ctr-agent", note="2,500 CNY transferred")
    await case.settled()
    await case.act("finish_task", by="ctr-leader", outcome="kept", answers={"seen": "It is on the account"})
    await case.pass_time("2wd")
    await case.act(
        "record_callback",
        by="ctr-callback",
        outcome="dissatisfied",
        score=3,
        comment="It smells too",
    )
    batch = await file(case, "ctr-product", PDF, "batch_record")
    answer = {"result": "It is from batch 7 as well", "answers": {"batch": batch}}
    await case.act("answer_order", by="ctr-product", order="4", **answer)
    await case.act("answer_order", by="ctr-technical", order="5", result="The same thermostat")
    await case.act("finish_task", by="ctr-agent", outcome="assessed", answers={**found, "impact": "many"})
    await case.act("propose", by="ctr-agent", **offer("replacement", text="Another model, K9"))
    await case.act("approve", by="ctr-leader")
    await case.customer("accept", option="1")
    await case.act("fulfil", by="ctr-agent", note="K9 delivered")
    await case.settled()
    await case.act("finish_task", by="ctr-leader", outcome="kept", answers={"seen": "She uses it"})
    await case.pass_time("2wd")
    await case.act("record_callback", by="ctr-callback", outcome="satisfied", score=9)
    await case.act(
        "finish_task",
        by="ctr-agent",
        outcome="recorded",
        answers={"lesson": "Ask for the batch at once"},
    )
    read = await case.read()
    assert (read["closing_reason"], read["round"], read["breaches"]) == ("satisfied", 2, 3)
    assert await case.kinds() == KINDS.split()
    told = sorted((m["seq"], m["template"], m["post"], m["recipient"]) for m in await case.messages())
    assert [f"{text} {who if post != 'customer' else post}" for _, text, post, who in told] == TOLD
    assert [f"{one['id']} {one['state']}" for one in read["clocks"]] == CLOCKS
    assert [(entry, source, amount) for entry, source, _, amount in await case.ledger()] == MONEY
    await case.worked("a kettle that smells burnt")
