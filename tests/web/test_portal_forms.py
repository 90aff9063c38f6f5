"""What customers send from their pages: once, from what they read, and with what they typed kept."""

from __future__ import annotations

import asyncio

import httpx

from domain import roles
from services.portal import VERBS
from tests.api.conftest import Site
from tests.web.customer import APOLOGY, EXPLANATION, Page, customer_of, kinds, offered
from web.forms import LONGEST


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


async def test_staff_verbs_are_no_forms(site: Site, client: httpx.AsyncClient) -> None:
    ref, customer = await customer_of(site, client)
    for verb in ("close", "propose", "nothing"):
        assert (await client.post(f"{customer.path}/{verb}", data={"reason": "x"})).status_code == 404
        assert (await client.get(f"{customer.path}/{verb}")).status_code == 404
    for verb in VERBS:
        answer = await client.get(f"{customer.path}/{verb}?lang=zh")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{customer.path}?lang=zh")
    assert (await site.read(ref))["status"] == "handling"
