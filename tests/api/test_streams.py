"""Following a complaint's events as they happen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from domain import roles
from services.access import give_token, revoke_token
from tests.api.conftest import Site


async def told(site: Site, ref: str, last: str = "") -> AsyncIterator[dict[str, Any]]:
    headers = {"Last-Event-ID": last} if last else {}
    client = site.as_(roles.SUPERVISOR)
    async with client.stream("GET", f"/complaints/{ref}/events/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "data":
                event["data"] = json.loads(value)
            elif name in ("id", "event"):
                event[name] = value
            elif not line and event:
                yield event
                event = {}


async def test_a_stream_tells_what_was_and_then_what_happens(site: Site) -> None:
    ref = await site.opened()
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        async for event in told(site, ref):
            seen.append(event)
            if event["event"] == "step_entered":
                assert (await site.act(ref, "add_note", text="while you listen")).status_code == 200
            if event["event"] == "note_added":
                break
    assert [event["id"] for event in seen] == [str(n) for n in range(1, len(seen) + 1)]
    assert seen[-1]["data"]["data"] == {"text": "while you listen"}


async def test_a_stream_goes_on_behind_the_last_event_seen(site: Site) -> None:
    ref = await site.opened()
    seq = (await site.act(ref, "add_note", text="seen")).json()["seq"]
    await site.act(ref, "add_note", text="not seen")
    async with asyncio.timeout(20):
        async for event in told(site, ref, last=str(seq)):
            assert (event["id"], event["data"]["data"]["text"]) == (str(seq + 1), "not seen")
            break


async def test_a_stream_ends_with_the_token_it_was_opened_with(site: Site) -> None:
    ref = await site.opened()
    made = await give_token(site.connections, roles=[roles.AGENT], system="listener")
    client = site.with_token(made.token)
    heard: list[str] = []
    async with (
        asyncio.timeout(20),
        client.stream("GET", f"/complaints/{ref}/events/stream") as answer,
    ):
        async for line in answer.aiter_lines():
            if line == "event: step_entered":
                await revoke_token(site.connections, made.id)
                assert (await site.act(ref, "add_note", text="not for them")).status_code == 200
            heard.append(line)
    assert "event: note_added" not in heard


async def test_followers_do_not_keep_anything_behind_them(site: Site) -> None:
    ref = await site.opened()
    async with asyncio.timeout(20):
        async for _ in told(site, ref):
            break
        while ref in site.listener.followed():
            await site.act(ref, "add_note", text="anybody there?")
