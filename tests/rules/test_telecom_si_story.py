"""One telecom complaint to its end: declined, late, refused, refunded double, reopened, satisfied."""

from __future__ import annotations

import pytest

from tests.rules.site import Site

HAPPENED = """
opened clock_started step_entered dispatched clock_stopped clock_started
order_declined clock_stopped clock_started posted
dispatched clock_stopped clock_started
order_taken
clock_warned clock_breached escalated escalated
order_answered clock_stopped step_finished clock_started step_entered
proposed clock_stopped step_finished step_entered
customer_rejected step_finished reopened step_entered dispatched clock_started
order_answered clock_stopped step_finished clock_started step_entered
proposed clock_stopped step_finished step_entered
customer_accepted step_finished step_entered
fulfilled posted step_finished step_entered callback_scheduled callback_due paid_out posted
callback_made step_finished reopened major_flagged step_entered dispatched clock_started
order_answered clock_stopped step_finished clock_started step_entered
proposed clock_stopped step_finished step_entered
customer_accepted step_finished step_entered
fulfilled step_finished step_entered clock_started step_finished clock_stopped step_entered
  callback_scheduled callback_due
callback_made step_finished closed
"""
"""What happened, a line for each command or what time brought."""
TOLD = [
    ("opened", "customer", "Wang Fang"),
    ("dispatched", "handler", "Bi Yun"),
    ("declined", "dispatcher", "Tan Mei"),
    ("dispatched", "handler", "Ai Lin"),
    ("warned", "handler", "Ai Lin"),
    ("escalated", "unit_head", "An Bo"),
    ("escalated", "superior_head", "Song Wei"),
    ("proposal", "customer", "Wang Fang"),
    ("reopened", "customer", "Wang Fang"),
    ("dispatched", "handler", "Ai Lin"),
    ("proposal", "customer", "Wang Fang"),
    ("refunded", "customer", "Wang Fang"),
    ("reopened", "customer", "Wang Fang"),
    ("major", "owner", "Tan Mei"),
    ("major", "supervisor", "Song Wei"),
    ("dispatched", "handler", "Ai Lin"),
    ("proposal", "customer", "Wang Fang"),
    ("closed", "customer", "Wang Fang"),
]
CLOCKS = [
    ("first_dispatch#1", "2wh", "met"),
    ("reply#1", "24h", "met"),
    ("redispatch#1", "2wh", "met"),
    ("reply#2", "24h", "missed"),
    ("proposal#1", "1wd", "met"),
    ("reply#3", "24h", "met"),
    ("proposal#2", "1wd", "met"),
    ("reply#4", "24h", "met"),
    ("proposal#3", "1wd", "met"),
    ("analysis#1", "3wd", "met"),
]
MONEY = [("declined", "1.00 points"), ("double_refund", "59.80 CNY"), ("deduction", "59.80 CNY")]


@pytest.mark.rule("TEL-6", "TEL-22")
async def test_charged_for_a_game_never_ordered(site: Site) -> None:
    case = await site.open(
        "telecom-si",
        by="tel-agent",
        facts={"severity": "urgent", "matter": "charges"},
        form={"product": "Game pack"},
        title="Charged for a game never ordered",
    )
    await case.act("dispatch", by="tel-agent", unit="si-beta", note="Billing of March")
    await case.act("decline_order", by="tel-beta", order="1", reason="Alpha runs that game")
    await case.act("dispatch", by="tel-agent", unit="si-alpha", note="Billing of March")
    await case.act("take_order", by="tel-alpha", order="2")
    await case.pass_clock("reply")  # the integrator is late
    await case.pass_time("4h")
    found = {"charge_kind": "ordinary", "wrong_charge": "29.90"}
    await case.act("answer_order", by="tel-alpha", order="2", result="It was ordered.", answers=found)
    await case.act(
        "propose",
        by="tel-agent",
        options=[{"text": "We explain the order.", "remedies": [{"type": "explanation"}]}],
    )
    await case.customer("reject", reason="I never ordered it.", demand="My money back")

    await case.act("answer_order", by="tel-alpha", order="3", result="Ordered by mistake.", answers=found)
    refund = [{"text": "You get it back double.", "remedies": [{"type": "double_refund"}]}]
    await case.act("propose", by="tel-agent", options=refund)
    await case.customer("accept", option="1")
    await case.act("fulfil", by="tel-agent", note="credited")
    await case.settled()
    complaint = {"outcome": "dissatisfied", "score": 4, "comment": "The game is still there."}
    await case.act("record_callback", by="tel-callback", **complaint)

    gone = {"order": "4", "result": "The game was taken off.", "answers": found}
    await case.act("answer_order", by="tel-alpha", **gone)
    off = [{"text": "The game was taken off.", "remedies": [{"type": "repair"}]}]
    await case.act("propose", by="tel-agent", options=off)
    await case.customer("accept", option="1")
    await case.act("fulfil", by="tel-agent", note="checked on the device")
    analysis = {"cause": "technical", "analysis": "One tap orders the game; Alpha asks twice from now on."}
    await case.act("finish_task", by="tel-agent", outcome="done", answers=analysis)
    await case.act("record_callback", by="tel-callback", outcome="satisfied", score=9)

    assert await case.kinds() == HAPPENED.split()
    mail = sorted(await case.messages(), key=lambda m: (m["seq"], m["template"], m["post"]))
    assert [(m["template"], m["post"], m["recipient_name"]) for m in mail] == TOLD
    clocks = [(c["id"], c["limit"], c["state"]) for c in (await case.read())["clocks"]]
    assert clocks == CLOCKS
    assert [line[:1] + line[3:] for line in await case.ledger()] == MONEY
    asked = [payment for payment in site.payments.asked if payment.ref == case.ref]
    assert [str(payment.amount) for payment in asked] == ["59.80"]
    row = await case.read()
    assert (row["status"], row["closing_reason"], row["round"], row["major"]) == (
        "closed",
        "satisfied",
        3,
        True,
    )
    await case.worked("charged for a game never ordered")
