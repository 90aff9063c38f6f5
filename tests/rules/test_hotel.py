"""The hotel's rules through the real system: guidance, choice, deadlines, causes, follow-up, archive."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.rules.site import Case, Site

FORM = {"room": "1204", "happened": "The air conditioning roared all night.", "wish": "A quiet room."}
NOTED = {"own_words": "I have not slept at all.", "mood": "upset"}
FOUND = {"finding": "A bearing is worn out."}
TWO = {
    "options": [
        {"text": "You move to a quiet room today.", "remedies": [{"type": "room_change"}]},
        {"text": "We repair it and take a night off.", "remedies": [{"type": "courtesy"}]},
    ]
}
LISTENING = ("listen", "do_not_argue", "apologise", "note_down", "speak_calmly")


async def opened(site: Site, *, unit: str = "hot-housekeeping", **more: Any) -> Case:
    facts = {"matter": "noise", **more.pop("facts", {})}
    return await site.open(
        "hotel", by="hot-agent", facts=facts, form=FORM, unit=unit, channel="reception", **more
    )


async def listened(case: Case) -> Case:
    for point in LISTENING:
        await case.act("tick_guidance", by="hot-agent", point=point)
    await case.act("finish_task", by="hot-agent", outcome="noted", answers=NOTED)
    return case


async def proposed(case: Case) -> Case:
    order = next(one["id"] for one in (await case.read())["orders"] if one["state"] == "dispatched")
    await case.act("answer_order", by="hot-housekeeping", order=order, result="Worn out.", answers=FOUND)
    for point in ("wish", "keep"):
        await case.act("tick_guidance", by="hot-agent", point=point)
    await case.act("propose", by="hot-agent", **TWO)
    return case


async def done(case: Case, option: str = "1") -> Case:
    await case.customer("accept", option=option)
    for point in ("at_once", "see_yourself"):
        await case.act("tick_guidance", by="hot-agent", point=point)
    await case.act("fulfil", by="hot-agent", note="The guest is in 0812 now.")
    return case


async def called(case: Case, outcome: str = "satisfied", by_way_of: str = "phone", **more: Any) -> Case:
    await case.pass_time("4wh")
    for point in ("thank", "ask"):
        await case.act("tick_guidance", by="hot-callback", point=point)
    answers = {"by_way_of": by_way_of, "come_again": "true"}
    await case.act("record_callback", by="hot-callback", outcome=outcome, answers=answers, **more)
    return case


async def due(case: Case, rule: str) -> str:
    """When a clock is due, as the guest is told it: to the minute, on the hotel's clock."""
    at = datetime.fromisoformat((await case.clock(rule))["due_at"])
    return f"{at.astimezone(case.procedure.calendar.zone):%Y-%m-%d %H:%M}"


@pytest.mark.rule("HOT-1")
async def test_each_stage_shows_its_guidance_and_listening_is_not_skipped(site: Site) -> None:
    case = await opened(site)
    guidance = (await case.read(by="hot-agent"))["guidance"]
    assert [point["point"] for point in guidance] == list(LISTENING)
    assert guidance[0] == {
        "point": "listen",
        "title": "Let the guest finish",
        "done": False,
        "required": True,
    }
    zh = await site.as_("hot-agent").get(f"/complaints/{case.ref}", headers={"Accept-Language": "zh"})
    assert zh.json()["guidance"][0]["title"] == "让宾客把话讲完"
    noted = {"outcome": "noted", "answers": NOTED}
    problem = await case.refused("finish_task", by="hot-agent", code="guidance_open", **noted)
    assert set(problem["fields"]) == set(LISTENING)
    await case.refused("tick_guidance", by="hot-agent", code="no_such_point", point="shout")
    for point in LISTENING[:-1]:
        await case.act("tick_guidance", by="hot-agent", point=point, note="done")
    problem = await case.refused("finish_task", by="hot-agent", code="guidance_open", **noted)
    assert set(problem["fields"]) == {"speak_calmly"}
    await case.act("tick_guidance", by="hot-agent", point="speak_calmly")
    await case.refused("tick_guidance", by="hot-agent", code="already_ticked", point="listen")
    assert [fact["point"] for fact in await case.facts("guidance_ticked")] == list(LISTENING)
    await case.act("finish_task", by="hot-agent", **noted)
    points = {point["point"] for point in (await case.read())["guidance"]}
    assert points == {"ask_colleagues", "no_blame"}


