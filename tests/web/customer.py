"""A customer with a browser and a private link, as the tests of the pages need one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

import httpx

from domain import roles
from tests.api.conftest import Site

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
