"""What is asked of the database in every request and changes seldom: an answer holds for a second."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

SECONDS = 1.0
"""How long a change made by another process may stay unnoticed; one made here is noticed at once."""
MOST = 10_000
"""Answers kept at a time; beyond that all are forgotten, which costs each a look-up."""


class Fresh(Generic[Key, Found]):
    """Answers of ``look_up`` by key, each kept for ``SECONDS``; None is never kept."""

    def __init__(self, look_up: Callable[[Key], Awaitable[Found]]) -> None:
        self._look_up = look_up
        self._kept: dict[Key, tuple[float, Found]] = {}

    async def get(self, key: Key) -> Found:
        """The answer kept, or what a look-up finds now."""
        kept = self._kept
        at, found = kept.get(key, (0.0, None))
        if found is not None and time.monotonic() - at < SECONDS:
            return found
        began = time.monotonic()
        answer = await self._look_up(key)
        # Where `forget` came meanwhile, ``kept`` is what was forgotten: the answer may be from before.
        if answer is not None:
            if len(kept) >= MOST:
                kept.clear()
            kept[key] = (began, answer)
        return answer

    def forget(self) -> None:
        """Look everything up anew, after something was changed here."""
        self._kept = {}
