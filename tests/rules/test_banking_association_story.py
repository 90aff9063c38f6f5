"""One long case of the banking association: refused, opened again, breached, escalated, and all it led to."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.rules.banking import (
    AGENT,
    BANK,
    BRANCH,
    BRANCH_HEAD,
    LEADER,
    PDF,
    SUPERVISOR,
    consequence,
    led_to,
    offer,
    opened,
    order_for,
)
from tests.rules.site import Case, Site

COMPLAINT = [
    "opened",
    "clock_started",
    "step_entered",
    "step_finished",
    "classified",
    "step_entered",
    "dispatched",
    "clock_stopped",
    "clock_started",
    "clock_started",
    "clock_started",
    "clock_warned",
    "clock_breached",
    "consequence_raised",
    "escalated",
    "order_taken",
    "clock_stopped",
    "clock_warned",
    "clock_breached",
    "escalated",
    "order_answered",
    "clock_stopped",
    "step_finished",
    "step_entered",
    "dispatched",
    "clock_started",
    "dispatched",
    "reply_promised",
    "clock_stopped",
    "clock_started",
    "clock_warned",
    "clock_breached",
    "escalated",
    "clock_breached",
    "order_answered",
    "step_finished",
    "consequence_raised",
    "consequence_raised",
    "step_entered",
    "order_answered",
    "clock_stopped",
    "proposed",
    "clock_stopped",
    "step_finished",
    "step_entered",
    "approval_opened",
    "clock_started",
    "approved",
    "step_finished",
    "clock_stopped",
    "step_entered",
    "customer_rejected",
    "step_finished",
    "reopened",
    "step_entered",
    "dispatched",
    "clock_started",
    "order_answered",
    "step_finished",
    "step_entered",
    "proposed",
    "step_finished",
    "step_entered",
    "clock_stopped",
    "customer_accepted",
    "step_finished",
    "step_entered",
    "fulfilled",
    "step_finished",
    "step_entered",
    "step_finished",
    "closed",
    "archived",
]

TALK = [
    "opened",
    "step_entered",
    "clock_started",
    "step_finished",
    "clock_stopped",
    "step_entered",
    "clock_started",
    "step_finished",
    "clock_stopped",
    "step_entered",
    "dispatched",
    "clock_started",
    "clock_warned",
    "clock_breached",
    "escalated",
    "order_answered",
    "clock_stopped",
    "step_finished",
    "step_entered",
    "clock_started",
    "clock_expired",
    "step_finished",
    "step_entered",
    "clock_started",
    "step_finished",
    "clock_stopped",
    "consequence_raised",
    "closed",
    "archived",
]

CRITICISM = [
    "opened",
    "step_entered",
    "step_finished",
    "step_entered",
    "clock_started",
    "step_finished",
    "clock_stopped",
    "measure_taken",
    "step_entered",
    "clock_started",
    "step_finished",
    "clock_stopped",
    "closed",
    "archived",
]

RECTIFICATION = [
    "opened",
    "step_entered",
    "dispatched",
    "clock_started",
    "clock_warned",
    "clock_warned",
    "clock_breached",
    "escalated",
    "order_answered",
    "clock_stopped",
    "step_finished",
    "step_entered",
    "clock_started",
    "step_finished",
    "clock_stopped",
    "step_entered",
    "clock_started",
    "clock_expired",
    "step_finished",
    "step_entered",
    "clock_started",
    "step_finished",
    "clock_stopped",
    "closed",
    "archived",
]

TOLD = Counter(
    {
        ("opened", "customer"): 1,
        ("dispatched", BANK): 3,
        ("dispatched", BRANCH): 1,
        ("warned", BANK): 3,
        ("warned", BRANCH): 1,
        ("escalated", LEADER): 2,
        ("escalated", AGENT): 3,
        ("escalated", SUPERVISOR): 1,
        ("raised", SUPERVISOR): 1,
        ("raised", AGENT): 2,
        ("progress", LEADER): 1,
        ("progress", AGENT): 1,
        ("informed", "customer"): 1,
        ("promise_broken", BRANCH_HEAD): 1,
        ("promise_broken", LEADER): 1,
        ("promise_broken", AGENT): 1,
        ("reported", AGENT): 1,
        ("approval_needed", LEADER): 1,
        ("proposal", "customer"): 2,
        ("reopened", "customer"): 1,
        ("closed", "customer"): 1,
    }
)


FINDING = {"finding": "confirmed", "cause": "The fee was charged on two systems"}


async def answered(case: Case, by: str, purpose: str, result: str, **more: Any) -> None:
    """The newest order for a purpose is answered."""
    order = await order_for(case, purpose)
    await case.act("answer_order", by=by, order=order["id"], result=result, **more)


async def the_complaint(site: Site) -> Case:
    """From the worksheet to the review by the association."""
    case = await opened(site, form={"employee": "bnk-plaza-teller"}, category="other")
    sorted_ = {"outcome": "valid", "answers": {"grounds": "The receipt shows it"}}
    await case.act("finish_task", by=AGENT, **sorted_)
    await case.pass_clock("take")  # the bank lets it lie
    await case.act("take_order", by=BANK, order="1")
    await case.pass_clock("verification")
    await answered(case, BANK, "verification", "Both systems charged it", answers=FINDING)
    until = await case.now() + timedelta(days=5)
    promise = {"until": until.isoformat(), "text": "The second system is being looked at"}
    await case.act("promise_reply", by=BRANCH, **promise)
    await case.pass_clock("promise")  # nobody answers
    await answered(case, BRANCH, "handle", "The fee goes back", outcome="final")
    await answered(case, BANK, "report", "The branch gives the fee back", outcome="reported")
    await case.act("propose", by=BRANCH, **offer("Fee and damage", "6000.00"))
    await case.refused("approve", by=BRANCH_HEAD, code="not_your_role")
    await case.act("approve", by=LEADER, note="the bank pays")
    await case.customer("reject", reason="I want the same from the other account", demand="500 more")
    await answered(case, BANK, "handle", "Both accounts are corrected", outcome="final")
    await case.act("propose", by=BANK, **offer("Both fees", "450.00"))
    await case.customer("accept", option="1")
    await case.act("fulfil", by=BRANCH, note="credited")
    await case.act(
        "finish_task", by=AGENT, outcome="reviewed", answers={"conclusion": "Settled in two rounds"}
    )
    return case


async def the_talk(parent: Case) -> Case:
    """The accountability talk changes nothing, so the bank is criticised before all members."""
    talk = await consequence(parent, "talk")
    await talk.act("finish_task", by=SUPERVISOR, outcome="confirmed")
    minutes = {"held_on": "2026-03-20", "minutes": "A second desk will take what is passed on"}
    await talk.act("finish_task", by=AGENT, outcome="held", answers=minutes)
    await talk.pass_clock("improvement")
    await answered(talk, BANK, "handle", "The desk is there")
    await talk.pass_clock("watch")
    await talk.act("finish_task", by=SUPERVISOR, outcome="unchanged")
    criticism = await consequence(talk, "criticism")
    await criticism.act("finish_task", by=SUPERVISOR, outcome="confirmed")
    await criticism.act("finish_task", by=AGENT, outcome="circulated", answers={"number": "2026-7"})
    await criticism.act("finish_task", by=AGENT, outcome="reported", answers={"receipt": "R-118"})
    return criticism


async def the_rectification(parent: Case) -> Case:
    """The branch is late, then mends it, and it has an effect."""
    case = await consequence(parent, "rectification")
    await case.pass_clock("completion")
    proof = await case.attach("notice.pdf", PDF, by=BRANCH)
    answers = {"measures": "One system charges", "completed_on": "2026-03-20", "proof": proof}
    await answered(case, BRANCH, "handle", "Mended", answers=answers)
    await case.act("finish_task", by=AGENT, outcome="accepted")
    await case.pass_clock("watch")
    await case.act("finish_task", by=AGENT, outcome="effective")
    return case


async def kinds(case: Case) -> list[str]:
    """What happened, in order; when the case of a consequence is there is left to chance."""
    return [kind for kind in await case.kinds() if kind != "consequence_opened"]


async def clocks(case: Case) -> dict[str, str]:
    """Every clock and what became of it."""
    return {one["id"]: one["state"] for one in (await case.read())["clocks"]}


async def told(case: Case) -> Counter[tuple[str, str]]:
    """Who was told what, and how often."""
    return Counter(
        (one["template"], "customer" if one["recipient"].startswith("customer") else one["recipient"])
        for one in await case.messages()
    )


@pytest.mark.rule("BNK-4", "BNK-5", "BNK-6", "BNK-7", "BNK-8", "BNK-9", "BNK-10", "BNK-12")
async def test_a_complaint_that_nobody_took_to_its_last_consequence(site: Site) -> None:
    case = await the_complaint(site)
    assert await kinds(case) == COMPLAINT
    assert await clocks(case) == {
        "passing_on#1": "met",
        "take#1": "missed",
        "verification#1": "missed",
        "report#1": "missed",
        "answer#1": "met",
        "promise#1": "missed",
        "authority#1": "met",
        "answer#2": "met",
    }
    assert await told(case) == TOLD
    assert await led_to(case) == [
        ("talk", "nobody took a complaint that was passed on"),
        ("rectification", "a valid complaint was confirmed"),
        ("responsibility", "a valid complaint was confirmed"),
    ]
    found = await case.read()
    assert (found["round"], found["closing_reason"], len(found["archive"])) == (2, "satisfied", 2)

    criticism = await the_talk(case)
    talk = await consequence(case, "talk")
    assert await kinds(talk) == TALK
    assert (await clocks(talk))["improvement#1"] == "missed"
    assert await told(talk) == Counter(
        {
            ("summons", LEADER): 1,
            ("summons", SUPERVISOR): 1,
            ("dispatched", BANK): 1,
            ("warned", BANK): 1,
            ("escalated", LEADER): 1,
            ("escalated", SUPERVISOR): 1,
        }
    )
    assert await kinds(criticism) == CRITICISM
    assert await clocks(criticism) == {"circulation#1": "met", "regulator#1": "met"}

    rectification = await the_rectification(case)
    assert await kinds(rectification) == RECTIFICATION
    assert await clocks(rectification) == {
        "completion#1": "missed",
        "acceptance#1": "met",
        "watch#1": "stopped",
        "effect#1": "met",
    }
    for one, opened_later in ((case, 3), (talk, 1), (criticism, 0), (rectification, 0)):
        assert (await one.kinds()).count("consequence_opened") == opened_later
    await case.worked("nobody took it")
