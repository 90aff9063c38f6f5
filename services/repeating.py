"""Idempotency keys: the first answer to a request is kept and given again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from domain.errors import Refused
from services.connect import Connections, is_database_down
from storage.errors import KeyReused
from storage.stores import idempotency
from storage.stores.idempotency import Claim, KeptAnswer

__all__ = [
    "Claim",
    "Kept",
    "answer",
    "claim",
    "first_answer",
    "forget_keys",
    "keep",
    "release",
    "reuse_refused",
]

KEPT_FOR = timedelta(days=7)
"""How long an answer is kept: a request repeated later is a new one."""
AT_WORK = timedelta(seconds=3)
"""How long the first attempt at a request is taken to be at work; later it has died, or waits in vain."""
FORGET_EVERY = timedelta(hours=1)

log = structlog.get_logger("repeating")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer: status and JSON body; ``again``: it was given before."""

    status: int
    body: Any
    again: bool = True


@contextmanager
def reuse_refused() -> Iterator[None]:
    """Turn a key that came with another request into Refused("key_reused")."""
    try:
        yield
    except KeyReused as error:
        raise Refused("key_reused", str(error), fields={"Idempotency-Key": "use a new one"}) from error


async def claim(connections: Connections, wanted: Claim) -> Kept | None:
    """The answer this request was given before, or None: then it is to be worked on.

    While the first attempt is at work its answer is waited for. None is also said when it never came to one;
    whoever works on the request makes sure that doing it twice is harmless.
    Raises Refused("key_reused") for another request under the key.
    """
    pause = 0.05
    with reuse_refused():
        found = await idempotency.claim(connections.database, wanted)
        while found is not None and found.status is None and found.age < AT_WORK:
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.4)
            found = await idempotency.claim(connections.database, wanted)
    return first_answer(found)


async def release(connections: Connections, wanted: Claim) -> None:
    """Give up a claim after a failure that is no answer: the request may be tried again at once."""
    await idempotency.release(connections.database, wanted)


def first_answer(found: KeptAnswer | None) -> Kept | None:
    """What is to be answered again, None when there was no answer yet."""
    return None if found is None or found.status is None else Kept(found.status, found.response)


async def keep(connections: Connections, wanted: Claim, status: int, body: Any) -> None:
    """Keep the answer for a key that was claimed; the first one kept stays."""
    await idempotency.keep(connections.database, wanted, status, body)


async def answer(connections: Connections, wanted: Claim, status: int, body: Any) -> Kept:
    """Keep the answer to a request whose key was not claimed; returns the first one, this or an earlier.

    Raises Refused("key_reused") for another request under the key.
    """
    if await idempotency.answer(connections.database, wanted, status, body):
        return Kept(status, body, again=False)
    return await answered_before(connections, wanted)


async def answered_before(connections: Connections, wanted: Claim) -> Kept:
    """The first answer to a request that is known to have one; Refused("key_reused") for another request."""
    with reuse_refused():
        found = first_answer(await idempotency.kept(connections.database, wanted))
    assert found is not None, "keys are forgotten after days, not between two statements"
    return found


async def forget_keys(connections: Connections) -> None:
    """Forget keys older than ``KEPT_FOR`` every hour until cancelled, whatever is down."""
    while True:
        try:
            count = await idempotency.forget(connections.database, KEPT_FOR)
        except Exception as error:
            if is_database_down(error):
                log.warning("keys are forgotten later", reason=str(error))
            else:
                # Keys kept too long harm nobody; that they are is for somebody to look at.
                log.exception("keys were not forgotten; it goes on")
        else:
            if count:
                log.info("idempotency keys forgotten", count=count)
        await asyncio.sleep(FORGET_EVERY.total_seconds())
