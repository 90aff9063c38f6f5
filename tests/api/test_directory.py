"""The directory over HTTP: units as a tree, posts with A and B, absences, announced contacts, dissolution."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain import roles
from domain.worktime import Limit, deadline
from procedures.loader import load_procedure
from services.access import give_token
from storage.stores import procedures as procedure_store
from tests.api.conftest import Site

PROCEDURE = """
procedure: noticing
version: "1"
extends: base
prefix: NTC
top_unit: nt-hq
contact_notice: 15wd
title: {en: Contacts change after notice}
languages: [en]
calendar: {timezone: Asia/Shanghai, hours: {mon-fri: ["09:00-18:00"]}}
vocabulary:
  matter: {title: {en: Matter}, words: {any: {en: Any}}}
defaults: {matter: any}
steps:
  handle: {kind: handle, title: {en: Handling}}
rounds: {start_at: handle}
purposes: {handle: {title: {en: Handle}}}
reasons:
  satisfied: {title: {en: settled}, satisfied: true}
  withdrawn: {title: {en: withdrawn}}
"""
NOTICE = Limit.parse("15wd")


@pytest.fixture(scope="module")
async def admin(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator, and units and people of the tests of this file."""
    await procedure_store.add(site.connections.database, load_procedure(PROCEDURE), source=PROCEDURE)
    client = site.as_(roles.ADMINISTRATOR)
    for unit, above in (("nt-hq", None), ("nt-shop", "nt-hq"), ("nt-desk", "nt-shop")):
        await put(client, f"/units/{unit}", name={"en": unit}, kind="shop", parent_id=above)
    for person, rank in (("nt-anna", "A"), ("nt-bo", "B")):
        await put(client, f"/people/{person}", name=person, email=f"{person}@old.example", phone="1")
        await post(client, f"/people/{person}/posts", role="handler", unit_id="nt-desk", rank=rank)
    yield client
    for person in ("nt-anna", "nt-bo"):  # nobody else is to find them
        await post(client, f"/people/{person}/posts/end", role="handler", unit_id="nt-desk")


async def test_people_are_found_by_unit_role_and_words(admin: httpx.AsyncClient) -> None:
    async def ids(**query: str) -> list[str]:
        return [one["id"] for one in (await admin.get("/people", params=query)).json()]

    assert await ids(unit="nt-desk") == ["nt-anna", "nt-bo"]
    assert await ids(unit="nt-desk", role="unit_head") == []
    assert "nt-bo" in await ids(role="handler")
    assert await ids(q="NT-AN old.example") == ["nt-anna"]
    await wrong(await admin.get("/people", params={"unit": "nt-dask"}), 404, "not_found")


