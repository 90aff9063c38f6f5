"""The telecom operator's rules through the real system: the first-line desk and failures of systems."""

from __future__ import annotations

import uuid

import pytest

from tests.rules.site import Case, Site
from tests.rules.test_telecom_si import PACK, opened


async def consultation(site: Site, **more: str) -> Case:
    return await opened(site, kind="consultation", **more)


async def publish(site: Site, title: str, wording: str) -> None:
    body = {"procedure": PACK, "title": title, "wording": {"en": wording, "zh": wording}}
    answer = await site.as_("tel-supervisor").post("/announcements", json=body)
    assert answer.status_code == 201, answer.text


@pytest.mark.rule("TEL-15")
async def test_explained_and_accepted_is_a_note_and_nothing_is_dispatched(site: Site) -> None:
    case = await consultation(site)
    assert (await case.read())["step"] == "first_line"
    await case.act("finish_task", by="tel-agent", outcome="explained", note="the bill was read together")
    row = await case.read()
    assert (row["status"], row["closing_reason"], row["orders"]) == ("closed", "noted", [])
    assert "dispatched" not in await case.kinds()


@pytest.mark.rule("TEL-15")
async def test_the_desk_finds_what_is_known_and_announced_about_the_matter(site: Site) -> None:
    word = uuid.uuid4().hex
    known = {"en": f"The device restarts by itself: {word}", "zh": f"终端自动重启：{word}"}
    entry = {"procedure": PACK, "about": {"matter": "device"}, "title": known, "content": known}
    answer = await site.as_("tel-supervisor").post("/knowledge", json=entry)
    assert answer.status_code == 201, answer.text
    await publish(site, "Devices", f"A new firmware comes on Friday ({word}).")
    facts = {"kind": "consultation", "matter": "device"}
    body = {
        "procedure": PACK,
        "channel": "hotline",
        "title": "Why?",
        "facts": facts,
        "customer": {"name": "W"},
    }
    made = (await site.as_("tel-agent").post("/complaints", json=body)).json()
    assert word in str(made["knowledge"])
    assert word in str(made["announcements"])
    other = {**body, "facts": {"kind": "consultation", "matter": "staff"}}
    assert word not in str((await site.as_("tel-agent").post("/complaints", json=other)).json()["knowledge"])
    case = await site.case(made["ref"])
    assert word in str((await case.read(by="tel-agent"))["knowledge"])
    found = await site.as_("tel-agent").get("/knowledge", params={"q": word, "procedure": PACK})
    assert [one["about"] for one in found.json()["items"]] == [{"matter": "device"}]


@pytest.mark.rule("TEL-15")
async def test_not_accepted_it_becomes_a_complaint_on_the_difficult_path(site: Site) -> None:
    case = await consultation(site)
    await case.act("finish_task", by="tel-agent", outcome="not_accepted")
    row = await case.read()
    assert (row["facts"]["kind"], row["facts"]["severity"], row["step"]) == (
        "complaint",
        "difficult",
        "handle",
    )
    await case.act("dispatch", by="tel-agent", unit="si-alpha")
    assert await case.within("reply", "72h")


@pytest.mark.rule("TEL-16")
async def test_what_is_announced_is_shown_at_intake_with_its_unified_wording(site: Site) -> None:
    wording = f"The gateway is mended by noon ({uuid.uuid4().hex})."
    await publish(site, "Gateway down", wording)
    body = {"procedure": PACK, "channel": "hotline", "title": "No games", "customer": {"name": "W"}}
    made = (await site.as_("tel-agent").post("/complaints", json=body)).json()
    assert wording in [one["wording"]["en"] for one in made["announcements"]]
    case = await site.case(made["ref"])
    await case.act("mark", by="tel-agent", mark="wording_used")
    assert (await case.facts("marked"))[-1]["mark"] == "wording_used"


@pytest.mark.rule("TEL-16")
async def test_the_operators_own_system_down_calls_it_and_is_announced_within_the_hour(site: Site) -> None:
    case = await consultation(site)
    await case.act("finish_task", by="tel-agent", outcome="own_system_down", note="the desk cannot log in")
    (order,) = (await case.read())["orders"]
    assert (order["unit"], order["purpose"]) == ("it", "it_coordination")
    assert "IT" in await case.told("it_down", to="tel-shift")
    assert await case.told("dispatched", to="tel-it")
    assert "announcement" not in [clock["rule"] for clock in (await case.read())["clocks"]]

    await case.act("answer_order", by="tel-it", order="1", result="The login fails.", outcome="confirmed")
    assert (await case.read())["step"] == "first_line"
    assert await case.within("announcement", "1h")
    await case.pass_clock("announcement")
    assert await case.told("escalated", to="tel-supervisor")
    await case.act("mark", by="tel-shift", mark="announced")
    assert (await case.clock("announcement"))["state"] == "missed"
    await case.act("finish_task", by="tel-agent", outcome="explained")
    assert (await case.read())["closing_reason"] == "noted"


@pytest.mark.rule("TEL-16")
async def test_no_failure_no_announcement_and_one_in_time_is_in_time(site: Site) -> None:
    none = await consultation(site)
    await none.act("finish_task", by="tel-agent", outcome="own_system_down")
    await none.act("answer_order", by="tel-it", order="1", result="All is well.", outcome="no_failure")
    assert "announcement" not in [clock["rule"] for clock in (await none.read())["clocks"]]
    quick = await consultation(site)
    await quick.act("finish_task", by="tel-agent", outcome="own_system_down")
    await quick.act("answer_order", by="tel-it", order="1", result="It fails.", outcome="confirmed")
    await quick.act("mark", by="tel-shift", mark="announced")
    assert (await quick.clock("announcement"))["state"] == "met"


@pytest.mark.rule("TEL-16")
async def test_another_system_down_is_filed_as_a_fault_during_the_same_call(site: Site) -> None:
    case = await consultation(site, party="platform")
    await case.act("finish_task", by="tel-agent", outcome="system_down")
    row = await case.read()
    assert (row["facts"]["kind"], [order["unit"] for order in row["orders"]]) == ("fault", ["platform"])
    assert (await case.clock("same_call"))["state"] == "met"

    waiting = await consultation(site)
    await waiting.act("finish_task", by="tel-agent", outcome="system_down")
    assert await waiting.within("same_call", "15m")
    await waiting.pass_clock("same_call")
    assert await waiting.told("escalated", to="tel-supervisor")
