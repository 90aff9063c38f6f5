"""Knowledge: written in both languages, found by words, shown beside complaints it is about, retired."""

import uuid
from typing import Any

import pytest

from domain import roles
from tests.api.conftest import Site

TITLE = {"en": "Charged twice", "zh": "重复扣费"}
CONTENT = {"en": "Compare the gateway's bill.", "zh": "请核对网关账单。"}


async def publish(site: Site, who: str = roles.SUPERVISOR, **changes: Any) -> Any:
    body = {"procedure": "telecom-si", "title": TITLE, "content": CONTENT, **changes}
    return await site.as_(who).post("/knowledge", json=body)


async def titles(site: Site, **query: Any) -> list[str]:
    answer = await site.as_(roles.AGENT).get("/knowledge", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["title"]["en"] for entry in answer.json()["items"]]


@pytest.mark.rule("TEL-15", "CTR-7")
async def test_knowledge_from_a_closed_case_stands_beside_the_next_one_like_it(site: Site) -> None:
    word = f"word{uuid.uuid4().hex[:8]}"
    ref = await site.opened()
    early = await publish(site, from_ref=ref)
    assert (early.status_code, early.json()["code"]) == (409, "not_closed")
    await site.act(ref, "withdraw", reason="solved")
    about = {"matter": "charges"}
    made = await publish(site, from_ref=ref, about=about, content={"en": f"See {word}.", "zh": "见说明。"})
    assert made.status_code == 201, made.text
    entry = made.json()
    assert (entry["from_ref"], entry["about"]) == (ref, about)

    opened = (await site.open()).json()
    assert entry["id"] in [one["id"] for one in opened["knowledge"]]
    assert entry["id"] in [one["id"] for one in (await site.read(opened["ref"]))["knowledge"]]
    other = (await site.open(facts={"kind": "complaint", "matter": "network"})).json()
    assert entry["id"] not in [one["id"] for one in other["knowledge"]]

    assert await titles(site, q=word, procedure="telecom-si", about="matter:charges") == ["Charged twice"]
    path = f"/knowledge/{entry['id']}/retire"
    retired = await site.as_(roles.SUPERVISOR).post(path, json={"reason": "the rule has changed"})
    assert (retired.status_code, retired.json()["retired_why"]) == (200, "the rule has changed")
    assert entry["id"] not in [one["id"] for one in (await site.open()).json()["knowledge"]]
    assert await titles(site, q=word) == []
    assert await titles(site, q=word, retired=True) == ["Charged twice"]
    again = await site.as_(roles.SUPERVISOR).post(path, json={"reason": "once more"})
    assert (again.status_code, again.json()["code"]) == (409, "already_retired")


async def test_an_entry_says_the_same_in_every_language_and_is_found_in_each(site: Site) -> None:
    word = f"word{uuid.uuid4().hex[:8]}"
    made = await publish(site, title={"en": word, "zh": "宽带频繁掉线"})
    assert made.status_code == 201
    assert word in await titles(site, q="频繁掉线")
    assert await titles(site, q=word) == [word]
    assert await titles(site, q="?!") == []


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": {"en": "Only English"}}, "form", "title.zh"),
        ({"content": {**CONTENT, "de": "Auch Deutsch"}}, "form", "content.de"),
        ({"content": {"en": " ", "zh": "有"}}, "form", "content.en"),
        ({"about": {"weather": "rain"}}, "form", "about.weather"),
        ({"about": {"kind": "rain"}}, "form", "about.kind"),
        ({"procedure": "nobody"}, "no_such_procedure", ""),
        ({"from_ref": "TEL-1-1"}, "not_found", ""),
    ],
)
async def test_an_entry_that_is_not_right_is_not_published(
    site: Site, changes: dict[str, Any], code: str, field: str
) -> None:
    answer = await publish(site, **changes)
    assert answer.json()["code"] == code
    assert not field or field in answer.json()["fields"]


async def test_who_may_write_and_what_is_no_search(site: Site) -> None:
    assert (await publish(site, who=roles.PARTNER)).status_code == 403
    agent = site.as_(roles.AGENT)
    for query in ({"about": "charges"}, {"after": "nonsense"}):
        answer = await agent.get("/knowledge", params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    gone = await agent.post(f"/knowledge/{uuid.uuid4()}/retire", json={"reason": "x"})
    assert gone.status_code == 404
    blank = await agent.post(f"/knowledge/{uuid.uuid4()}/retire", json={"reason": " "})
    assert blank.json()["code"] == "missing"


async def test_the_knowledge_base_is_read_page_by_page(site: Site) -> None:
    word = f"word{uuid.uuid4().hex[:8]}"
    for number in range(3):
        await publish(site, title={"en": f"{word} {number}", "zh": "三条"})
    agent, seen, after = site.as_(roles.AGENT), [], ""
    while True:
        page = (await agent.get("/knowledge", params={"q": word, "limit": 2, "after": after})).json()
        seen += [entry["title"]["en"] for entry in page["items"]]
        after = page["after"]
        if not after:
            break
    assert seen == [f"{word} {number}" for number in (2, 1, 0)]
