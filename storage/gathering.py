"""Doing together what many ask for at once: while some are on their way, those who come wait for the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class Gathering(Generic[Asked, Answered]):
    """Hands what was asked for to ``work``, at most ``most`` at a time and ``lanes`` lots side by side.

    Who comes alone is served at once. ``work`` answers in the order it was asked; when it raises one of
    ``single``, each of its lot is tried alone, so that nobody fails for another's sake.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Awaitable[Sequence[Answered]]],
        *,
        single: type[Exception] | tuple[type[Exception], ...],
        most: int = 50,
        lanes: int = 1,
    ) -> None:
        self._work = work
        self._single = single
        self._most = most
        self._lanes = lanes
        self._waiting: deque[tuple[Asked, asyncio.Future[Answered]]] = deque()
        self._at_work = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, asked: Asked) -> Answered:
        """The answer; who gives up waiting does not take it from the others."""
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._at_work < self._lanes:
            self._at_work += 1
            task = asyncio.create_task(self._serve())
            self._tasks.add(task)  # or nobody would hold it
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _serve(self) -> None:
        """Serve until nobody waits; from the last look until this counts as gone nobody else can run."""
        try:
            while self._waiting:
                await self._serve_lot()
        finally:
            self._at_work -= 1

    async def _serve_lot(self) -> None:
        lot = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            await self._answer(lot)
        except Exception as error:
            if len(lot) > 1 and isinstance(error, self._single):
                await asyncio.gather(*(self._alone(one) for one in lot))
            else:
                _fail(lot, error)

    async def _answer(self, lot: Sequence[tuple[Asked, asyncio.Future[Answered]]]) -> None:
        found = await self._work([asked for asked, _ in lot])
        for (_, answer), one in zip(lot, found, strict=True):
            if not answer.done():
                answer.set_result(one)

    async def _alone(self, one: tuple[Asked, asyncio.Future[Answered]]) -> None:
        try:
            await self._answer([one])
        except Exception as error:
            _fail([one], error)


def _fail(lot: Sequence[tuple[Asked, asyncio.Future[Answered]]], error: Exception) -> None:
    for _, answer in lot:
        if not answer.done():
            answer.set_exception(error)
