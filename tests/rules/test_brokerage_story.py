"""The whole life of a major complaint at a branch: late, sent back, refused, investigated again, settled."""

from __future__ import annotations

import pytest

from tests.rules.site import Case, Site
from tests.rules.test_brokerage import AUDITED, FOUND, HARBOUR, OFFER, RESULT

MORE = {
    "options": [
        {
            "text": "We undo the order and pay what was lost.",
            "remedies": [{"type": "compensation", "amount": "860.00", "currency": "CNY"}],
        }
    ]
}


async def told(case: Case) -> list[str]:
    """Who was told what, event after event: the text and everybody who got it."""
    found: dict[tuple[int, str], list[str]] = {}
    for one in await case.messages():
        who = "customer" if one["post"] == "customer" else one["recipient"]
        found.setdefault((one["seq"], one["template"]), []).append(who)
    return [f"{template}: {' '.join(sorted(who))}" for (_, template), who in sorted(found.items())]


@pytest.mark.rule("BRK-2", "BRK-4")
async def test_a_major_complaint_from_the_counter_to_the_archive(site: Site) -> None:
    case = await site.open(
        "brokerage",
        by="brk-harbour-agent",
        title="An order I did not give",
        channel="counter",
        facts={"entry": "branch", "gravity": "major", "matter": "trading"},
        form=HARBOUR,
    )
    await case.pass_clock("takeover")
    await case.act("finish_task", by="brk-agent", outcome="taken", note="Late, the desk was not staffed.")
    await case.act("take_order", by="brk-harbour", order="1")
    await case.act("answer_order", by="brk-harbour", order="1", result="Misheard.", answers=FOUND)
    await case.pass_clock("investigation#2")
    await case.pass_time("1wd")
    await case.act("answer_order", by="brk-audit", order="2", result="Misheard.", answers=AUDITED)
    await case.act("propose", by="brk-agent", grounds="The recording was listened to.", **OFFER)
    await case.act("approve", by="brk-harbour-head", approval="head:brk-harbour")
    await case.act(
        "send_back_proposal", by="brk-audit-head", approval="head:brk-audit", remarks="Name the amount."
    )
    await case.act("propose", by="brk-agent", **OFFER)
    await case.act("approve", by="brk-harbour-head", approval="head:brk-harbour")
    await case.act("approve", by="brk-audit-head", approval="head:brk-audit")
    await case.customer("reject", reason="Nobody pays my loss", demand="860 yuan")
    await case.act("answer_order", by="brk-harbour", order="3", result="The loss is 860.", answers=FOUND)
    await case.act("answer_order", by="brk-audit", order="4", result="The loss is 860.", answers=AUDITED)
    await case.refused("propose", by="brk-callback", code="not_your_role", **MORE)
    await case.act("propose", by="brk-agent", **MORE)
    await case.act("approve", by="brk-audit-head", approval="head:brk-audit")
    await case.act("approve", by="brk-harbour-head", approval="head:brk-harbour")
    await case.customer("accept", option="1")
    await case.act("finish_task", by="brk-agent", outcome="recorded", answers=RESULT)
    answers = {"satisfaction": "fairly"}
    await case.act("record_callback", by="brk-callback", outcome="satisfied", score=8, answers=answers)

    assert await case.kinds() == STORY.split()
    row = await case.read()
    clocks = [(c["id"], c["order"], c["state"]) for c in row["clocks"]]
    assert clocks == CLOCKS
    assert await told(case) == TOLD
    assert (row["closing_reason"], row["round"], row["breaches"]) == ("satisfied", 2, 2)
    assert {n["keeper"] for n in row["archive"]} == {"organisation", "unit:brk-harbour", "unit:brk-audit"}
    assert await case.ledger() == []
    await case.worked("a telephone order that was misheard")


STORY = """
opened clock_started step_entered clock_started major_flagged clock_warned clock_breached escalated
step_finished clock_stopped classified step_entered dispatched clock_started dispatched
clock_started
order_taken order_answered clock_stopped clock_warned clock_breached escalated escalated
order_answered clock_stopped step_finished step_entered
proposed step_finished step_entered approval_opened clock_started approval_opened clock_started
approved clock_stopped approval_sent_back clock_stopped step_finished step_entered
proposed step_finished step_entered approval_opened clock_started approval_opened clock_started
approved clock_stopped approved clock_stopped step_finished step_entered clock_stopped clock_started
customer_rejected step_finished clock_stopped reopened clock_started step_entered
dispatched clock_started dispatched clock_started order_answered clock_stopped order_answered
clock_stopped step_finished step_entered
proposed step_finished step_entered approval_opened clock_started approval_opened clock_started
approved clock_stopped approved clock_stopped step_finished step_entered clock_stopped clock_started
customer_accepted step_finished clock_stopped step_entered step_finished step_entered
callback_scheduled callback_due callback_made step_finished closed archived
"""

CLOCKS = [
    ("answer#1", "", "met"),
    ("takeover#1", "", "missed"),
    ("investigation#1", "1", "met"),
    ("investigation#2", "2", "missed"),
    ("signature#1", "1", "met"),
    ("signature#2", "2", "met"),
    ("signature#3", "1", "met"),
    ("signature#4", "2", "met"),
    ("decision#1", "", "met"),
    ("answer#2", "", "met"),
    ("investigation#3", "3", "met"),
    ("investigation#4", "4", "met"),
    ("signature#5", "3", "met"),
    ("signature#6", "4", "met"),
    ("decision#2", "", "met"),
]
TOLD = [
    "opened: customer",
    "taken_to_headquarters: brk-supervisor",
    "major: brk-harbour-agent brk-supervisor",
    "warned: brk-supervisor",
    "escalated: brk-supervisor brk-vice-president",
    "major_received: brk-vice-president",
    "dispatched: brk-harbour",
    "head_told: brk-harbour-head",
    "dispatched: brk-audit",
    "head_told: brk-audit-head",
    "warned: brk-audit",
    "escalated: brk-audit-head",
    "escalated: brk-supervisor",
    "approval_needed: brk-harbour-head",
    "approval_needed: brk-audit-head",
    "approval_needed: brk-harbour-head",
    "approval_needed: brk-audit-head",
    "major_result: brk-callback brk-vice-president",
    "proposal: customer",
    "reopened: customer",
    "major_received: brk-vice-president",
    "dispatched: brk-harbour",
    "head_told: brk-harbour-head",
    "dispatched: brk-audit",
    "head_told: brk-audit-head",
    "approval_needed: brk-harbour-head",
    "approval_needed: brk-audit-head",
    "major_result: brk-callback brk-vice-president",
    "proposal: customer",
    "call_back: brk-callback",
    "closed: customer",
]
