"""Commands over HTTP: the whole way from a call to a satisfied customer, refusals, and repeats."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from domain import roles
from tests.api.conftest import Site


async def test_a_complaint_from_the_call_to_a_satisfied_customer(site: Site) -> None:
    ref = await site.opened()
    found = await site.read(ref)
    assert (found["status"], found["step"], found["round"]) == ("handling", "handle", 1)
    assert {"verb": "dispatch", "target": ""} in found["allowed_actions"] or any(
        a["verb"] == "dispatch" for a in (await site.read(ref, roles.AGENT))["allowed_actions"]
    )

    done = (await site.act(ref, "dispatch", unit="si-alpha")).json()
    assert done["status"] == "handling"
    for verb, who, body in (
        ("take_order", roles.PARTNER, {"order": "1"}),
        ("answer_order", roles.PARTNER, {"order": "1", "result": "wrongly charged"}),
        ("propose", roles.AGENT, {"options": [{"id": "1", "text": "An apology and an explanation"}]}),
        ("accept", roles.AGENT, {"option": "1"}),
        ("record_callback", roles.CALLBACK, {"outcome": "satisfied", "score": 9}),
    ):
        answer = await site.act(ref, verb, who, **body)
        assert answer.status_code == 200, (verb, answer.text)
    found = await site.read(ref)
    assert (found["status"], found["round"]) == ("closed", 1)
    assert [order["state"] for order in found["orders"]] == ["answered"]


async def test_a_refusal_says_why_and_what_would_be_legal(site: Site) -> None:
    ref = await site.opened()
    answer = await site.act(ref, "accept", option="1")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "wrong_step"
    assert "dispatch" in problem["legal"]


async def test_a_verb_there_is_not_is_told_with_the_nearest_there_is(site: Site) -> None:
    ref = await site.opened()
    answer = await site.act(ref, "dispach", unit="si-alpha")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_verb")
    assert "did you mean 'dispatch'?" in answer.json()["detail"]
    by_link = await site.as_("").post(f"/portal/{site.links.token(ref)}/acept", json={})
    assert "did you mean 'accept'?" in by_link.json()["detail"]
    other = await site.as_(roles.AGENT).post("/nothing/of/this")
    assert other.json()["code"] == "not_found"


async def test_what_is_no_json_is_told_as_such(site: Site) -> None:
    ref = await site.opened()
    agent, path = site.as_(roles.AGENT), f"/complaints/{ref}/add_note"
    typed = {"Content-Type": "application/json"}
    broken = await agent.post(path, content=b'{"text": ', headers=typed)
    assert broken.status_code == 422
    assert broken.json()["fields"] == {"body": "not JSON: Expecting value (character 9)"}
    plain = {"Content-Type": "text/plain"}
    for content, headers in ((b'{"text": "x"}', plain), (b"[]", typed), (b"", typed)):
        answer = await agent.post(path, content=content, headers=headers)
        assert "a JSON object is needed" in answer.json()["fields"]["body"], (content, answer.text)


async def test_a_form_that_is_wrong_is_told_field_by_field(site: Site) -> None:
    ref = await site.opened()
    answer = await site.act(ref, "dispatch", unit="")
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"unit": "a unit is needed"}
    answer = await site.act(ref, "dispatch", unti="si-alpha")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"unti"}


async def test_an_old_sequence_is_refused_as_stale(site: Site) -> None:
    ref = await site.opened()
    seq = (await site.read(ref))["seq"]
    assert (await site.act(ref, "add_note", text="one", expected_seq=seq)).status_code == 200
    answer = await site.act(ref, "add_note", text="two", expected_seq=seq)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")


async def test_a_repeated_command_gets_its_first_answer_and_happens_once(site: Site) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    agent = site.as_(roles.AGENT)
    answers = [
        await agent.post(f"/complaints/{ref}/add_note", json={"text": "called"}, headers=headers)
        for _ in range(3)
    ]
    assert [a.status_code for a in answers] == [200] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert [a.headers.get("idempotent-replayed") for a in answers] == [None, "true", "true"]
    other = await agent.post(f"/complaints/{ref}/add_note", json={"text": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    notes = [e for e in await events(site, ref) if e["kind"] == "note_added"]
    assert len(notes) == 1


async def test_the_same_key_of_another_caller_is_another_request(site: Site) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": "the-same"}
    for who in (roles.AGENT, roles.SUPERVISOR):
        answer = await site.as_(who).post(
            f"/complaints/{ref}/add_note", json={"text": f"by {who}"}, headers=headers
        )
        assert answer.status_code == 200
    assert len([e for e in await events(site, ref) if e["kind"] == "note_added"]) == 2


async def test_an_answer_lost_between_workflow_and_database_is_found_again(site: Site) -> None:
    """A crash after the workflow's answer: the key is claimed, its answer was never kept."""
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"text": "only once"}
    first = await site.as_(roles.AGENT).post(f"/complaints/{ref}/add_note", json=body, headers=headers)
    await site.forget_answer(headers["Idempotency-Key"])
    again = await site.as_(roles.AGENT).post(f"/complaints/{ref}/add_note", json=body, headers=headers)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in again.headers
    assert len([e for e in await events(site, ref) if e["kind"] == "note_added"]) == 1


