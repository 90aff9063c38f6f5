"""What follows from complaints about member banks, through the real system: BNK-8 to BNK-10."""

from __future__ import annotations

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
    opened,
    order_for,
    passed_on,
    settled,
    somebody,
    verified,
)
from tests.rules.site import WATCHER, Case, Site

STATION = {"branch": "bnk-east-station"}
HARBOUR = {"branch": "bnk-west-harbour"}


async def mended(case: Case, *, by: str = BRANCH) -> None:
    """The branch reports its rectification with proof."""
    proof = await case.attach("notice.pdf", PDF, by=by)
    answers = {"measures": "Fees are checked twice", "completed_on": "2026-03-20", "proof": proof}
    order = await order_for(case, "handle")
    await case.act("answer_order", by=by, order=order["id"], result="Mended", answers=answers)


async def held(case: Case) -> None:
    """The talk is confirmed and held, and the unit has reported what it changed."""
    await case.act("finish_task", by=SUPERVISOR, outcome="confirmed")
    minutes = {"held_on": "2026-03-20", "minutes": "They promised to train the counter"}
    await case.act("finish_task", by=AGENT, outcome="held", answers=minutes)
    order = await order_for(case, "handle")
    by = {"bnk-east": BANK, "bnk-east-plaza": BRANCH}[order["unit"]]
    await case.act("answer_order", by=by, order=order["id"], result="The counter was trained")


@pytest.mark.rule("BNK-8")
async def test_a_valid_complaint_leads_to_a_rectification_order_followed_to_its_effect(site: Site) -> None:
    parent = await settled(site)
    assert await parent.told("raised", to=AGENT)
    case = await consequence(parent, "rectification")
    assert await case.told("dispatched", to=BRANCH)
    assert await case.within("completion", "10wd")
    (seen,) = [o for o in (await parent.read())["consequences"] if o["ref"] == case.ref]
    assert seen["next_due"] < seen["due_at"] == (await case.clock("completion"))["due_at"]
    order = (await order_for(case, "handle"))["id"]
    said = {"order": order, "result": "Mended"}
    bare = {"measures": "Fees are checked twice", "completed_on": "2026-03-20"}
    problem = await case.refused("answer_order", by=BRANCH, code="form", **said, answers=bare)
    assert set(problem["fields"]) == {"proof"}
    assert (await case.pass_clock("completion"))["state"] == "breached"
    assert await case.told("warned", to=BRANCH)
    assert await case.told("escalated", to=BRANCH_HEAD)
    assert await case.told("escalated", to=LEADER)
    await mended(case)
    await case.act("finish_task", by=AGENT, outcome="insufficient", note="the sign is still wrong")
    await mended(case)
    await case.act("finish_task", by=AGENT, outcome="accepted")
    assert await case.within("watch", "60d")
    await case.pass_clock("watch")
    assert (await case.read())["step"] == "effect"
    await case.act("finish_task", by=AGENT, outcome="effective")
    (shown,) = [o for o in (await parent.read())["consequences"] if o["ref"] == case.ref]
    assert (shown["status"], shown["closing_reason"]) == ("closed", "effective")


@pytest.mark.rule("BNK-8")
async def test_who_was_responsible_is_decided_by_the_member_and_recorded(site: Site) -> None:
    parent = await settled(site, form={"employee": "bnk-plaza-teller"})
    case = await consequence(parent, "responsibility")
    found = await case.read()
    assert found["person"] == "bnk-plaza-teller"
    assert [order["unit"] for order in found["orders"]] == ["bnk-east"]
    assert await case.within("decision", "15wd")
    said = {"order": "1", "result": "Decided", "answers": {"decision": "promoted", "grounds": "None"}}
    problem = await case.refused("answer_order", by=BANK, code="form", **said)
    assert set(problem["fields"]) == {"decision"}
    said["answers"] = {"decision": "admonished", "grounds": "She charged it twice"}
    await case.act("answer_order", by=BANK, **said)
    done = await case.act("finish_task", by=AGENT, outcome="recorded")
    assert done["status"] == "closed"
    assert (await case.read())["closing_reason"] == "decided"


@pytest.mark.rule("BNK-8")
async def test_a_complaint_that_was_refuted_leads_to_neither(site: Site) -> None:
    case = await settled(site, finding="refuted")
    assert not {name for name, _ in await led_to(case)} & {"rectification", "responsibility"}


@pytest.mark.rule("BNK-9", "BNK-2")
async def test_what_nobody_took_leads_to_a_talk_once_a_person_confirms_it(site: Site) -> None:
    parent = await passed_on(site)
    await parent.pass_clock("take")
    assert ("talk", "nobody took a complaint that was passed on") in await led_to(parent)
    assert await parent.told("raised", to=SUPERVISOR)
    case = await consequence(parent, "talk")
    assert (await case.read())["unit"] == "bnk-east"
    await case.refused("finish_task", by=AGENT, code="not_your_role", outcome="confirmed")
    assert not await case.messages("summons")
    await case.act("finish_task", by=SUPERVISOR, outcome="confirmed")
    assert parent.ref in await case.told("summons", to=LEADER)
    assert await case.within("talk", "5wd")
    taken = await passed_on(site)
    await taken.act("take_order", by=BANK, order="1")
    await taken.pass_time("3wd")
    assert "nobody took a complaint that was passed on" not in dict(await led_to(taken)).values()


