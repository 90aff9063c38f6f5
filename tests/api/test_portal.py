"""The customer's own side: a private link, nothing internal, five things to do."""

from __future__ import annotations

import uuid

import pytest

from domain import roles
from tests.api.conftest import Site


async def with_link(site: Site) -> tuple[str, str]:
    opened = (await site.open()).json()
    await site.until(opened["ref"], lambda c: c["seq"] > 0)
    return opened["ref"], opened["portal"].rpartition("/")[2]


async def test_the_customer_sees_progress_and_nothing_internal(site: Site) -> None:
    ref, link = await with_link(site)
    await site.act(ref, "add_note", text="internal: difficult customer")
    await site.act(ref, "dispatch", unit="si-alpha", note="internal: their fault")
    await site.act(ref, "inform_customer", text="We are on it.")
    answer = await site.as_("").get(f"/portal/{link}")
    assert answer.status_code == 200
    assert "internal" not in answer.text
    assert "si-alpha" not in answer.text
    assert "person:" not in answer.text
    told = [event["kind"] for event in answer.json()["timeline"]]
    assert told == ["opened", "dispatched", "customer_informed"]
    assert answer.json()["timeline"][-1]["text"] == "We are on it."
    assert set(answer.json()["allowed_actions"]) == {"withdraw", "add_information"}


async def test_the_customer_is_told_in_their_language(site: Site) -> None:
    _, link = await with_link(site)
    answer = await site.as_("").get(f"/portal/{link}", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert answer.json()["timeline"][0]["text"] == "您的投诉已受理。"


async def test_the_customer_rejects_and_it_comes_back(site: Site) -> None:
    ref, link = await with_link(site)
    await site.act(ref, "dispatch", unit="si-alpha")
    await site.act(ref, "answer_order", roles.PARTNER, order="1", result="all is well")
    assert (await site.as_("").get(f"/portal/{link}")).json()["options"] == []
    await site.act(ref, "propose", options=[{"id": "1", "text": "An explanation"}])
    seen = (await site.as_("").get(f"/portal/{link}")).json()
    assert [option["text"] for option in seen["options"]] == ["An explanation"]
    assert {"accept", "reject"} <= set(seen["allowed_actions"])
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    for _ in range(2):
        answer = await site.as_("").post(
            f"/portal/{link}/reject", json={"reason": "it still fails"}, headers=headers
        )
        assert (answer.status_code, answer.json()["round"]) == (200, 2)


async def test_a_customer_withdraws_and_reopens(site: Site) -> None:
    ref, link = await with_link(site)
    portal = site.as_("")
    assert (await portal.post(f"/portal/{link}/withdraw", json={})).json()["status"] == "closed"
    assert (await portal.post(f"/portal/{link}/reopen", json={"reason": "back"})).status_code == 200
    assert (await site.read(ref))["round"] == 2


@pytest.mark.parametrize("token", ["TEL-2026-000001.00000000000000000000000000000000", "nonsense", "ü.ü"])
async def test_a_link_that_was_not_made_here_leads_nowhere(site: Site, token: str) -> None:
    await with_link(site)
    portal = site.as_("")
    assert (await portal.get(f"/portal/{token}")).status_code == 404
    assert (await portal.post(f"/portal/{token}/withdraw", json={})).status_code == 404


async def test_staff_verbs_are_not_there(site: Site) -> None:
    _, link = await with_link(site)
    answer = await site.as_("").post(f"/portal/{link}/close", json={"reason": "satisfied"})
    assert answer.status_code in (404, 405)
