"""A consequence is promised first and opened then: whoever dies in between, there is one case."""

from __future__ import annotations

import asyncio
import uuid

import httpx
import pytest
from sqlalchemy import bindparam, func, select

from domain import roles
from storage.queries.events import of_complaint
from storage.queries.verify import first_broken
from storage.tables import complaints
from tests.chaos.dying import DIED
from tests.chaos.office import Office
from tests.chaos.stack import Stack, until
from tests.chaos.test_unconfirmed import dead, worker_that_dies_at
from tests.chaos.truth import all_started, confirmed

pytestmark = pytest.mark.chaos

BODY = {"consequence": "score_deduction", "note": "the contact could not be reached", "unit": "si-alpha"}
_CASES = select(func.count()).where(complaints.c.parent == bindparam("of_parent"))


async def cases(stack: Stack, ref: str) -> int:
    """How many cases a complaint has led to."""
    row = await stack.database.first(_CASES, {"of_parent": ref})
    return int(row[0]) if row else 0


async def there_is_one_case(stack: Stack, office: Office, ref: str) -> None:
    """The promise was kept once: one event, one case, one workflow that has recorded its opening."""

    async def it_is_there() -> bool:
        return "consequence_opened" in await office.kinds(ref)

    await until(it_is_there, f"the case of {ref} is there")
    await all_started(stack.database)
    await office.recorded(f"{ref}-1")
    assert await cases(stack, ref) == 1
    kinds = await office.kinds(ref)
    assert (kinds.count("consequence_raised"), kinds.count("consequence_opened")) == (1, 1)
    assert (await office.kinds(f"{ref}-1")).count("opened") == 1
    for one in (ref, f"{ref}-1"):
        assert await first_broken(stack.database, one) is None
        state = await confirmed(stack.client.get_workflow_handle(f"complaint:{one}"))
        assert state.seq == len(await of_complaint(stack.database, one))


async def test_a_worker_that_dies_after_raising_leaves_one_case(stack: Stack, office: Office) -> None:
    """The promise is recorded, and whoever made it is gone before anybody has opened anything."""
    ref = await office.opened("Dies after raising")
    await worker_that_dies_at(stack, "consequence_raised")
    key = str(uuid.uuid4())

    async def ask():
        return await office.post(roles.SUPERVISOR, f"complaints/{ref}/raise_consequence", BODY, key=key)

    asking = asyncio.create_task(office.answer_at_last(ask))
    await dead(stack)
    assert "consequence_raised" in [event.fact.kind for event in await of_complaint(stack.database, ref)]
    assert await cases(stack, ref) == 0
    await stack.start("worker")
    assert (await asking).status_code == 200
    await there_is_one_case(stack, office, ref)


async def test_a_worker_that_dies_after_opening_leaves_one_case(stack: Stack, office: Office) -> None:
    """The case is accepted, and whoever accepted it is gone before the complaint has heard of it."""
    ref = await office.opened("Dies after opening")
    await stack.stop("worker")
    stack.children["usual"] = stack.children["worker"]
    stack.children["worker"] = stack.process("dying", "-m", "tests.chaos.dying", "case", "")
    await stack.start("worker")
    raised = await office.post(roles.SUPERVISOR, f"complaints/{ref}/raise_consequence", BODY)
    assert raised.status_code == 200, raised.text

    async def it_died() -> bool:
        return stack.children["worker"].ended() == DIED

    await until(it_died, "the worker has died")
    stack.children["worker"] = stack.children.pop("usual")
    assert await cases(stack, ref) == 1
    assert "consequence_opened" not in await office.kinds(ref)
    await stack.start("worker")
    await there_is_one_case(stack, office, ref)


async def test_postgres_killed_while_cases_are_opened_leaves_one_each(stack: Stack, office: Office) -> None:
    """Some are promised, some accepted, some neither when it dies; each is opened once in the end."""
    refs = await asyncio.gather(*(office.opened(f"Opened through an outage {n}") for n in range(6)))
    asked = [(f"complaints/{ref}/raise_consequence", str(uuid.uuid4())) for ref in refs]

    async def ask(path: str, key: str) -> httpx.Response:
        return await office.answer_at_last(lambda: office.post(roles.SUPERVISOR, path, BODY, key=key))

    asking = [asyncio.create_task(ask(*one)) for one in asked]

    async def one_is_promised() -> bool:
        found = [await of_complaint(stack.database, ref) for ref in refs]
        return any(event.fact.kind == "consequence_raised" for events in found for event in events)

    await until(one_is_promised, "a consequence is promised")
    await stack.restart("postgres")
    for answer in await asyncio.gather(*asking):
        assert answer.status_code == 200, answer.text
    for ref in refs:
        await there_is_one_case(stack, office, ref)
