"""The customer's pages: what they show, in which language, and to whom."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.api.conftest import Site
from tests.web.customer import Page, customer_of, offered


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


async def test_the_front_door_leads_to_the_description(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert not [path for path in paths if not path.startswith(("/api/", "/health", "/metrics"))]
