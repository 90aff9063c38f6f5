"""The customer's pages: what they show, what they send, and what they say when it does not work."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

import server
from domain import roles
from local.ports import free_port
from services.portal import VERBS
from tests.api.conftest import Site, serving, settings_for
from web.forms import LONGEST

APOLOGY = {
    "text": "We pay back what was charged",
    "remedies": [{"type": "refund", "amount": "20.00", "currency": "CNY"}],
}
EXPLANATION = {"text": "We explain <b>the bill</b>"}


class Page(HTMLParser):
    """A page as a reader meets it: its forms with what is in them, labels, headings and addresses."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.forms: dict[str, dict[str, str]] = {}
        self.actions: dict[str, str] = {}
        self.headings: list[int] = []
        self.labels: list[str] = []
        self.described: list[str] = []
        self.ids: list[str] = []
        self.inputs: list[dict[str, str | None]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._form = self._area = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(str(found["id"]))
        if tag == "form":
            action = str(found["action"])
            self._form = action.partition("?")[0].rpartition("/")[2]
            self.forms[self._form], self.actions[self._form] = {}, action
        elif tag in ("input", "textarea"):
            self.inputs.append({**found, "tag": tag})
            self.described += str(found.get("aria-describedby") or "").split()
            if found.get("type") != "radio" or "checked" in found:
                self.forms[self._form][str(found["name"])] = str(found.get("value") or "")
            self._area = str(found["name"]) if tag == "textarea" else ""
        elif tag == "label":
            self.labels.append(str(found.get("for")))
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[self._form][self._area] += data.removeprefix("\n")

    @property
    def lang(self) -> str | None:
        return next(attrs for tag, attrs in self.tags if tag == "html")["lang"]


class Customer:
    """A person with a browser and a private link."""

    def __init__(self, client: httpx.AsyncClient, path: str) -> None:
        self.client, self.path = client, path

    async def look(self, query: str = "") -> Page:
        answer = await self.client.get(self.path + query)
        assert answer.status_code == 200, answer.text
        return Page(answer)

    async def send(self, page: Page, verb: str, **typed: str) -> httpx.Response:
        return await self.client.post(page.actions[verb], data={**page.forms[verb], **typed})


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(site.url) as client:
        yield client


async def customer_of(site: Site, client: httpx.AsyncClient, **changes: Any) -> tuple[str, Customer]:
    """A new complaint, and its customer."""
    opened = (await site.open(**changes)).json()
    await site.until(opened["ref"], lambda c: c["seq"] > 0)
    assert opened["portal"].startswith("https://complaints.example/portal/")
    return opened["ref"], Customer(client, opened["portal"].removeprefix("https://complaints.example"))


async def offered(site: Site, ref: str, options: Sequence[dict[str, Any]] = (APOLOGY, EXPLANATION)) -> None:
    """Handled, and solutions put before the customer."""
    for verb, who, body in (
        ("dispatch", roles.AGENT, {"unit": "si-alpha", "note": "internal: their fault"}),
        ("answer_order", roles.PARTNER, {"order": "1", "result": "internal: wrongly charged"}),
        ("propose", roles.AGENT, {"options": list(options), "grounds": "internal: we were wrong"}),
    ):
        answer = await site.act(ref, verb, who, **body)
        assert answer.status_code == 200, answer.text


async def kinds(site: Site, ref: str) -> list[str]:
    items = (await site.as_(roles.SUPERVISOR).get(f"/complaints/{ref}/events")).json()["items"]
    return [event["kind"] for event in items]


async def test_the_link_leads_to_a_page_that_says_how_it_stands(
    site: Site, client: httpx.AsyncClient
) -> None:
    ref, customer = await customer_of(site, client)
    page = await customer.look()
    assert page.lang == "en"
    for said in (ref, "Being worked on", "Charged for a service never ordered", "12315", "Asia/Shanghai"):
        assert said in page.answer.text
    assert set(page.forms) == {"add_information", "withdraw"}
    assert (await client.head(customer.path)).status_code == 200


async def test_the_next_reply_that_was_promised_is_on_it(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    assert "You hear from us by" not in (await customer.look()).answer.text
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    answer = await site.act(ref, "promise_reply", until=until.isoformat(), text="After the check.")
    assert answer.status_code == 200, answer.text
    page = await customer.look()
    assert "You hear from us by" in page.answer.text
    assert until.isoformat() in [attrs["datetime"] for tag, attrs in page.tags if tag == "time"]
    shown = until.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"{shown.day} {shown:%B} {shown.year}, {shown:%H:%M}" in page.answer.text


async def test_nothing_internal_is_on_it(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    await site.act(ref, "add_note", text="internal: difficult customer")
    await offered(site, ref)
    shown = (await customer.look()).answer.text
    for internal in ("internal", "si-alpha", "person:", "Wang Fang", "5555"):
        assert internal not in shown


async def test_nothing_is_kept_leaked_or_loaded_from_elsewhere(site: Site, client: httpx.AsyncClient) -> None:
    _, customer = await customer_of(site, client)
    page = await customer.look()
    headers = page.answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert "set-cookie" not in headers
    assert not [tag for tag, attrs in page.tags if tag == "script" or any(a.startswith("on") for a in attrs)]
    assert not [tag for tag, attrs in page.tags if tag == "style" or "style" in attrs]
    addresses = [str(a[name]) for _, a in page.tags for name in ("href", "src", "action") if name in a]
    assert all(address.startswith(("/portal/", "/static/", "#", "data:,")) for address in addresses)
    style = next(str(a["href"]) for tag, a in page.tags if tag == "link" and a.get("rel") == "stylesheet")
    answer = await client.get(style)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "prefers-color-scheme: dark" in answer.text
    assert "url(" not in answer.text


@pytest.mark.parametrize(
    ("language", "tag", "status"), [("en", "en", "decision"), ("zh", "zh-CN", "等待您的确认")]
)
async def test_it_speaks_the_language_of_the_complaint_until_asked_otherwise(
    site: Site, client: httpx.AsyncClient, language: str, tag: str, status: str
) -> None:
    ref, customer = await customer_of(site, client, language=language)
    await offered(site, ref)
    page = await customer.look()
    assert page.lang == tag
    assert status in page.answer.text
    other = await customer.look("?lang=zh" if language == "en" else "?lang=en")
    assert other.lang != page.lang
    answer = await customer.send(other, "add_information", text="more")
    assert other.lang == Page(await client.get(answer.headers["location"])).lang, "the choice stays"
    assert (await customer.look("?lang=xx")).lang == tag


async def test_a_chinese_page_has_no_english_of_ours(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client, language="zh", title="乱扣费", facts={})
    await offered(site, ref, [{"text": "退费"}, {"text": "道歉"}])
    page = await customer.look()
    body = re.sub(r"<[^>]*>", " ", page.answer.text.partition("<body>")[2])
    words = set(re.findall("[A-Za-z]{2,}", html.unescape(body)))
    assert words <= {"English", "TEL", "Asia", "Shanghai", *site_words(page)}, words


def site_words(page: Page) -> set[str]:
    """The organisation's own name is what it is."""
    return set(re.findall("[A-Za-z]{2,}", page.answer.text.partition('class="whose">')[2].partition("<")[0]))


async def test_every_field_has_a_label_and_headings_step_by_one(
    site: Site, client: httpx.AsyncClient
) -> None:
    ref, customer = await customer_of(site, client)
    await offered(site, ref)
    answer = await customer.send(await customer.look(), "reject", reason=" ")
    for page in (await customer.look(), Page(answer)):
        assert len(page.ids) == len(set(page.ids))
        assert set(page.described) <= set(page.ids)
        areas = [str(one["id"]) for one in page.inputs if one["tag"] == "textarea"]
        assert areas == page.labels[-len(areas) :] or set(areas) <= set(page.labels)
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
        assert all(int(str(a.get("tabindex", 0))) <= 0 for _, a in page.tags)


async def test_the_customer_chooses_one_of_the_solutions(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    await offered(site, ref)
    page = await customer.look()
    assert set(page.forms) == {"accept", "reject", "add_information", "withdraw"}
    assert "Refund 20.00 CNY" in page.answer.text
    assert "<b>the bill" not in page.answer.text, "what people write is text"
    answer = await customer.send(page, "accept", comment="kept")
    assert answer.status_code == 422
    again = Page(answer)
    assert "please choose one" in answer.text
    assert again.forms["accept"]["comment"] == "kept"
    answer = await customer.send(again, "accept", option="2")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{customer.path}?done=accept")
    done = Page(await client.get(answer.headers["location"]))
    assert "We have noted that you accept" in done.answer.text
    assert "accept" not in done.forms
    found = await site.read(ref)
    assert (found["accepted"], found["status"]) == ("2", "callback")


async def test_the_only_solution_needs_no_choosing(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    await offered(site, ref, [EXPLANATION])
    assert (await customer.send(await customer.look(), "accept")).status_code == 303
    assert (await site.read(ref))["accepted"] == "1"


async def test_the_customer_rejects_with_a_reason_and_a_demand(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    await offered(site, ref)
    page = await customer.look()
    answer = await customer.send(page, "reject", reason="  ", demand="30 yuan & <an apology>\r\nsoon")
    assert answer.status_code == 422
    again = Page(answer)
    assert again.forms["reject"]["demand"].strip() == "30 yuan & <an apology>\nsoon"
    assert ("details", {"class": "form", "open": None}) in again.tags
    assert (await site.read(ref))["round"] == 1
    assert (await customer.send(again, "reject", reason="too little")).status_code == 303
    events = (await site.as_(roles.SUPERVISOR).get(f"/complaints/{ref}/events")).json()["items"]
    rejected = next(event for event in events if event["kind"] == "customer_rejected")
    assert rejected["data"]["demand"] == "30 yuan & <an apology>\nsoon"
    assert (await site.read(ref))["round"] == 2


async def test_withdrawn_and_opened_again(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    assert (await customer.send(await customer.look(), "withdraw")).status_code == 303
    closed = await customer.look("?done=withdraw")
    assert "Closed" in closed.answer.text
    assert set(closed.forms) == {"reopen"}
    assert (await customer.send(closed, "reopen", reason="still wrong")).status_code == 303
    assert (await site.read(ref))["round"] == 2


async def test_sent_twice_it_happens_once(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    page = await customer.look()
    answers = [await customer.send(page, "add_information", text="once") for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert (await kinds(site, ref)).count("information_added") == 1
    await offered(site, ref)
    page = await customer.look()
    answers = await asyncio.gather(*(customer.send(page, "accept", option="1") for _ in range(2)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await customer.send(page, "accept", option="1")).status_code == 303
    assert (await kinds(site, ref)).count("customer_accepted") == 1


async def test_withdrawn_twice_is_withdrawn_once(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    page = await customer.look()
    for _ in range(2):
        assert (await customer.send(page, "withdraw", reason="done")).status_code == 303
    assert (await kinds(site, ref)).count("withdrawn") == 1


async def test_solutions_that_were_not_read_are_not_accepted(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    await offered(site, ref, [APOLOGY])
    old = await customer.look()
    await site.act(ref, "add_note", text="something happened")
    answer = await customer.send(old, "accept", comment="fine")
    assert answer.status_code == 409
    assert "Something changed while you were writing" in answer.text
    again = Page(answer)
    assert again.forms["accept"]["comment"].strip() == "fine"
    assert (await customer.send(again, "accept")).status_code == 303


async def test_what_is_no_longer_possible_is_said_and_the_text_is_kept(
    site: Site, client: httpx.AsyncClient
) -> None:
    ref, customer = await customer_of(site, client)
    old = await customer.look()
    await site.act(ref, "withdraw", roles.AGENT)
    answer = await customer.send(old, "add_information", text="my long story")
    assert answer.status_code == 409
    assert "no longer possible" in answer.text
    assert "my long story" in answer.text
    assert set(Page(answer).forms) == {"reopen"}
    empty = await customer.send(old, "add_information", text="")
    assert empty.status_code == 409


async def test_texts_that_cannot_be_taken_are_explained(site: Site, client: httpx.AsyncClient) -> None:
    _, customer = await customer_of(site, client)
    page = await customer.look()
    for text, said in (("x" * (LONGEST + 1), "at most 5000"), ("a\0b", "characters we cannot keep")):
        answer = await customer.send(page, "add_information", text=text)
        assert answer.status_code == 422
        assert said in answer.text
        assert Page(answer).forms["add_information"]["text"].strip()
    answer = await customer.send(page, "add_information", text="字" * 40_000)
    assert answer.status_code == 413
    assert "That is too much at once" in answer.text


@pytest.mark.parametrize("token", ["TEL-2026-000001.00000000000000000000000000000000", "nonsense", "ü.ü"])
async def test_an_unknown_link_leads_to_a_friendly_page(
    site: Site, client: httpx.AsyncClient, token: str
) -> None:
    answers = [
        await client.get(f"/portal/{token}", headers={"Accept-Language": "zh-CN,zh;q=0.9"}),
        await client.post(f"/portal/{token}/withdraw", data={}, headers={"Accept-Language": "zh"}),
    ]
    for answer in answers:
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-store"
        assert "链接无效" in answer.text


async def test_staff_verbs_are_no_forms(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    for verb in ("close", "propose", "nothing"):
        assert (await client.post(f"{customer.path}/{verb}", data={"reason": "x"})).status_code == 404
        assert (await client.get(f"{customer.path}/{verb}")).status_code == 404
    for verb in VERBS:
        answer = await client.get(f"{customer.path}/{verb}?lang=zh")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{customer.path}?lang=zh")
    assert (await site.read(ref))["status"] == "handling"


async def test_without_temporal_the_page_is_there_and_keeps_what_was_typed(
    site: Site, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    ref, customer = await customer_of(site, client)
    async with beside(site.database_url, tmp_path, secret_of=site) as down:
        page = await Customer(down, customer.path).look()
        answer = await Customer(down, customer.path).send(page, "add_information", text="typed once")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    again = Page(answer)
    assert again.forms["add_information"]["text"].strip() == "typed once"
    assert again.forms["add_information"]["key"] == page.forms["add_information"]["key"]
    for _ in range(2):
        assert (await customer.send(again, "add_information")).status_code == 303
    assert (await kinds(site, ref)).count("information_added") == 1


async def test_without_the_database_there_is_a_friendly_page(
    site: Site, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    ref, customer = await customer_of(site, client)
    page = await customer.look()
    nowhere = f"postgresql+asyncpg://postgres@127.0.0.1:{free_port()}/nothing"
    async with beside(nowhere, tmp_path, secret_of=site) as down:
        answer = await down.get(customer.path)
        assert answer.status_code == 503
        assert "Your complaint is safe" in answer.text
        answer = await Customer(down, customer.path).send(page, "add_information", text="typed & kept")
        assert answer.status_code == 503
    again = Page(answer)
    assert again.forms["add_information"]["text"].strip() == "typed & kept"
    assert (await customer.send(again, "add_information")).status_code == 303
    assert "information_added" in await kinds(site, ref)


@asynccontextmanager
async def beside(database_url: str, home: Path, *, secret_of: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Pages with the same links, over this database and a Temporal that does not listen."""
    settings = settings_for(database_url, f"127.0.0.1:{free_port()}", home)
    app = server.application(settings, relay=False)
    app.state.links = secret_of.links
    async with serving(app) as url, browser(url) as client:
        yield client


async def test_the_front_door_leads_to_the_description(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert not [path for path in paths if not path.startswith(("/api/", "/health", "/metrics"))]