async def put(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.put(path, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def post(client: httpx.AsyncClient, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def wrong(answer: httpx.Response, status: int, code: str, *fields: str) -> dict[str, Any]:
    told = dict(answer.json())
    assert (answer.status_code, told["code"]) == (status, code), told
    assert set(fields) <= set(told["fields"]), told
    return told


async def recipients(site: Site, ref: str) -> set[str]:
    """Who was told of the newest order, once anybody was."""

    def told(rows: list[dict[str, Any]]) -> set[str]:
        return {row["recipient"] for row in rows if row["template"] == "dispatched"}

    return told(await site.told(ref, told))


async def dispatched(site: Site) -> str:
    """A complaint with an order to the desk."""
    ref = await site.opened(procedure="noticing", facts={})
    assert (await site.act(ref, "dispatch", unit="nt-desk")).status_code == 200
    return ref


async def test_units_form_a_tree_of_several_kinds(site: Site, admin: httpx.AsyncClient) -> None:
    desk = (await site.as_(roles.AGENT).get("/units/nt-desk")).json()
    assert (desk["kind"], desk["parent_id"], desk["open_orders"]) == ("shop", "nt-shop", 0)
    assert [(post["person_id"], post["rank"]) for post in desk["posts"]] == [("nt-anna", "A"), ("nt-bo", "B")]
    body = {"name": {"en": "x"}, "parent_id": "nt-desk"}
    await wrong(await admin.put("/units/nt-shop", json=body), 422, "invalid", "parent_id")
    await wrong(
        await admin.put("/units/nt-x", json={**body, "parent_id": "gone"}), 422, "invalid", "parent_id"
    )
    fax = {**body, "parent_id": None, "published": {"fax": "1"}}
    await wrong(await admin.put("/units/nt-x", json=fax), 422, "invalid", "published")
    await wrong(await admin.put("/units/Über", json={"name": {"en": " "}}), 422, "invalid", "id", "name")
    await wrong(await site.as_(roles.AGENT).put("/units/nt-x", json=body), 403, "not_your_role")
    await wrong(await admin.get("/units/nt-none"), 404, "not_found")


@pytest.mark.rule("BNK-2")
async def test_b_is_told_while_a_is_away_and_a_again_when_back(site: Site, admin: httpx.AsyncClient) -> None:
    assert await recipients(site, await dispatched(site)) == {"nt-anna"}
    now = datetime.now(UTC)
    body = {"starts_at": str(now - timedelta(hours=1)), "ends_at": str(now + timedelta(days=2))}
    away = await post(admin, "/people/nt-anna/absences", **body, reason="ill")
    assert [absence["reason"] for absence in away["absences"]] == ["ill"]
    assert await recipients(site, await dispatched(site)) == {"nt-bo"}
    back = await post(admin, "/people/nt-anna/absences/end")
    assert back["absences"] == []
    assert await recipients(site, await dispatched(site)) == {"nt-anna"}
    ends = {**body, "ends_at": str(now - timedelta(days=2))}
    await wrong(await admin.post("/people/nt-anna/absences", json=ends), 422, "invalid", "ends_at")


@pytest.mark.rule("TEL-3")
async def test_a_contact_changes_after_notice_and_the_old_one_holds_until_then(
    site: Site, admin: httpx.AsyncClient
) -> None:
    calendar = load_procedure(PROCEDURE).calendar
    now = datetime.now(UTC)
    first = deadline(calendar, now, NOTICE, day_end="same_time")
    soon = {"email": "nt-anna@new.example", "effective_at": (first - timedelta(days=1)).isoformat()}
    told = await wrong(
        await admin.post("/people/nt-anna/contact", json=soon), 422, "too_soon", "effective_at"
    )
    possible = datetime.fromisoformat(told["fields"]["effective_at"].removeprefix("not before "))
    assert first <= possible <= first + timedelta(minutes=1), "the refusal says when it would be possible"
    at_once = {"name": "nt-anna", "email": "nt-anna@new.example", "phone": "1"}
    await wrong(await admin.put("/people/nt-anna", json=at_once), 422, "too_soon")
    later = (possible + timedelta(minutes=5)).isoformat()
    announced = await post(admin, "/people/nt-anna/contact", email="nt-anna@new.example", effective_at=later)
    assert announced["email"] == "nt-anna@old.example"
    assert [change["email"] for change in announced["contact_changes"]] == ["nt-anna@new.example"]
    ref = await dispatched(site)
    assert await recipients(site, ref) == {"nt-anna"}
    rows = (await site.as_(roles.SUPERVISOR).get(f"/complaints/{ref}/messages")).json()
    assert "nt-anna@old.example" in {row["address"] for row in rows}
    nothing = await admin.post("/people/nt-anna/contact", json={"effective_at": later})
    await wrong(nothing, 422, "invalid", "email")


async def test_where_no_notice_is_asked_a_contact_changes_at_once(
    site: Site, admin: httpx.AsyncClient
) -> None:
    await put(admin, "/people/nt-free", name="Free", email="old@free.example")
    found = await put(admin, "/people/nt-free", name="Free", email="new@free.example")
    assert found["email"] == "new@free.example"
    soon = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    found = await post(admin, "/people/nt-free/contact", phone="2", effective_at=soon)
    assert (found["email"], found["phone"]) == ("new@free.example", "")


async def test_people_keep_their_own_absences_and_contacts_and_nobody_elses(
    site: Site, admin: httpx.AsyncClient
) -> None:
    made = await give_token(site.connections, roles=[roles.HANDLER], units=["nt-desk"], person="nt-bo")
    bo = site.with_token(made.token)
    days = {"starts_at": "2030-02-01T01:00:00Z", "ends_at": "2030-02-02T01:00:00Z"}
    assert (await bo.post("/people/nt-bo/absences", json=days)).status_code == 200
    assert (await bo.post("/people/nt-bo/absences/end", json={})).json()["absences"] == []
    await wrong(await bo.post("/people/nt-anna/absences", json=days), 403, "not_your_role")
    change = {"phone": "3", "effective_at": "2030-02-01T01:00:00Z"}
    await wrong(await bo.post("/people/nt-anna/contact", json=change), 403, "not_your_role")
    await wrong(await bo.put("/people/nt-bo", json={"name": "Bo"}), 403, "not_your_role")


async def test_who_left_has_no_access_from_then_on(site: Site, admin: httpx.AsyncClient) -> None:
    await put(admin, "/people/nt-cy", name="Cy")
    made = await give_token(site.connections, roles=[roles.AGENT], person="nt-cy")
    cy = site.with_token(made.token)
    assert (await cy.get("/me")).status_code == 200
    await put(admin, "/people/nt-cy", name="Cy", active=False)
    assert (await cy.get("/me")).status_code == 401


async def test_a_post_is_given_and_ended(site: Site, admin: httpx.AsyncClient) -> None:
    await put(admin, "/people/nt-di", name="Di")
    held = await post(admin, "/people/nt-di/posts", role="unit_head", unit_id="nt-shop", rank="B")
    assert held["posts"] == [{"unit_id": "nt-shop", "role": "unit_head", "rank": "B"}]
    ended = await post(admin, "/people/nt-di/posts/end", role="unit_head", unit_id="nt-shop")
    assert ended["posts"] == []
    again = await admin.post("/people/nt-di/posts/end", json={"role": "unit_head", "unit_id": "nt-shop"})
    await wrong(again, 404, "not_found")
    odd = await admin.post("/people/nt-di/posts", json={"role": "wizard", "unit_id": "nt-shop"})
    await wrong(odd, 422, "invalid", "role")
    lost = await admin.post("/people/nt-di/posts", json={"role": "handler", "unit_id": "gone"})
    await wrong(lost, 422, "no_such_unit", "unit")


async def test_a_dissolved_unit_gets_no_orders(site: Site, admin: httpx.AsyncClient) -> None:
    await put(admin, "/units/nt-old", name={"en": "Old"}, parent_id="nt-shop")
    await put(admin, "/units/nt-older", name={"en": "Older"}, parent_id="nt-old")
    told = await wrong(await admin.post("/units/nt-old/dissolve", json={}), 409, "has_units")
    assert "nt-older" in told["detail"]
    await post(admin, "/units/nt-older/dissolve")
    assert (await post(admin, "/units/nt-old/dissolve"))["active_to"]
    ref = await site.opened(procedure="noticing", facts={})
    await wrong(await site.act(ref, "dispatch", unit="nt-old"), 422, "dissolved", "unit")
    body = {"name": {"en": "x"}, "parent_id": "nt-old"}
    await wrong(await admin.put("/units/nt-new", json=body), 422, "invalid", "parent_id")
    future = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await put(admin, "/units/nt-soon", name={"en": "Soon"}, active_from=future)
    await wrong(await site.act(ref, "dispatch", unit="nt-soon"), 422, "no_such_unit", "unit")
