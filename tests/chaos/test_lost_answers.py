"""The API dies when it has a result and has not told anybody: the same request again gets that result."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from domain import roles
from tests.chaos.burst import opening
from tests.chaos.dying import DIED
from tests.chaos.office import Office
from tests.chaos.stack import Stack, until

pytestmark = pytest.mark.chaos


async def test_an_answer_that_died_with_the_api_is_given_again(stack: Stack, office: Office) -> None:
    """Also when the command closed the complaint, whose workflow has ended then."""
    lost = opening("Answer lost")
    opened = await asked_of_a_dying_api(stack, office, "complaints", lost)
    ref = opened.json()["ref"]
    listed = await office.get(roles.AGENT, "complaints?q=Answer+lost")
    assert [row["ref"] for row in listed.json()["items"]] == [ref]
    await office.recorded(ref)
    closed = await asked_of_a_dying_api(stack, office, f"complaints/{ref}/withdraw", {"reason": "settled"})
    assert closed.json()["status"] == "closed"
    assert (await stack.client.get_workflow_handle(f"complaint:{ref}").describe()).status != 1
    kinds = await office.kinds(ref)
    assert [kinds.count(kind) for kind in ("opened", "withdrawn", "closed")] == [1] * 3


async def asked_of_a_dying_api(
    stack: Stack, office: Office, path: str, body: Mapping[str, Any]
) -> httpx.Response:
    """The answer, from the next API, to a request whose first answer died."""
    key = str(uuid.uuid4())
    usual = stack.children["api"]
    await stack.stop("api")
    stack.children["api"] = stack.process("dying", "-m", "tests.chaos.dying", "api")
    await stack.start("api")
    with pytest.raises(httpx.TransportError):
        await office.post(roles.AGENT, path, body, key=key)

    async def it_has_died() -> bool:
        return stack.children["api"].ended() == DIED

    await until(it_has_died, "the API has died")
    stack.children["api"] = usual
    await stack.start("api")
    answer = await office.post(roles.AGENT, path, body, key=key)
    assert answer.is_success, answer.text
    assert (await office.post(roles.AGENT, path, body, key=key)).json() == answer.json()
    return answer
