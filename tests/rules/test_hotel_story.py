"""A whole stay's complaint: an answer that came late, a choice refused, done again, and what was learnt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rules.site import Case, Site
from tests.rules.test_hotel import FORM, FOUND, LISTENING, NOTED, TWO, called, done

GENEROUS = {
    "options": [
        {"text": "The suite, and the night is free.", "remedies": [{"type": "upgrade"}]},
        {
            "text": "The last two nights are free.",
            "remedies": [{"type": "refund", "amount": "1180.00", "currency": "CNY"}],
        },
    ]
}


async def told(case: Case) -> list[str]:
    """Who was told what, event after event: the text and everybody who got it."""
    found: dict[tuple[int, str], list[str]] = {}
    for one in await case.messages():
        who = "customer" if one["post"] == "customer" else one["recipient"]
        found.setdefault((one["seq"], one["template"]), []).append(who)
    return [f"{template}: {' '.join(sorted(who))}" for (_, template), who in sorted(found.items())]


@pytest.mark.rule("HOT-1", "HOT-2", "HOT-3", "HOT-4", "HOT-5")
async def test_a_noisy_room_from_the_reception_to_the_lesson_learnt(site: Site) -> None:
    case = await site.open(
        "hotel",
        by="hot-agent",
        title="The air conditioning roars",
        channel="reception",
        facts={"matter": "noise"},
        form=FORM,
        unit="hot-housekeeping",
    )
    for point in LISTENING:
        await case.act("tick_guidance", by="hot-agent", point=point)
    await case.act("finish_task", by="hot-agent", outcome="noted", answers=NOTED)
    await case.act("take_order", by="hot-housekeeping", order="1")
    await case.pass_clock("progress")
    await case.pass_time(timedelta(minutes=5))
    await case.act("inform_customer", by="hot-agent", text="The technician is on the way.")
    await case.pass_clock("department")
    await case.act("answer_order", by="hot-housekeeping", order="1", result="Worn out.", answers=FOUND)
    for point in ("wish", "keep"):
        await case.act("tick_guidance", by="hot-agent", point=point)
    await case.refused("propose", by="hot-agent", code="too_few", options=TWO["options"][:1])
    await case.act("propose", by="hot-agent", **TWO)
    await case.customer("reject", reason="I have lost two nights", demand="Two nights free")
    await case.act("answer_order", by="hot-housekeeping", order="2", result="It is true.", answers=FOUND)
    for point in ("wish", "keep"):
        await case.act("tick_guidance", by="hot-agent", point=point)
    await case.act("propose", by="hot-agent", **GENEROUS)
    await case.refused("approve", by="hot-general-manager", code="not_your_role", approval="duty")
    await case.act("approve", by="hot-duty", approval="duty")
    await done(case, "2")
    await called(case, score=9)

    await case.settled()
    assert await case.kinds() == STORY.split()
    row = await case.read()
    assert [(c["id"], c["state"]) for c in row["clocks"]] == CLOCKS
    assert await told(case) == TOLD
    assert (row["closing_reason"], row["round"], row["breaches"]) == ("satisfied", 2, 2)
    assert await case.ledger() == []
    (raised,) = await case.facts("consequence_raised")
    analysis = await site.case(raised["ref"])
    lesson = {"cause": "gap_in_rules", "rule_changed": "Fans are serviced twice a year."}
    await analysis.act("answer_order", by="hot-housekeeping-head", order="1", result="Wear.", answers=lesson)
    assert await analysis.kinds() == ANALYSIS.split()
    await case.worked("a room in which nobody could sleep")


STORY = """
opened clock_started step_entered
guidance_ticked guidance_ticked guidance_ticked guidance_ticked guidance_ticked step_finished
step_entered clock_started dispatched clock_started order_taken
clock_breached escalated customer_informed clock_stopped clock_started
clock_warned clock_breached escalated order_answered clock_stopped step_finished clock_stopped
step_entered guidance_ticked guidance_ticked proposed step_finished
step_entered clock_stopped customer_rejected step_finished
reopened clock_started step_entered clock_started dispatched clock_started
order_answered clock_stopped step_finished clock_stopped
step_entered guidance_ticked guidance_ticked proposed step_finished
step_entered approved step_finished step_entered clock_stopped customer_accepted step_finished
step_entered clock_started guidance_ticked guidance_ticked fulfilled clock_stopped step_finished
step_entered callback_scheduled callback_due guidance_ticked guidance_ticked callback_made step_finished
closed consequence_raised archived consequence_opened
"""

ANALYSIS = """
opened step_entered clock_started dispatched order_answered step_finished clock_stopped closed archived
"""

CLOCKS = [
    ("solution#1", "met"),
    ("progress#1", "missed"),
    ("department#1", "missed"),
    ("progress#2", "met"),
    ("solution#2", "met"),
    ("progress#3", "met"),
    ("department#2", "met"),
    ("fulfilment#1", "met"),
]

TOLD = [
    "opened: customer",
    "being_examined: customer",
    "dispatched: hot-housekeeping",
    "escalated: hot-agent hot-duty",
    "informed: customer",
    "warned: hot-housekeeping",
    "escalated: hot-duty hot-housekeeping-head",
    "examined: customer",
    "proposal: customer",
    "reopened: customer",
    "being_examined: customer",
    "dispatched: hot-housekeeping",
    "examined: customer",
    "approval_needed: hot-duty",
    "proposal: customer",
    "being_done: customer",
    "done: customer",
    "follow_up: customer hot-callback",
    "closed: customer",
    "cause_wanted: hot-housekeeping-head",
]
