"""A card charged twice, from an angry call to a satisfied customer: late, refused, reopened, paid."""

from __future__ import annotations

from tests.rules.site import Case, Site
from tests.rules.test_high_frequency import STORY, TALK, ticked


async def _talk_and_verify(case: Case, order: str, by: str = "hfc-cards-clerk") -> None:
    await ticked(case, *TALK)
    facts = {"outcome": "verify", "answers": {"collected": "Two charges of 3 March, 29.90 each"}}
    await case.act("finish_task", by="hfc-agent", **facts)
    said = {"order": order, "result": "Charged twice, true", "answers": {"cause": "system"}}
    await case.act("answer_order", by=by, **said)


async def test_a_card_charged_twice(site: Site) -> None:
    case = await site.open(
        "high-frequency",
        by="hfc-agent",
        facts={"kind": "complaint", "area": "card"},
        form=STORY,
        customer={"name": "Li Na", "phone": "+86 10 5555 0777", "email": "li.na@customer.example"},
        unit="hfc-cards",
        title="Charged twice",
    )
    # Nobody talks to the customer in time: owner and supervisor hear of it.
    await case.pass_clock("first_talk")
    await _talk_and_verify(case, "1")
    await ticked(case, "propose")
    await case.act("propose", by="hfc-agent", options=[{"text": "We correct the bill of next month"}])
    await case.customer("reject", reason="I need the money now", demand="The money back this week")
    # The next round begins with the talk again.
    await _talk_and_verify(case, "2")
    refund = {"type": "refund", "amount": "29.90", "currency": "CNY"}
    await ticked(case, "propose")
    offer = {"options": [{"text": "We pay it back at once", "remedies": [refund]}]}
    await case.act("propose", by="hfc-agent", **offer)
    await case.act("approve", by="hfc-approver")
    await ticked(case, "agree")
    await case.customer("accept", option="1")
    await case.settled()
    await case.act("fulfil", by="hfc-agent", note="Credited to the card")
    await ticked(case, "follow_up", by="hfc-callback")
    await case.act(
        "record_callback", by="hfc-callback", outcome="dissatisfied", comment="It is not there yet"
    )
    await _talk_and_verify(case, "3", by="hfc-supervisor")
    await ticked(case, "propose")
    said = "It came today; we are sorry for the wait"
    await case.act("propose", by="hfc-agent", options=[{"text": said, "remedies": [{"type": "apology"}]}])
    await ticked(case, "agree")
    await case.customer("accept", option="1")
    await ticked(case, "follow_up", by="hfc-callback")
    await case.act("record_callback", by="hfc-callback", outcome="satisfied", score=8)

    talk = ["guidance_ticked"] * 4 + ["step_finished"]
    kinds = [kind for kind in await case.kinds() if not kind.startswith("clock_s")]
    first, second = kinds.index("reopened"), len(kinds) - 1 - kinds[::-1].index("reopened")
    assert kinds[:first] == [
        "opened", "step_entered", "clock_breached", "escalated", *talk, "step_entered", "dispatched",
        "order_answered", "step_finished", "step_entered", "guidance_ticked", "proposed", "step_finished",
        "step_entered", "customer_rejected", "step_finished",
    ]  # fmt: skip
    assert kinds[first:second] == [
        "reopened", "step_entered", *talk, "step_entered", "dispatched", "order_answered", "step_finished",
        "step_entered", "guidance_ticked", "proposed", "step_finished", "step_entered",
        "approved", "step_finished", "step_entered", "guidance_ticked", "customer_accepted", "posted",
        "step_finished", "step_entered", "paid_out", "fulfilled", "step_finished", "step_entered",
        "callback_scheduled", "callback_due", "guidance_ticked", "callback_made", "step_finished",
    ]  # fmt: skip
    assert kinds[-4:] == ["callback_made", "step_finished", "closed", "archived"]
    clocks = {one["id"]: one["state"] for one in (await case.read())["clocks"]}
    assert clocks["first_talk#1"] == "missed"
    assert {clocks[f"verification#{n}"] for n in (1, 2, 3)} == {"met"}
    assert await case.ledger() == [
        ("refund", "organisation", (await case.ledger())[0][2], "29.90 CNY"),
    ]
    told = [one["template"] for one in await case.messages(to="customer")]
    assert told == ["opened", "proposal", "reopened", "proposal", "reopened", "proposal", "closed"]
    assert (await case.read())["orders"][-1]["unit"] == "hfc-hq"
    await case.worked("A card charged twice")
