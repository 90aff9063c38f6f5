"""High-frequency complaints through the real system: HFC-4 and HFC-5."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.site import Case, Site

STORY = {"story": "The card was charged twice", "demand": "The money back"}
IDEA = {"idea": "Let me lock my card in the app"}
OFFER = {"options": [{"text": "We correct it"}, {"text": "We explain it", "remedies": [{"type": "apology"}]}]}
PNG = b"\x89PNG\r\n\x1a\n the new screen"
TALK = ("listen", "soothe", "apologise", "collect")


async def complaint(site: Site) -> Case:
    facts = {"kind": "complaint", "area": "card"}
    return await site.open("high-frequency", by="hfc-agent", facts=facts, form=STORY, unit="hfc-cards")


async def suggestion(site: Site, kind: str = "suggestion") -> Case:
    facts = {"kind": kind, "area": "card"}
    return await site.open("high-frequency", by="hfc-agent", facts=facts, form=IDEA, unit="hfc-cards")


async def ticked(case: Case, *points: str, by: str = "hfc-agent") -> None:
    for point in points:
        await case.act("tick_guidance", by=by, point=point, note=f"{point}: done")


async def talked(site: Site) -> Case:
    case = await complaint(site)
    await ticked(case, *TALK)
    facts = {"outcome": "verify", "answers": {"collected": "Two charges of 3 March"}}
    await case.act("finish_task", by="hfc-agent", **facts)
    return case


async def considered(case: Case, adoption: str) -> None:
    said = {"order": "1", "result": "It is in the next version", "answers": {"adoption": adoption}}
    await case.act("answer_order", by="hfc-cards-clerk", **said)
    await case.settled()  # a case of its own may have been opened


async def points(case: Case) -> dict[str, bool]:
    """The points of the current step's guidance, in order, and whether each is done."""
    return {one["point"]: one["done"] for one in (await case.read())["guidance"]}


@pytest.mark.rule("HFC-4")
async def test_the_first_talk_is_not_over_before_its_four_steps_are_recorded(site: Site) -> None:
    case = await complaint(site)
    assert await points(case) == dict.fromkeys(TALK, False)
    chinese = await site.as_("hfc-agent").get(f"/complaints/{case.ref}", headers={"Accept-Language": "zh"})
    assert chinese.json()["guidance"][0]["title"] == "倾听：让客户把话说完"
    facts = {"outcome": "verify", "answers": {"collected": "Two charges of 3 March"}}
    await ticked(case, "soothe", "listen", "apologise")
    problem = await case.refused("finish_task", by="hfc-agent", code="guidance_open", **facts)
    assert set(problem["fields"]) == {"collect"}
    assert await points(case) == {**dict.fromkeys(TALK, True), "collect": False}
    await case.refused("tick_guidance", by="hfc-agent", code="already_ticked", point="listen")
    await case.refused("tick_guidance", by="hfc-agent", code="no_such_point", point="argue")
    await ticked(case, "collect")
    await case.act("finish_task", by="hfc-agent", **facts)
    assert (await case.read())["step"] == "handle"


@pytest.mark.rule("HFC-4")
async def test_all_seven_steps_of_the_talk_are_recorded_with_who_took_them(site: Site) -> None:
    case = await talked(site)
    answer = {"order": "1", "result": "Charged twice, true", "answers": {"cause": "system"}}
    await case.act("answer_order", by="hfc-cards-clerk", **answer)
    await case.refused("propose", by="hfc-agent", code="guidance_open", **OFFER)
    await ticked(case, "propose")
    await case.act("propose", by="hfc-agent", **OFFER)
    await case.refused("accept", by="hfc-agent", code="guidance_open", option="1")
    await ticked(case, "agree")
    await case.act("accept", by="hfc-agent", option="1")
    called = {"outcome": "satisfied", "score": 9, "answers": {"better": "Tell me before I find it"}}
    await case.refused("record_callback", by="hfc-callback", code="guidance_open", **called)
    await ticked(case, "follow_up", by="hfc-callback")
    await case.act("record_callback", by="hfc-callback", **called)
    assert (await case.read())["closing_reason"] == "satisfied"
    taken = [
        (event["data"]["point"], event["by"], event["data"]["note"])
        for event in await case.events()
        if event["kind"] == "guidance_ticked"
    ]
    agent = [(point, "person:hfc-agent", f"{point}: done") for point in (*TALK, "propose", "agree")]
    assert taken == [*agent, ("follow_up", "person:hfc-callback", "follow_up: done")]
    assert (await case.facts("callback_made"))[-1]["answers"] == called["answers"]


