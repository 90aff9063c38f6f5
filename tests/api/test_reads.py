"""The access log: who saw personal data of which complaint, and when (ENT-8)."""

from __future__ import annotations

from typing import Any

import pytest

from domain import roles
from domain.commands import Actor
from services.reads import ReadLog
from tests.api.conftest import Site

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


async def noted(site: Site, ref: str, who: str = roles.ADMINISTRATOR) -> list[dict[str, Any]]:
    answer = await site.as_(who).get(f"/complaints/{ref}/reads")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.mark.rule("ENT-8")
async def test_whoever_is_shown_personal_data_is_noted_and_nobody_else(site: Site) -> None:
    ref = await site.opened()
    agent, approver = site.as_(roles.AGENT), site.as_(roles.APPROVER)
    file = await agent.post(f"/complaints/{ref}/attachments", files={"file": ("a.png", PNG)})
    before = len(await noted(site, ref))
    for path in ("", "/events", "/messages", f"/attachments/{file.json()['id']}"):
        for client in (agent, approver):  # an approver sees *** everywhere but in files
            assert (await client.get(f"/complaints/{ref}{path}")).status_code == 200
    assert (await agent.get("/complaints")).status_code == 200
    assert (await approver.get("/complaints")).status_code == 200
    assert (await agent.get("/orders")).status_code == 200, "orders show nothing personal"
    found = await noted(site, ref)
    new = found[: len(found) - before]
    seen = [read["what"] for read in new if read["reader"] == "person:demo-agent"]
    assert seen == ["list", "file", "messages", "timeline", "complaint"]
    others = [(read["reader"], read["what"]) for read in new if read["reader"] != "person:demo-agent"]
    assert others == [("person:demo-approver", "file")]
    assert all(ref in read["refs"] for read in new)


@pytest.mark.rule("ENT-8")
async def test_a_list_is_one_entry_with_all_it_showed(site: Site) -> None:
    refs = {await site.opened() for _ in range(2)}
    assert (await site.as_(roles.SUPERVISOR).get("/complaints?limit=5")).status_code == 200
    page = (await site.as_(roles.SUPERVISOR).get("/reads?reader=person:demo-supervisor&limit=1")).json()
    assert page["items"][0]["what"] == "list"
    assert refs <= set(page["items"][0]["refs"])
    more = (await site.as_(roles.SUPERVISOR).get(f"/reads?limit=1&after={page['after']}")).json()
    assert more["items"][0]["id"] < page["items"][0]["id"]


@pytest.mark.rule("ENT-8")
async def test_only_supervisors_and_administrators_read_the_log(site: Site) -> None:
    ref = await site.opened()
    for who in (roles.AGENT, roles.HANDLER, roles.APPROVER, roles.CALLBACK, roles.ANALYST, roles.PARTNER):
        for path in ("/reads", f"/complaints/{ref}/reads"):
            assert (await site.as_(who).get(path)).status_code == 403
    for who in (roles.SUPERVISOR, roles.ADMINISTRATOR):
        assert (await site.as_(who).get("/reads")).status_code == 200
    assert (await site.as_(roles.SUPERVISOR).get("/reads?after=x")).status_code == 422
    assert (await site.as_(roles.SUPERVISOR).get("/complaints/none/reads")).status_code == 404


async def test_what_cannot_be_stored_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    database = site.connections.database
    log, ref = ReadLog(database), await site.opened()

    log.note(Actor("system:reader", (roles.AGENT,)), "complaint", (ref,))

    async def away(*_: object) -> int:
        raise OSError("away")

    with monkeypatch.context() as broken:
        broken.setattr(database, "run", away)
        await log._store_if_possible()
    await log.store()
    assert "system:reader" in {read["reader"] for read in await noted(site, ref)}
