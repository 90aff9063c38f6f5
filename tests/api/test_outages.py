"""While something is down: intake goes on, commands say when to come again, nothing is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from temporalio.envconfig import ClientConnectConfig

import server
from domain import roles
from local.ports import free_port
from services.connect import Connections
from services.relay import Relay
from tests.api.conftest import Site, serving, settings_for


@asynccontextmanager
async def api_without_temporal(site: Site, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    """An API beside the same database whose Temporal does not listen, relay included."""
    settings = settings_for(site.database_url, f"127.0.0.1:{free_port()}", tmp_path)
    async with serving(server.application(settings)) as url:
        headers = {"Authorization": f"Bearer {site.tokens[roles.AGENT]}"}
        async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, trust_env=False) as client:
            yield client


async def test_without_temporal_intake_goes_on_and_the_relay_starts_it_later(site: Site, tmp_path) -> None:
    async with site.without_relay(), api_without_temporal(site, tmp_path) as client:
        body = {"procedure": "telecom-si", "channel": "hotline"}
        opened = await client.post("/complaints", json=body)
        assert opened.status_code == 201
        ref = opened.json()["ref"]
        assert (await client.get(f"/complaints/{ref}")).json()["status"] == "new"
        answer = await client.post(f"/complaints/{ref}/add_note", json={"text": "hello?"})
        assert (answer.status_code, answer.json()["code"]) == (503, "temporal")
        assert int(answer.headers["retry-after"]) > 0
        ready = await client.get(f"{client.base_url.copy_with(path='/health/ready')}")
        assert (ready.status_code, ready.json()) == (200, {"database": "ready", "temporal": "down"})
    assert (await site.until(ref, lambda c: c["seq"] > 0))["status"] == "handling"


async def test_a_command_repeated_after_the_outage_happens_once(site: Site, tmp_path) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": f"outage-{ref}"}
    async with api_without_temporal(site, tmp_path) as client:
        body = {"text": "once"}
        answer = await client.post(f"/complaints/{ref}/add_note", json=body, headers=headers)
        assert answer.status_code == 503
    agent = site.as_(roles.AGENT)
    for _ in range(2):
        answer = await agent.post(f"/complaints/{ref}/add_note", json={"text": "once"}, headers=headers)
        assert answer.status_code == 200
    events = (await agent.get(f"/complaints/{ref}/events")).json()["items"]
    assert len([e for e in events if e["kind"] == "note_added"]) == 1


async def test_without_a_worker_a_command_is_unavailable_and_may_be_repeated(site: Site) -> None:
    """An answer that takes longer than anybody waits is the same as no worker at all."""
    ref = await site.opened()
    patience = site.connections.command_timeout
    site.connections.command_timeout = timedelta(milliseconds=1)
    try:
        headers = {"Idempotency-Key": f"slow-{ref}"}
        agent = site.as_(roles.AGENT)
        answer = await agent.post(f"/complaints/{ref}/add_note", json={"text": "slow"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "worker")
    finally:
        site.connections.command_timeout = patience
    answer = await agent.post(f"/complaints/{ref}/add_note", json={"text": "slow"}, headers=headers)
    assert answer.status_code == 200
    events = (await agent.get(f"/complaints/{ref}/events")).json()["items"]
    assert len([e for e in events if e["kind"] == "note_added"]) == 1


async def test_two_relays_start_each_complaint_once(site: Site) -> None:
    async with site.without_relay():
        refs = [(await site.open()).json()["ref"] for _ in range(12)]
        one, other = Relay(site.connections, rate=5), Relay(site.connections, rate=5)
        while await one.once() + await other.once():
            pass
        assert one.started + other.started >= len(refs)
    for ref in refs:
        await site.until(ref, lambda c: c["seq"] > 0)
        handle = site.temporal.get_workflow_handle(f"complaint:{ref}")
        runs = [w async for w in site.temporal.list_workflows(f"WorkflowId = 'complaint:{ref}'")]
        assert len(runs) <= 1
        assert (await handle.describe()).static_summary


async def test_starting_twice_is_harmless(site: Site) -> None:
    ref = await site.opened()
    before = (await site.read(ref))["seq"]
    async with site.without_relay():
        await site.unmark_started(ref)
        assert await Relay(site.connections, rate=5).once() == 1
    assert (await site.read(ref))["seq"] == before


async def test_the_relay_keeps_to_its_rate(site: Site) -> None:
    async with site.without_relay():
        refs = [(await site.open()).json()["ref"] for _ in range(8)]
        relay = Relay(site.connections, rate=4)
        running = asyncio.create_task(relay.run())
        began = time.monotonic()
        while relay.started < len(refs):
            await asyncio.wait({running}, timeout=0.05)
        took = time.monotonic() - began
        running.cancel()
        await asyncio.wait({running})
    assert took >= 1.0, "a batch of four, then a second, then another"


async def test_without_the_database_it_says_so(site: Site, tmp_path) -> None:
    url = f"postgresql+asyncpg://postgres@127.0.0.1:{free_port()}/nothing"
    settings = settings_for(url, "127.0.0.1:1", tmp_path)
    async with (
        serving(server.application(settings, relay=False)) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
        answer = await client.get("/api/v1/me", headers={"Authorization": "Bearer pr_any"})
        assert (answer.status_code, answer.json()["code"]) == (503, "database")
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("rate", [0.5, 40])
def test_a_relay_takes_any_rate_above_zero(rate: float) -> None:
    config: ClientConnectConfig = {}
    assert Relay(Connections(None, config), rate=rate).started == 0