@pytest.mark.rule("HOT-2")
async def test_the_guest_is_given_more_than_one_solution_and_chooses(site: Site) -> None:
    case = await listened(await opened(site))
    await case.act("answer_order", by="hot-housekeeping", order="1", result="Worn out.", answers=FOUND)
    for point in ("wish", "keep"):
        await case.act("tick_guidance", by="hot-agent", point=point)
    one = {"options": TWO["options"][:1]}
    problem = await case.refused("propose", by="hot-agent", code="too_few", **one)
    assert problem["fields"] == {"options": "at least 2"}
    await case.act("propose", by="hot-agent", **TWO)
    letter = await case.told("proposal", to="customer")
    assert all(option["text"] in letter for option in TWO["options"])
    assert [option["id"] for option in (await case.portal())["options"]] == ["1", "2"]
    await case.customer("accept", option="2")
    assert (await case.read())["accepted"] == "2"


@pytest.mark.rule("HOT-3")
async def test_the_guest_is_told_the_deadline_exactly_and_every_step(site: Site) -> None:
    case = await opened(site)
    assert await case.within("solution", "2h")
    assert await due(case, "solution") in await case.told("opened", to="customer")
    await listened(case)
    letter = await case.told("being_examined", to="customer")
    assert await due(case, "progress") in letter
    assert await due(case, "solution") in letter
    await proposed(case)
    assert await due(case, "solution#1") in await case.told("examined", to="customer")
    await done(case)
    letter = await case.told("being_done", to="customer")
    assert "You move to a quiet room today." in letter
    assert await due(case, "fulfilment") in letter
    assert "0812" in await case.told("done", to="customer")
    told = [message["template"] for message in await case.messages(to="customer")]
    assert told == ["opened", "being_examined", "examined", "proposal", "being_done", "done"]


@pytest.mark.rule("HOT-3")
async def test_while_the_department_looks_into_it_the_guest_hears_at_set_intervals(site: Site) -> None:
    case = await listened(await opened(site))
    assert await case.within("progress", "30m")
    await case.act("inform_customer", by="hot-agent", text="The technician is on the way.")
    assert "The technician" in await case.told("informed", to="customer")
    clocks = {one["id"]: one["state"] for one in (await case.read())["clocks"] if one["rule"] == "progress"}
    assert clocks == {"progress#1": "met", "progress#2": "running"}
    assert (await case.pass_clock("progress"))["state"] == "breached"
    assert await case.told("escalated", to="hot-duty")
    await proposed(case)
    assert (await case.clock("progress"))["state"] == "missed"


@pytest.mark.rule("HOT-4")
@pytest.mark.parametrize(
    ("cause", "needed", "said"),
    [
        ("personal_fault", {"person", "action_taken"}, {"action_taken": "Spoken to, trained again."}),
        ("gap_in_rules", {"rule_changed"}, {"rule_changed": "Fans are serviced twice a year."}),
    ],
)
async def test_after_closing_the_cause_is_found_and_what_was_done_about_it(
    site: Site, cause: str, needed: set[str], said: dict[str, str]
) -> None:
    case = await called(await done(await proposed(await listened(await opened(site)))))
    assert (await case.read())["status"] == "closed"
    (raised,) = await case.facts("consequence_raised")
    assert raised["unit"] == "hot-housekeeping"
    analysis = await site.case(raised["ref"])
    assert await analysis.within("analysis", "3wd")
    assert raised["ref"] in await case.told("cause_wanted", to="hot-housekeeping-head")
    head = {"by": "hot-housekeeping-head", "order": "1", "result": "It is clear now."}
    problem = await analysis.refused("answer_order", code="form", answers={"cause": cause}, **head)
    assert set(problem["fields"]) == needed
    person = {"person": "hot-housekeeping"} if "person" in needed else {}
    if person:
        nobody = {"cause": cause, **said, "person": "hot-ghost"}
        problem = await analysis.refused("answer_order", code="form", answers=nobody, **head)
        assert set(problem["fields"]) == {"answers.person"}
    theirs = {**head, "by": "hot-housekeeping"}
    answers = {"cause": cause, **said, **person}
    await analysis.refused("answer_order", code="not_your_role", answers=answers, **theirs)
    await analysis.act("answer_order", answers=answers, **head)
    assert (await analysis.read())["closing_reason"] == "done"


