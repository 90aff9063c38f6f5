"""Who sees and may do what: tokens, roles, unit scope, masked personal data."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from domain import roles
from services.access import give_token
from storage.stores import tokens
from tests.api.conftest import Site

GUARDED = (
    "/me", "/complaints", "/complaints/TEL-1-1", "/orders", "/callbacks", "/approvals", "/messages/inbox",
    "/units", "/people", "/tokens", "/procedures", "/announcements", "/complaints/TEL-1-1/events",
    "/complaints/TEL-1-1/messages", "/complaints/TEL-1-1/events/stream", "/complaints/TEL-1-1/attachments",
)  # fmt: skip


@pytest.mark.parametrize("path", GUARDED)
async def test_nothing_is_told_without_a_token(site: Site, path: str) -> None:
    answer = await site.as_("").get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["pr_nonsense", "ü" * 10, "x" * 5000])
async def test_a_token_that_was_never_given_is_refused(site: Site, token: str) -> None:
    headers = {b"Authorization": b"Bearer " + token.encode()}
    assert (await site.as_("").get("/me", headers=headers)).status_code == 401


async def test_a_token_ends_when_it_is_revoked_and_when_it_expires(site: Site) -> None:
    administrator = site.as_(roles.ADMINISTRATOR)
    body = {"system": "billing", "roles": ["agent"], "expires_at": "2099-01-01T00:00:00Z"}
    made = (await administrator.post("/tokens", json=body)).json()
    system = site.with_token(made["token"])
    assert (await system.get("/me")).json() == {"id": "system:billing", "roles": ["agent"], "units": []}
    listed = (await administrator.get("/tokens")).json()
    assert made["token"] not in str(listed)
    assert (await administrator.post(f"/tokens/{made['id']}/revoke")).status_code == 204
    assert (await administrator.post(f"/tokens/{made['id']}/revoke")).status_code == 204
    assert (await system.get("/me")).status_code == 401
    soon = datetime.now(UTC) + timedelta(milliseconds=300)
    short = await give_token(site.connections, roles=["agent"], system="short", expires_at=soon)
    client = site.with_token(short.token)
    while datetime.now(UTC) < soon:
        await client.get("/me")
    assert (await client.get("/me")).status_code == 401


async def test_a_repeated_request_for_a_token_makes_one_and_tells_it_once(site: Site) -> None:
    administrator, key = site.as_(roles.ADMINISTRATOR), {"Idempotency-Key": "a-token"}
    body = {"system": "once-only", "roles": ["agent"]}
    answers = await asyncio.gather(*(administrator.post("/tokens", json=body, headers=key) for _ in range(5)))
    again = await administrator.post("/tokens", json=body, headers=key)
    assert {answer.status_code for answer in (*answers, again)} == {201}
    assert len({answer.json()["id"] for answer in (*answers, again)}) == 1
    (token,) = {answer.json()["token"] for answer in answers} - {""}
    assert again.json()["token"] == ""
    assert (await site.with_token(token).get("/me")).json()["id"] == "system:once-only"
    kept = await site.connections.database.fetch(text("SELECT response FROM idempotency_keys"))
    assert token not in str(list(kept))
    for _ in range(2):
        ended = await administrator.post(
            f"/tokens/{again.json()['id']}/revoke", headers={"Idempotency-Key": "end"}
        )
        assert (ended.status_code, ended.content) == (204, b"")
    assert ended.headers["Idempotent-Replayed"] == "true"
    other = await administrator.post(f"/tokens/{uuid.uuid4()}/revoke", headers={"Idempotency-Key": "end"})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_every_post_takes_a_key(site: Site) -> None:
    description = (await site.as_("").get(f"{site.url}/openapi.json")).json()
    for path, methods in description["paths"].items():
        taken = {parameter["name"] for parameter in methods.get("post", {}).get("parameters", ())}
        assert "post" not in methods or "Idempotency-Key" in taken, path


async def test_a_system_has_a_name(site: Site) -> None:
    answer = await site.as_(roles.ADMINISTRATOR).post("/tokens", json={"system": " ", "roles": ["agent"]})
    assert answer.status_code == 422


async def test_a_token_revoked_by_another_process_ends_within_a_second(site: Site) -> None:
    made = await give_token(site.connections, roles=["agent"], system="elsewhere")
    client = site.with_token(made.token)
    assert (await client.get("/me")).status_code == 200
    await tokens.revoke(site.connections.database, made.id)
    revoked_at = datetime.now(UTC)
    while (await client.get("/me")).status_code == 200:
        assert datetime.now(UTC) - revoked_at < timedelta(seconds=3)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"roles": ["agent"]}, "person"),
        ({"roles": ["king"], "system": "x"}, "roles"),
        ({"roles": ["agent"], "person": "nobody"}, "person"),
        ({"roles": ["handler"], "system": "x", "units": ["nowhere"]}, "units"),
        ({"roles": ["agent"], "system": "x", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
    ],
)
async def test_a_wrong_token_is_not_made(site: Site, body: dict[str, object], field: str) -> None:
    answer = await site.as_(roles.ADMINISTRATOR).post("/tokens", json=body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/people"),
        ("GET", "/tokens"),
        ("POST", "/tokens"),
        ("POST", "/procedures"),
        ("GET", "/callbacks"),
    ],
)
async def test_some_doors_are_for_some_roles_only(site: Site, method: str, path: str) -> None:
    body = {"roles": ["agent"], "system": "x"} if path == "/tokens" else {"source": "x"}
    answer = await site.as_(roles.AGENT).request(method, path, json=body if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_role")


@pytest.mark.parametrize(
    "who", [roles.HANDLER, roles.PARTNER, roles.APPROVER, roles.ANALYST, roles.CALLBACK, roles.ADMINISTRATOR]
)
async def test_only_the_desk_opens_complaints(site: Site, who: str) -> None:
    answer = await site.as_(who).post("/complaints", json={"procedure": "telecom-si", "channel": "hotline"})
    assert answer.status_code == 403


async def test_a_unit_sees_only_what_was_dispatched_to_it(site: Site) -> None:
    theirs, other = await site.opened(title="Scoped one"), await site.opened(title="Scoped two")
    assert (await site.act(theirs, "dispatch", unit="si-alpha")).status_code == 200
    assert (await site.act(other, "dispatch", unit="si-beta")).status_code == 200
    alpha = site.with_token(await site.token_for(roles.PARTNER, units=["si-alpha"]))
    nobody = site.with_token(await site.token_for(roles.HANDLER))

    async def refs(client: httpx.AsyncClient, path: str, **params: str) -> set[str]:
        answer = await client.get(path, params={"limit": "200", **params})
        assert answer.status_code == 200
        return {row["ref"] for row in answer.json()["items"]}

    assert theirs in await refs(alpha, "/complaints")
    assert other not in await refs(alpha, "/complaints")
    assert theirs in await refs(alpha, "/orders")
    assert other not in await refs(alpha, "/orders")
    assert await refs(alpha, "/orders", unit="si-beta") == set()
    assert await refs(nobody, "/complaints") == set()
    assert await refs(nobody, "/orders") == set()
    for path in (
        "",
        "/events",
        "/messages",
        "/attachments",
        "/clocks/reply%231/explanation",
        "/events/stream",
    ):
        for client, ref in ((alpha, other), (nobody, theirs)):
            answer = await client.get(f"/complaints/{ref}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert (await alpha.get(f"/complaints/{theirs}")).status_code == 200
    answer = await alpha.post(f"/complaints/{other}/add_note", json={"text": "peeking"})
    assert answer.status_code == 404
    answer = await alpha.post(f"/complaints/{other}/attachments", files={"file": ("a.txt", b"peek")})
    assert answer.status_code == 404


async def test_another_units_order_is_not_ones_own(site: Site) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    await site.act(ref, "dispatch", unit="si-beta")
    beta = site.with_token(await site.token_for(roles.PARTNER, units=["si-beta"]))
    answer = await beta.post(f"/complaints/{ref}/take_order", json={"order": "1"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_unit")
    assert (await beta.post(f"/complaints/{ref}/take_order", json={"order": "2"})).status_code == 200


@pytest.mark.parametrize(
    ("who", "name", "phone"),
    [
        (roles.AGENT, "Wang Fang", "+861055550100"),
        (roles.SUPERVISOR, "Wang Fang", "+861055550100"),
        (roles.CALLBACK, "Wang Fang", "+861055550100"),
        (roles.PARTNER, "Wang Fang", "+861055550100"),
        (roles.APPROVER, "***", "***"),
        (roles.ANALYST, "***", "***"),
        (roles.ADMINISTRATOR, "***", "***"),
    ],
)
async def test_personal_data_is_masked_for_who_does_not_need_it(
    site: Site, who: str, name: str, phone: str
) -> None:
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    customer = (await site.read(ref, who))["customer"]
    assert (customer["name"], customer["phone"]) == (name, phone)
    rows = (await site.as_(who).get("/complaints", params={"q": ref})).json()["items"]
    assert [row["customer_name"] for row in rows] == [name]


async def test_a_system_of_a_unit_sees_what_the_unit_sees(site: Site) -> None:
    theirs, other = await site.opened(title="Ours"), await site.opened(title="Not ours")
    assert (await site.act(theirs, "dispatch", unit="si-alpha")).status_code == 200
    assert (await site.act(other, "dispatch", unit="si-beta")).status_code == 200
    alpha = site.with_token(await site.token_for(roles.SYSTEM, units=["si-alpha"]))
    everywhere = site.with_token(await site.token_for(roles.SYSTEM))
    listed = {row["ref"] for row in (await alpha.get("/complaints?limit=200")).json()["items"]}
    assert theirs in listed
    assert other not in listed
    for path in ("", "/events", "/messages", "/attachments", "/events/stream"):
        assert (await alpha.get(f"/complaints/{other}{path}")).status_code == 404
    assert (await alpha.post(f"/complaints/{other}/accept", json={})).status_code == 404
    assert (await alpha.get(f"/complaints/{theirs}")).status_code == 200
    assert (await everywhere.get(f"/complaints/{other}")).status_code == 200


@pytest.mark.parametrize(
    ("name", "asked"),
    [("Zoltan Quill", "quill"), ("Zoltan Quill", "zolt*"), ("王小芳", "小芳"), ("Ann O'Zebra-Lee", "zebra")],
)
async def test_who_may_not_see_a_name_does_not_find_by_it(site: Site, name: str, asked: str) -> None:
    ref = await site.opened(title="Quaint matter", customer={"name": name})

    async def found(who: str, words: str) -> bool:
        answer = await site.as_(who).get("/complaints", params={"q": words, "limit": "200"})
        return ref in {row["ref"] for row in answer.json()["items"]}

    assert await found(roles.AGENT, asked)
    assert not await found(roles.ANALYST, asked)
    assert not await found(roles.APPROVER, f"quaint {asked}")
    assert await found(roles.ANALYST, "quaint")
    assert await found(roles.ANALYST, ref)


async def test_files_are_not_for_those_who_need_nothing_personal(site: Site) -> None:
    ref = await site.opened()
    added = await site.as_(roles.AGENT).post(
        f"/complaints/{ref}/attachments", files={"file": ("voice.txt", b"my name is Wang")}
    )
    path = f"/complaints/{ref}/attachments/{added.json()['id']}"
    for who in (roles.ANALYST, roles.ADMINISTRATOR):
        answer = await site.as_(who).get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_role")
    for who in (roles.AGENT, roles.SUPERVISOR, roles.APPROVER, roles.CALLBACK):
        assert (await site.as_(who).get(path)).status_code == 200


async def test_nothing_personal_enters_the_workflow(site: Site) -> None:
    ref = await site.opened(customer={"name": "Zhang Secret", "phone": "+86 10 1234 9999"})
    history = await site.temporal.get_workflow_handle(f"complaint:{ref}").fetch_history()
    told = history.to_json()
    assert ref in told
    assert "Zhang" not in told
    assert "9999" not in told


async def test_what_an_analyst_may_do_is_nothing(site: Site) -> None:
    ref = await site.opened()
    assert (await site.read(ref, roles.ANALYST))["allowed_actions"] == []
    answer = await site.act(ref, "add_note", roles.ANALYST, text="no")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_role")