@pytest.mark.rule("BNK-9")
@pytest.mark.parametrize(("category", "late"), [("attitude", False), ("delay", True)])
async def test_who_complains_again_because_of_attitude_or_delay_causes_a_talk(
    site: Site, category: str, late: bool
) -> None:
    customer = somebody()
    first = await verified(site, customer=customer, category=category)
    if late:
        await first.pass_clock("answer")
    await first.customer("withdraw", reason="I give up")
    again = await opened(site, customer=customer, category=category)
    assert (await again.read())["repeat_of"] == first.ref
    why = "attitude or delay made the customer complain again"
    assert ("talk", why) in await led_to(again)
    assert (await (await consequence(again, "talk")).read())["unit"] == "bnk-east-plaza"


@pytest.mark.rule("BNK-9")
async def test_who_complains_again_for_another_reason_causes_none(site: Site) -> None:
    customer = somebody()
    first = await opened(site, customer=customer, category="product")
    await first.customer("withdraw", reason="I give up")
    again = await opened(site, customer=customer, category="product")
    assert (await again.read())["repeat_of"] == first.ref
    assert await led_to(again) == []


@pytest.mark.rule("BNK-9")
async def test_the_same_kind_again_and_again_without_rectification_causes_a_talk(site: Site) -> None:
    why = "the same kind again and again without rectification"
    for expected in (0, 1, 2):
        case = await passed_on(site, form=STATION, category="account")
        assert (await case.read())["history"]["same_branch"] == expected
        assert (why in dict(await led_to(case)).values()) == (expected == 2)
    assert (await case.read())["history"]["rectified"] == 0
    other = await passed_on(site, form=STATION, category="product")
    assert (await other.read())["history"]["same_branch"] == 0


@pytest.mark.rule("BNK-9")
async def test_a_rectification_with_effect_keeps_the_talk_away(site: Site) -> None:
    for _ in range(2):
        case = await passed_on(site, form=HARBOUR, category="account")
    await case.act("raise_consequence", by=AGENT, consequence="rectification", note="the third is coming")
    order = await consequence(case, "rectification")
    await mended(order, by="bnk-harbour")
    await order.act("finish_task", by=AGENT, outcome="accepted")
    await order.pass_clock("watch")
    await order.act("finish_task", by=AGENT, outcome="effective")
    third = await passed_on(site, form=HARBOUR, category="account")
    assert (await third.read())["history"] == {"same_branch": 2, "rectified": 1, "talks": 0}
    assert await led_to(third) == []


@pytest.mark.rule("BNK-9")
async def test_bad_handling_in_the_media_causes_a_talk(site: Site) -> None:
    case = await verified(site, form=STATION, category="delay")
    await case.act("flag", by=AGENT, flag="media", note="It is in the evening news")
    assert ("talk", "bad handling reached media or internet") in await led_to(case)


@pytest.mark.rule("BNK-10")
async def test_nothing_changed_after_the_talk_leads_to_criticism_the_regulator_and_a_lost_award(
    site: Site,
) -> None:
    parent = await passed_on(site)
    await parent.act("raise_consequence", by=SUPERVISOR, consequence="talk", note="it cannot go on so")
    talk = await consequence(parent, "talk")
    await held(talk)
    assert await talk.within("watch", "30d")
    await talk.pass_clock("watch")
    await talk.act("finish_task", by=SUPERVISOR, outcome="unchanged")
    assert ("criticism", "nothing changed after the talk") in await led_to(talk)
    case = await consequence(talk, "criticism")
    assert case.ref == f"{talk.ref}-1"
    await case.refused("finish_task", by=AGENT, code="not_your_role", outcome="confirmed")
    await case.act("finish_task", by=SUPERVISOR, outcome="confirmed")
    await case.act("finish_task", by=AGENT, outcome="circulated", answers={"number": "2026-7"})
    assert await case.told("criticism", to=BRANCH_HEAD)
    assert await case.told("criticism", to="bnk-west-leader"), "every member reads it"
    standing = (await site.as_(WATCHER).get("/units/bnk-east-plaza/measures")).json()
    assert ("forfeit_award", case.ref) in [(one["measure"], one["ref"]) for one in standing["measures"]]
    assert standing["standing"] == "active"
    assert await case.within("regulator", "3wd")
    await case.refused("finish_task", by=AGENT, code="form", outcome="reported")
    done = await case.act("finish_task", by=AGENT, outcome="reported", answers={"receipt": "R-2026-118"})
    assert done["status"] == "closed"


@pytest.mark.rule("BNK-10")
async def test_again_after_a_talk_leads_to_criticism(site: Site) -> None:
    """A talk that was held with the same branch within the year counts, one that was dismissed does not."""
    customer = somebody()
    talks = []
    for _ in range(3):
        parent = await passed_on(site, form=HARBOUR, customer=customer, category="other")
        body = {"consequence": "talk", "note": "it happened again", "unit": "bnk-west-harbour"}
        await parent.act("raise_consequence", by=SUPERVISOR, **body)
        talks.append(await consequence(parent, "talk"))
        if len(talks) == 1:
            await talks[0].act("finish_task", by=SUPERVISOR, outcome="dismissed")
        else:
            await talks[-1].act("finish_task", by=SUPERVISOR, outcome="confirmed")
        if len(talks) == 2:
            minutes = {"held_on": "2026-03-20", "minutes": "They promised"}
            await talks[1].act("finish_task", by=AGENT, outcome="held", answers=minutes)
            await talks[1].act("answer_order", by="bnk-harbour", order="1", result="Trained")
            await talks[1].pass_clock("watch")
            await talks[1].act("finish_task", by=SUPERVISOR, outcome="improved")
    why = "it happened again after a talk"
    assert [why in dict(await led_to(talk)).values() for talk in talks] == [False, False, True]
