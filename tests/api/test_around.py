"""What belongs to complaints: clocks, files, messages, procedures, announcements, work lists."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain import roles
from procedures.loader import PACKS
from tests.api.conftest import Site
from tests.waiting import until

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


async def test_a_deadline_explains_itself(site: Site) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    clock = next(c for c in (await site.read(ref))["clocks"] if c["state"] == "running" and c["due_at"])
    path = f"/complaints/{ref}/clocks/{clock['id'].replace('#', '%23')}/explanation"
    told = (await site.as_(roles.AGENT).get(path)).json()
    assert told["due_at"] == clock["due_at"]
    assert told["spans"][0]["start_at"] == told["started_at"]
    assert told["spans"][-1]["end_at"] == told["due_at"]
    assert (await site.as_(roles.AGENT).get(f"/complaints/{ref}/clocks/none/explanation")).status_code == 404


async def test_a_held_clock_stands_still(site: Site) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    await site.act(ref, "hold", reason="waits for the receipt", until="2027-01-04T09:00:00+08:00")
    found = await site.read(ref)
    assert found["held_until"] == "2027-01-04T01:00:00Z"
    assert {c["state"] for c in found["clocks"] if c["state"] in ("running", "paused")} == {"paused"}


async def test_a_file_is_what_its_content_says(site: Site) -> None:
    ref = await site.opened()
    agent = site.as_(roles.AGENT)
    path = f"/complaints/{ref}/attachments"
    added = await agent.post(path, files={"file": ("../../photo of <b>it</b>.exe", PNG, "text/html")})
    assert added.status_code == 201
    assert (added.json()["media_type"], added.json()["name"]) == ("image/png", "b>.exe")
    fetched = await agent.get(f"{path}/{added.json()['id']}")
    assert fetched.content == PNG
    assert fetched.headers["content-type"] == "image/png"
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert [row["id"] for row in (await agent.get(path)).json()] == [added.json()["id"]]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"MZ\x00\x01 a program", 415), (b"x" * (10 * 2**20 + 1), 413), (b"x" * (13 * 2**20), 413)],
)
async def test_a_file_that_is_not_taken(site: Site, content: bytes, status: int) -> None:
    ref = await site.opened()
    answer = await site.as_(roles.AGENT).post(
        f"/complaints/{ref}/attachments", files={"file": ("a", content)}
    )
    assert answer.status_code == status


async def test_a_file_of_a_hundred_megabytes_is_refused_before_it_is_read(site: Site) -> None:
    ref = await site.opened()
    agent = site.as_(roles.AGENT)
    address = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"POST /api/v1/complaints/{ref}/attachments HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: {agent.headers['Authorization']}\r\nContent-Length: {100 * 2**20}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    writer.write(head.encode())
    await writer.drain()  # and not a byte of the file
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 10)
    writer.close()
    assert b" 413 " in answer.splitlines()[0]
    assert b'"code":"too_large"' in answer
    assert (await agent.get(f"/complaints/{ref}/attachments")).json() == []


async def test_a_file_is_evidence_of_what_its_content_allows(site: Site) -> None:
    ref = await site.opened()
    agent, path = site.as_(roles.AGENT), f"/complaints/{ref}/attachments"
    photo = await agent.post(path, files={"file": ("damage.png", PNG)})
    assert photo.json()["evidence"] == "photo"
    record = await agent.post(path, files={"file": ("a.txt", b"as told")}, data={"evidence": "batch_record"})
    assert record.json()["evidence"] == "batch_record"
    for kind in ("recording", "gossip"):
        refused = await agent.post(path, files={"file": ("damage.png", PNG)}, data={"evidence": kind})
        assert (refused.status_code, refused.json()["code"]) == (422, "evidence"), kind
    assert len((await agent.get(path)).json()) == 2


async def test_only_files_of_this_complaint_are_named(site: Site) -> None:
    ref, other = await site.opened(), await site.opened()
    agent = site.as_(roles.AGENT)
    paths = [f"/complaints/{one}/attachments" for one in (ref, other)]
    own, foreign = [(await agent.post(p, files={"file": ("a.png", PNG)})).json()["id"] for p in paths]
    body = {"text": "as the photo shows", "attachments": [foreign]}
    refused = await agent.post(f"/complaints/{ref}/add_information", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_such_file")
    body["attachments"] = [own]
    assert (await agent.post(f"/complaints/{ref}/add_information", json=body)).status_code == 200


async def test_a_file_sent_twice_with_one_key_is_kept_once(site: Site) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    agent, path = site.as_(roles.AGENT), f"/complaints/{ref}/attachments"
    for _ in range(2):
        answer = await agent.post(path, files={"file": ("a.txt", b"hello")}, headers=headers)
        assert answer.status_code == 201
    other = await agent.post(path, files={"file": ("a.txt", b"other")}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert len((await agent.get(path)).json()) == 1


async def test_messages_tell_who_was_told_what(site: Site) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    agent = site.as_(roles.AGENT)
    messages = await site.told(ref, lambda found: found and all(m["state"] == "sent" for m in found))
    assert ref in " ".join(m["subject"] + m["body"] for m in messages)
    sent = messages[0]
    again = await agent.post(f"/complaints/{ref}/messages/{sent['id']}/resend")
    assert (again.status_code, again.json()["code"]) == (409, "already_sent")
    missing = await agent.post(f"/complaints/{ref}/messages/{uuid.uuid4()}/resend")
    assert missing.status_code == 404
    masked = (await site.as_(roles.ANALYST).get(f"/complaints/{ref}/messages")).json()
    assert {m["address"] for m in masked} == {"***"}
    assert "wang@customer.example" not in str(masked)


async def test_a_failed_message_is_sent_again_by_hand(site: Site) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    agent = site.as_(roles.AGENT)

    def sent(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [m for m in messages if m["channel"] == "in_app" and m["state"] == "sent"]

    one = sent(await site.told(ref, sent))[0]
    await site.fail_message(one["id"])
    again = await agent.post(f"/complaints/{ref}/messages/{one['id']}/resend")
    assert (again.status_code, again.json()["state"]) == (200, "sent")


async def test_everybody_has_an_inbox(site: Site) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    partner = site.as_(roles.PARTNER)

    async def inbox() -> list[dict[str, Any]]:
        return [m for m in (await partner.get("/messages/inbox")).json()["items"] if m["ref"] == ref]

    mine = await until(inbox)
    assert (await partner.post(f"/messages/{mine[0]['id']}/read")).status_code == 204
    unread = (await partner.get("/messages/inbox", params={"unread": "true"})).json()["items"]
    assert mine[0]["id"] not in [m["id"] for m in unread]


async def test_procedures_are_listed_read_and_stored(site: Site) -> None:
    agent, administrator = site.as_(roles.AGENT), site.as_(roles.ADMINISTRATOR)
    names = [row["name"] for row in (await agent.get("/procedures")).json()]
    assert {"telecom-si", "courier", "consumer-finance"} <= set(names)
    detail = (await agent.get("/procedures/telecom-si")).json()
    assert "complaint" in detail["vocabulary"]["kind"]
    assert detail["steps"][0]["name"] == "first_line"
    assert (await agent.get("/procedures/nobody")).status_code == 404
    assert (await agent.get("/procedures/telecom-si", params={"version": "1"})).status_code == 404
    source = (PACKS / "courier.yaml").read_text().replace("procedure: courier", "procedure: courier-two")
    stored = await administrator.post("/procedures", json={"source": source})
    assert (stored.status_code, stored.json()["active"]) == (201, True)
    assert len((await agent.get("/procedures/courier-two/versions")).json()) == 1
    changed = await administrator.post(
        "/procedures", json={"source": source.replace("prefix: CRR", "prefix: C2")}
    )
    assert (changed.status_code, changed.json()["code"]) == (422, "version_taken")
    wrong = await administrator.post(
        "/procedures", json={"source": "procedure: x\nversion: '1'\nsteps: {}\n"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "procedure")
    assert any(name.startswith("line ") for name in wrong.json()["fields"])


async def test_an_announcement_is_told_at_intake(site: Site) -> None:
    body = {"procedure": "courier", "title": "Snow", "wording": {"en": "Roads are closed."}}
    made = await site.as_(roles.SUPERVISOR).post("/announcements", json=body)
    assert made.status_code == 201
    listed = (await site.as_(roles.AGENT).get("/announcements", params={"procedure": "courier"})).json()
    assert [one["title"] for one in listed] == ["Snow"]
    never = {**body, "valid_from": "2026-01-02T00:00:00Z", "valid_to": "2026-01-01T00:00:00Z"}
    assert (await site.as_(roles.SUPERVISOR).post("/announcements", json=never)).status_code == 422


async def test_who_is_to_be_called_is_listed(site: Site) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    await site.act(ref, "answer_order", roles.PARTNER, order="1", result="mended")
    await site.act(ref, "propose", options=[{"id": "1", "text": "An explanation"}])
    await site.act(ref, "accept", option="1")
    rows = (await site.as_(roles.CALLBACK).get("/callbacks", params={"limit": 200})).json()
    mine = next(row for row in rows if row["ref"] == ref)
    assert (mine["customer_name"], mine["attempt"]) == ("Wang Fang", 1)


async def test_an_order_goes_only_to_a_unit_that_is_there(site: Site) -> None:
    ref = await site.opened()
    answer = await site.act(ref, "dispatch", unit="nowhere")
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_unit")
    answer = await site.act(ref, "assign_owner", owner="person:nobody")
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_person")


async def test_the_directory_is_listed(site: Site) -> None:
    units = {unit["id"]: unit for unit in (await site.as_(roles.AGENT).get("/units")).json()}
    assert units["si-alpha"]["parent_id"] == "operator"
    people = {p["id"]: p for p in (await site.as_(roles.ADMINISTRATOR).get("/people")).json()}
    assert {post["role"] for post in people["demo-partner"]["posts"]} == {"partner"}


async def test_measurements_are_there(site: Site) -> None:
    answer = await site.as_("").get(f"{site.url}/metrics")
    assert "putright_requests_total" in answer.text