@pytest.mark.rule("HOT-4")
async def test_a_cause_that_nobody_finds_is_told_to_the_general_manager(site: Site) -> None:
    case = await called(await done(await proposed(await listened(await opened(site)))))
    (raised,) = await case.facts("consequence_raised")
    analysis = await site.case(raised["ref"])
    assert (await analysis.pass_clock("analysis"))["state"] == "breached"
    assert await analysis.told("escalated", to="hot-general-manager")


@pytest.mark.rule("HOT-5")
async def test_the_guest_is_asked_by_sms_and_phone_whether_the_outcome_satisfies(site: Site) -> None:
    guest = {"name": "Wu Yue", "phone": "+86 138 5555 0142"}
    case = await done(await proposed(await listened(await opened(site, customer=guest))))
    row = await case.read()
    assert (row["step"], row["callback"]["due"]) == ("callback", False)
    await case.pass_time("4wh")
    (sms,) = await case.messages("follow_up", to="customer", channel="sms")
    assert (sms["state"], sms["recipient_name"]) == ("sent", "Wu Yue")
    assert await case.told("follow_up", to="hot-callback")
    for point in ("thank", "ask"):
        await case.act("tick_guidance", by="hot-callback", point=point)
    satisfied = {"outcome": "satisfied"}
    await case.refused("record_callback", by="hot-callback", code="form", **satisfied)
    answers = {"by_way_of": "sms", "come_again": "true"}
    await case.act("record_callback", by="hot-callback", **satisfied, score=9, answers=answers)
    assert (await case.read())["closing_reason"] == "satisfied"


@pytest.mark.rule("HOT-5")
async def test_a_guest_who_is_not_satisfied_with_the_outcome_is_heard_again(site: Site) -> None:
    case = await called(
        await done(await proposed(await listened(await opened(site)))), "dissatisfied", comment="Still loud."
    )
    row = await case.read()
    assert (row["round"], row["step"]) == (2, "handle")
    assert "again" in await case.told("reopened", to="customer")


@pytest.mark.rule("HOT-7")
async def test_every_guest_has_an_archive_of_their_own(site: Site) -> None:
    guest = {"name": "Lin Hai", "phone": "+86 139 5555 0177", "email": "lin.hai@guests.example"}
    first = await called(await done(await proposed(await listened(await opened(site, customer=guest)))))
    second = await opened(site, customer=guest)
    other = await opened(site)
    row = await first.read()
    assert {number["keeper"] for number in row["archive"]} == {"organisation", "unit:hot-housekeeping"}
    history = await site.as_("hot-agent").get(f"/customers/{row['customer']['id']}/complaints")
    assert history.status_code == 200, history.text
    found = {one["ref"]: one["status"] for one in history.json()["items"]}
    assert found == {second.ref: "review", first.ref: "closed"}
    assert other.ref not in found
    kept = await site.as_("hot-agent").get(
        "/archive", params={"keeper": "organisation", "procedure": "hotel"}
    )
    assert first.ref in {one["ref"] for one in kept.json()["items"]}
    theirs = await site.as_("hot-restaurant").get(f"/customers/{row['customer']['id']}/complaints")
    assert theirs.json()["items"] == [], "another department has nothing to do with this guest"
