"""The short way answers as the ordinary one does, and leaves to it whatever is not plainly in order."""

import json
from typing import Any

import pytest
from starlette.requests import Request

from api.complaints import SHORT_WAYS
from domain import roles
from tests.api.conftest import Site

OPEN, LIST = SHORT_WAYS
BODY = {"procedure": "telecom-si", "channel": "hotline", "facts": {"kind": "complaint"}}
ORDINARY = {"Content-Type": "application/json; charset=utf-8"}
"""Means the same, but is not exactly what the short way takes."""


def asked(site: Site, method: str, *, body: bytes = b"", query: str = "", **headers: str) -> Request:
    """A request of the demonstration agent's."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    class App:
        class state:
            connections = site.connections

    given = {"authorization": f"Bearer {site.tokens[roles.AGENT]}", **headers}
    return Request(
        {
            "type": "http",
            "method": method,
            "path": "/api/v1/complaints",
            "query_string": query.encode(),
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in given.items()],
            "app": App,
        },
        receive,
    )


async def test_what_is_in_order_goes_the_short_way(site: Site) -> None:
    body = json.dumps(BODY).encode()
    request = asked(site, "POST", body=body, content_type="application/json", idempotency_key="k-1")
    opening = await OPEN.arguments(request)
    assert opening is not None
    assert (opening["body"].facts, opening["once"].key) == ({"kind": "complaint"}, "k-1")
    assert roles.AGENT in opening["actor"].roles
    query = "status=handling&status=review&state=open&breached=true&limit=7"
    listing = await LIST.arguments(asked(site, "GET", query=query))
    assert listing is not None
    assert [one.value for one in listing["status"]] == ["handling", "review"]
    assert (listing["state"], listing["breached"], listing["limit"]) == ("open", True, 7)
    assert (listing["q"], listing["after"]) == (None, "")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {"authorization": ""}),
        (BODY, {"authorization": "Basic abc"}),
        (BODY, {"content_type": "text/plain"}),
        (BODY, {"idempotency_key": "with blank"}),
        ({**BODY, "chanel": "web"}, {}),
        ({"channel": "hotline"}, {}),
        ("no object", {}),
    ],
)
async def test_an_opening_that_is_not_goes_the_ordinary_way(
    site: Site, body: Any, headers: dict[str, str]
) -> None:
    given = {"content_type": "application/json", **headers}
    assert await OPEN.arguments(asked(site, "POST", body=json.dumps(body).encode(), **given)) is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "status=nowhere", "limit=1&limit=2", f"q={'x' * 300}"]
)
async def test_a_list_that_is_not_goes_the_ordinary_way(site: Site, query: str) -> None:
    assert await LIST.arguments(asked(site, "GET", query=query)) is None


async def test_both_ways_open_and_remember_alike(site: Site) -> None:
    client, body = site.as_(roles.AGENT), json.dumps(BODY)
    key = {"Idempotency-Key": "both-ways"}
    short = {**key, "Content-Type": "application/json"}
    first = await client.post("/complaints", content=body, headers=short)
    again = await client.post("/complaints", content=body, headers={**key, **ORDINARY})
    third = await client.post("/complaints", content=body, headers=short)
    assert (first.status_code, again.status_code, third.status_code) == (201, 201, 201)
    assert first.json() == again.json() == third.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == third.headers["idempotent-replayed"] == "true"
    assert first.headers["content-type"] == again.headers["content-type"] == "application/json"
    reused = await client.post("/complaints", content=json.dumps({**BODY, "title": "x"}), headers=short)
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        (roles.AGENT, {"facts": {"kind": "nonsense"}}, 422),
        (roles.AGENT, {"procedure": "nowhere"}, 422),
        (roles.AGENT, {"owner": "person:nobody"}, 422),
        (roles.AGENT, {"chanel": "web"}, 422),
        (roles.HANDLER, {}, 403),
        ("", {}, 401),
    ],
)
async def test_both_ways_refuse_alike(site: Site, who: str, changes: dict[str, Any], status: int) -> None:
    client, body = site.as_(who), json.dumps({**BODY, **changes})
    short = await client.post("/complaints", content=body, headers={"Content-Type": "application/json"})
    ordinary = await client.post("/complaints", content=body, headers=ORDINARY)
    assert (short.status_code, ordinary.status_code) == (status, status)
    assert short.json() == ordinary.json()
    assert short.headers["content-type"] == ordinary.headers["content-type"] == "application/problem+json"


async def test_both_ways_list_alike(site: Site) -> None:
    await site.opened()
    client = site.as_(roles.SUPERVISOR)
    short = await client.get("/complaints?procedure=telecom-si&limit=1")
    ordinary = await client.get("/complaints?procedure=telecom-si&limit=1&limit=1")
    assert short.status_code == 200
    assert (short.json(), short.headers["content-type"]) == (
        ordinary.json(),
        ordinary.headers["content-type"],
    )
    assert short.json()["items"]