async def test_a_refusal_is_an_answer_too_and_is_kept(site: Site) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [
        await site.as_(roles.AGENT).post(f"/complaints/{ref}/fulfil", json={}, headers=headers)
        for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [409, 409]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["content-type"] == "application/problem+json"


async def test_a_closed_complaint_takes_notes_and_is_reopened(site: Site) -> None:
    """Its workflow has ended; a command starts it again from what PostgreSQL knows."""
    ref = await site.opened()
    assert (await site.act(ref, "withdraw", reason="settled")).status_code == 200
    await ended(site, ref)
    note = await site.act(ref, "add_note", text="thanked us")
    assert note.status_code == 200, note.text
    assert note.json()["status"] == "closed"
    await ended(site, ref)
    again = await site.act(ref, "reopen", reason="it is back")
    assert again.status_code == 200, again.text
    assert (again.json()["round"], again.json()["status"]) == (2, "handling")
    seqs = [e["seq"] for e in await events(site, ref)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_commands_at_once_on_a_closed_complaint_happen_once_each(site: Site) -> None:
    """Each may find the run before it ended, and a run that starts then begins from a state that is old."""
    ref = await site.opened()
    assert (await site.act(ref, "withdraw", reason="settled")).status_code == 200
    await site.temporal.get_workflow_handle(f"complaint:{ref}").result()

    async def noted(number: int) -> int:
        """Note it, again and again under the same key while the complaint is busy."""
        for _ in range(10):
            answer = await site.as_(roles.AGENT).post(
                f"/complaints/{ref}/add_note",
                json={"text": f"note {number}"},
                headers={"Idempotency-Key": f"{ref}-{number}"},
            )
            if answer.status_code != 503:
                break
        assert answer.status_code == 200, answer.text
        return int(answer.json()["seq"])

    seqs = await asyncio.gather(*(noted(n // 2) for n in range(16)))
    assert seqs[::2] == seqs[1::2]
    made = [e["data"]["text"] for e in await events(site, ref) if e["kind"] == "note_added"]
    assert sorted(made) == [f"note {n}" for n in range(8)]


async def test_the_command_that_closed_can_be_repeated_after_the_workflow_ended(site: Site) -> None:
    ref = await site.opened()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"reason": "settled"}
    first = await site.as_(roles.AGENT).post(f"/complaints/{ref}/withdraw", json=body, headers=headers)
    await ended(site, ref)
    await site.forget_answer(headers["Idempotency-Key"])
    again = await site.as_(roles.AGENT).post(f"/complaints/{ref}/withdraw", json=body, headers=headers)
    assert again.json() == first.json()


async def test_a_command_that_comes_before_the_workflow_starts_it(site: Site) -> None:
    async with site.without_relay():
        ref = (await site.open()).json()["ref"]
        assert (await site.read(ref))["status"] == "new"
        answer = await site.act(ref, "dispatch", unit="si-alpha")
        assert answer.status_code == 200, answer.text
    assert (await site.read(ref))["orders"][0]["unit"] == "si-alpha"


async def test_commands_at_once_all_happen_in_some_order(site: Site) -> None:
    ref = await site.opened()
    answers = await asyncio.gather(*(site.act(ref, "add_note", text=f"note {n}") for n in range(10)))
    assert [a.status_code for a in answers] == [200] * 10
    assert len({a.json()["seq"] for a in answers}) == 10


async def test_an_unknown_complaint_is_not_found(site: Site) -> None:
    answer = await site.act("TEL-1999-000001", "add_note", text="nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_every_verb_has_its_own_body_in_the_api_description(site: Site) -> None:
    description = (await site.with_token("").get(f"{site.url}/openapi.json")).json()
    for verb in ("dispatch", "propose", "hold", "accept"):
        route = description["paths"][f"/api/v1/complaints/{{ref}}/{verb}"]["post"]
        schema = route["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert description["components"]["schemas"][schema]["example"]
        assert route["description"]


async def events(site: Site, ref: str) -> list[dict[str, object]]:
    answer = await site.as_(roles.SUPERVISOR).get(f"/complaints/{ref}/events")
    assert answer.status_code == 200
    return list(answer.json()["items"])


async def ended(site: Site, ref: str) -> None:
    """Wait until the complaint's workflow has run to its end."""
    async with asyncio.timeout(20):
        await site.temporal.get_workflow_handle(f"complaint:{ref}").result()


@pytest.mark.parametrize(
    "until", [1796083200, "1796083200", 1.8e9, "2026-12-01", "2026-12-01T09:00:00", True]
)
async def test_a_time_is_written_as_one_with_its_offset(site: Site, until: object) -> None:
    ref = await site.opened()
    answer = await site.act(ref, "promise_reply", until=until, text="by then")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["until"])
