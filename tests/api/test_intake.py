"""Opening complaints over HTTP: what is checked, found out, announced, and never doubled."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from api.schemas.base import Page
from api.schemas.complaints import Row
from domain import roles
from tests.api.conftest import Site


async def test_a_complaint_gets_a_reference_a_link_and_its_workflow(site: Site) -> None:
    answer = await site.open()
    assert answer.status_code == 201
    opened = answer.json()
    assert opened["ref"].startswith("TEL-")
    assert opened["portal"].startswith("https://complaints.example/portal/TEL-")
    assert opened["status"] == "new"
    found = await site.until(opened["ref"], lambda c: c["seq"] > 0)
    assert found["status"] == "handling"
    assert found["owner"] == "person:demo-agent"


async def test_announcements_on_the_matter_are_told_at_once(site: Site) -> None:
    assert [one["title"] for one in (await site.open()).json()["announcements"]] == ["Gateway in the north"]


async def test_wrong_fields_are_told_one_by_one_and_nothing_is_stored(site: Site) -> None:
    answer = await site.open(
        channel="pigeon", facts={"kind": "poem", "colour": "red"}, form={"happened_on": "yesterday", "x": "1"}
    )
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {
        "channel", "facts.kind", "facts.colour", "form.happened_on", "form.x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"procedure": "nobody"}, "no_such_procedure"),
        ({"unit": "nowhere"}, "no_such_unit"),
        ({"owner": "person:nobody"}, "no_such_person"),
        ({"received_at": "2190-01-01T00:00:00Z"}, "invalid"),
        ({"received_at": "2026-01-01T00:00:00"}, "invalid"),
    ],
)
async def test_what_does_not_exist_is_refused(site: Site, changes: dict[str, str], code: str) -> None:
    answer = await site.open(**changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_who_opens_nothing_is_told_nothing_about_what_is_legal(site: Site) -> None:
    refused = await site.open(received_at="1999-01-01T00:00:00Z")
    assert (refused.json()["code"], refused.json()["legal"]) == ("too_far", [])
    near = await site.open(procedure="telecom")
    assert near.json()["fields"]["procedure"].startswith("did you mean 'telecom-si'?")


async def test_a_repeated_intake_gets_the_same_complaint(site: Site) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [await site.open(headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert [a.status_code for a in answers] == [201, 201]


async def test_a_refused_intake_is_refused_again_and_its_key_is_for_no_other(site: Site) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [await site.open(headers=headers, channel="pigeon") for _ in range(2)]
    assert [a.status_code for a in answers] == [422, 422]
    assert answers[0].json() == answers[1].json()
    assert [a.headers.get("idempotent-replayed") for a in answers] == [None, "true"]
    assert answers[1].headers["content-type"] == "application/problem+json"
    for changes in ({}, {"channel": "swallow"}):
        other = await site.open(headers=headers, **changes)
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_two_at_once_with_one_key_become_one_complaint(site: Site) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answers = await asyncio.gather(*(site.open(headers=headers) for _ in range(4)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["ref"] for a in answers}) == 1


@pytest.mark.rule("TEL-9")
async def test_a_repeat_is_linked_to_the_first_with_its_reason(site: Site) -> None:
    customer = {"name": "Li Lei", "phone": f"+86 10 {uuid.uuid4().int % 10**8:08d}"}
    facts = {"kind": "complaint", "matter": "network"}
    first = (await site.open(customer=customer, facts=facts)).json()
    assert (first["repeat_of"], first["repeat_count"]) == ("", 0)
    second = (await site.open(customer=customer, facts=facts)).json()
    assert (second["repeat_of"], second["repeat_reason"]) == (first["ref"], "other")
    await site.until(second["ref"], lambda c: c["seq"] > 0)
    await finished_as_rejected(site, second["ref"])
    third = (await site.open(customer=customer, facts=facts)).json()
    assert (third["repeat_of"], third["repeat_reason"]) == (first["ref"], "unsatisfied")
    assert third["repeat_count"] == 2
    other = (await site.open(customer=customer, facts={"kind": "complaint", "matter": "device"})).json()
    assert other["repeat_of"] == ""


async def finished_as_rejected(site: Site, ref: str) -> None:
    for verb, who, body in (
        ("dispatch", roles.AGENT, {"unit": "si-alpha"}),
        ("answer_order", roles.PARTNER, {"order": "1", "result": "all well"}),
        ("propose", roles.AGENT, {"options": [{"id": "1", "text": "An explanation"}]}),
        ("reject", roles.AGENT, {"reason": "it still fails"}),
    ):
        answer = await site.act(ref, verb, who, **body)
        assert answer.status_code == 200, (verb, answer.text)


async def test_accepted_complaints_wait_for_temporal_and_start_by_themselves(site: Site) -> None:
    async with site.without_relay():
        refs = [(await site.open()).json()["ref"] for _ in range(3)]
        assert {(await site.read(ref))["seq"] for ref in refs} == {0}
        assert (await site.read(refs[0]))["allowed_actions"] == []
    for ref in refs:
        assert (await site.until(ref, lambda c: c["seq"] > 0))["status"] == "handling"


async def test_lists_filter_and_page(site: Site) -> None:
    mark = f"marked{uuid.uuid4().hex[:8]}"
    refs = [await site.opened(title=f"{mark} {n}") for n in range(5)]
    agent = site.as_(roles.AGENT)
    seen: list[str] = []
    after = ""
    while True:
        page = (await agent.get("/complaints", params={"q": mark, "limit": 2, "after": after})).json()
        seen += [row["ref"] for row in page["items"]]
        if page["after"] is None:
            break
        after = page["after"]
    assert seen == refs[::-1]
    for params, count in (
        ({"status": "handling"}, 5),
        ({"status": "closed"}, 0),
        ({"state": "open", "procedure": "telecom-si"}, 5),
        ({"severity": "urgent", "channel": "hotline"}, 5),
        ({"owner": "person:demo-agent", "breached": "false"}, 5),
        ({"owner": "person:demo-supervisor"}, 0),
        ({"breached": "true"}, 0),
    ):
        found = await agent.get("/complaints", params={"q": mark, **params})
        assert (len(found.json()["items"]), found.status_code) == (count, 200), params


async def test_a_list_is_what_its_schema_says(site: Site) -> None:
    """Lists are written without their models, for speed; the models read and write them alike."""
    ref = await site.opened()
    answer = await site.as_(roles.AGENT).get("/complaints", params={"q": ref})
    page = Page[Row].model_validate_json(answer.content, extra="forbid")
    assert [row.ref for row in page.items] == [ref]
    assert page.model_dump(mode="json") == answer.json()
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 201}, {"after": "nonsense"}, {"status": "happy"}, {"q": "a\x00b"}]
)
async def test_wrong_parameters_are_refused(site: Site, params: dict[str, str]) -> None:
    answer = await site.as_(roles.AGENT).get("/complaints", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_customer_nobody_could_reach_that_way_is_refused_field_by_field(site: Site) -> None:
    answer = await site.open(customer={"name": "Wang Fang", "email": "notmail", "phone": "12"})
    assert (answer.status_code, answer.json()["code"]) == (422, "form")
    assert set(answer.json()["fields"]) == {"customer.email", "customer.phone"}
    assert (await site.open(customer={"name": "Wang Fang"})).status_code == 201


async def test_a_complaint_without_a_title_is_listed_by_how_its_story_begins(site: Site) -> None:
    story = "The line is dead.\nIt has been since Monday."
    for title, summary, listed in (
        ("", story, "The line is dead."),
        ("  ", story, "The line is dead."),
        (" Dead line ", story, "Dead line"),
        ("", "", "Telecom complaints with service integrators"),
    ):
        ref = (await site.open(title=title, summary=summary)).json()["ref"]
        assert (await site.read(ref))["title"] == listed