@pytest.mark.rule("HFC-4")
async def test_a_refusal_begins_the_talk_anew(site: Site) -> None:
    case = await talked(site)
    answer = {"order": "1", "result": "Charged twice, true", "answers": {"cause": "system"}}
    await case.act("answer_order", by="hfc-cards-clerk", **answer)
    await ticked(case, "propose")
    await case.act("propose", by="hfc-agent", **OFFER)
    await case.customer("reject", reason="I want the money now", demand="Refund today")
    seen = await case.read()
    assert (seen["round"], seen["step"]) == (2, "talk")
    assert await points(case) == dict.fromkeys(TALK, False)


@pytest.mark.rule("HFC-5")
@pytest.mark.parametrize("kind", ["suggestion", "feedback"])
async def test_a_suggestion_goes_to_the_unit_and_its_customer_gets_an_answer(site: Site, kind: str) -> None:
    case = await suggestion(site, kind)
    seen = await case.read()
    assert (seen["step"], seen["orders"][0]["unit"]) == ("consider", "hfc-cards")
    assert await case.told("dispatched", to="hfc-cards-clerk")
    assert await case.within("suggestion_answer", "10wd")
    assert await case.within("verification", "5wd")
    bare = {"order": "1", "result": "Maybe"}
    await case.refused("answer_order", by="hfc-cards-clerk", code="form", **bare)
    await considered(case, "partly")
    problem = await case.refused("finish_task", by="hfc-agent", code="form", outcome="answered")
    assert set(problem["fields"]) == {"reply"}
    reply = {"reply": "You can lock it in the app from May on."}
    await case.act("finish_task", by="hfc-agent", outcome="answered", answers=reply)
    told = await case.told("suggestion_answered", to="customer")
    assert reply["reply"] in told
    assert "Partly adopted" in told
    assert (await case.read())["closing_reason"] == "answered"
    assert (await case.clock("suggestion_answer"))["state"] == "met"


@pytest.mark.rule("HFC-5")
async def test_a_suggestion_nobody_answers_climbs(site: Site) -> None:
    case = await suggestion(site)
    assert (await case.pass_clock("verification"))["state"] == "breached"
    assert await case.told("escalated", to="hfc-cards-head")
    assert (await case.pass_clock("suggestion_answer"))["state"] == "breached"
    assert await case.told("escalated", to="hfc-supervisor")


@pytest.mark.rule("HFC-5")
async def test_what_is_adopted_is_carried_out_with_proof_and_its_effect_looked_at(site: Site) -> None:
    case = await suggestion(site)
    await considered(case, "adopted")
    assert await case.told("improvement_raised", to="hfc-supervisor")
    child = await site.case(f"{case.ref}-1")
    seen = await child.read()
    assert (seen["parent"], seen["consequence"], seen["step"]) == (case.ref, "improvement", "carry_out")
    assert await child.within("improvement", "20wd")
    said = {"order": "1", "result": "The lock is in the app"}
    measure = {"measure": "A lock in the app"}
    problem = await child.refused("answer_order", by="hfc-cards-clerk", code="form", **said, answers=measure)
    assert set(problem["fields"]) == {"proof"}
    proof = await child.attach("screen.png", PNG, by="hfc-cards-clerk")
    done = {**said, "answers": {**measure, "proof": proof}}
    await child.act("answer_order", by="hfc-cards-clerk", **done)
    assert case.ref in await child.told("effect_due", to="hfc-supervisor")
    assert await child.within("effect", "30d")
    await child.act("finish_task", by="hfc-supervisor", outcome="not_effective")
    seen = await child.read()
    assert (seen["step"], seen["orders"][-1]["state"]) == ("carry_out", "dispatched")
    await child.act("answer_order", by="hfc-cards-clerk", **{**done, "order": "2"})
    await child.act("finish_task", by="hfc-supervisor", outcome="effective")
    assert (await child.read())["closing_reason"] == "done"


@pytest.mark.rule("HFC-5")
async def test_what_is_not_adopted_is_answered_and_leads_to_nothing_more(site: Site) -> None:
    case = await suggestion(site)
    await considered(case, "not_adopted")
    reply: dict[str, Any] = {"reply": "Cards are locked by phone, so that nobody else can."}
    await case.act("finish_task", by="hfc-agent", outcome="answered", answers=reply)
    assert "Not adopted" in await case.told("suggestion_answered", to="customer")
    assert (await case.read())["consequences"] == []
    await case.customer("reopen", reason="But the phone is always busy")
    seen = await case.read()
    assert (seen["step"], seen["round"]) == ("consider", 2)
