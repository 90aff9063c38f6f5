"""Waiting for what real processes do in their own time: the one place where tests look again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 30.0


async def until(
    look: Callable[[], Awaitable[Found]],
    holds: Callable[[Found], object] = bool,
    *,
    what: str = "what was waited for",
    seconds: float = PATIENCE_SECONDS,
) -> Found:
    """What ``look`` finds as soon as it is as wanted; AssertionError with what it saw last if not in time."""
    last: object = "nothing"
    try:
        async with asyncio.timeout(seconds):
            while True:
                last = found = await look()
                if holds(found):
                    return found
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as late:
        raise AssertionError(f"{what}: not after {seconds:.0f} s; last seen: {last!r}") from late
