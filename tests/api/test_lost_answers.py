"""Answers that were lost on their way: the same request again gets the first result, also after the end."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from domain import roles
from tests.api.conftest import Site


async def withdrawn(site: Site, ref: str, headers: dict[str, str]) -> httpx.Response:
    agent = site.as_(roles.AGENT)
    return await agent.post(f"/complaints/{ref}/withdraw", json={"reason": "settled"}, headers=headers)


async def kinds(site: Site, ref: str) -> list[Any]:
    found = await site.as_(roles.SUPERVISOR).get(f"/complaints/{ref}/events")
    return [event["kind"] for event in found.json()["items"]]


async def ended(site: Site, ref: str) -> None:
    await site.temporal.get_workflow_handle(f"complaint:{ref}").result()


async def test_a_command_that_closed_the_complaint_is_answered_again(site: Site) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = await withdrawn(site, ref, headers)
    assert first.status_code == 200
    await ended(site, ref)
    recorded = await kinds(site, ref)
    await site.forget_answer(headers["Idempotency-Key"])
    again = await withdrawn(site, ref, headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await kinds(site, ref) == recorded


async def test_it_is_answered_again_when_the_closed_complaint_was_acted_on_since(site: Site) -> None:
    """The note ran, and ended, in a run of its own; the withdrawal is remembered by the run before."""
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = await withdrawn(site, ref, headers)
    await ended(site, ref)
    assert (await site.act(ref, "add_note", text="has thanked us")).status_code == 200
    await ended(site, ref)
    await site.forget_answer(headers["Idempotency-Key"])
    again = await withdrawn(site, ref, headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await kinds(site, ref)).count("withdrawn") == 1


async def test_it_is_answered_again_when_the_complaint_was_reopened_since(site: Site) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = await withdrawn(site, ref, headers)
    await ended(site, ref)
    reopened = await site.act(ref, "reopen", roles.AGENT, reason="it fails again")
    assert reopened.status_code == 200, reopened.text
    await site.forget_answer(headers["Idempotency-Key"])
    again = await withdrawn(site, ref, headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await site.read(ref))["status"] == "handling"
