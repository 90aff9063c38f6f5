"""Gathering: who comes while others are served is served with the next lot, and nobody is forgotten."""

import asyncio
from collections.abc import Sequence

import pytest

from storage.gathering import Gathering


class Kitchen:
    """Takes orders; ``gate`` holds each lot back."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []
        self.gate = asyncio.Event()

    async def cook(self, lot: Sequence[int]) -> list[int]:
        self.lots.append(list(lot))
        await self.gate.wait()
        if 13 in lot:
            raise ValueError("13")
        if 99 in lot:
            raise OSError("away")
        return [one * 10 for one in lot]


async def test_who_comes_meanwhile_is_served_with_the_next() -> None:
    kitchen = Kitchen()
    gathering = Gathering(kitchen.cook, single=ValueError, most=3)
    asked = [asyncio.create_task(gathering.ask(1))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked += [asyncio.create_task(gathering.ask(number)) for number in (2, 3, 4, 5)]
    await asyncio.sleep(0)
    kitchen.gate.set()
    assert await asyncio.gather(*asked) == [10, 20, 30, 40, 50]
    assert kitchen.lots == [[1], [2, 3, 4], [5]]


async def test_who_asks_as_soon_as_another_was_answered_is_served_too() -> None:
    kitchen = Kitchen()
    kitchen.gate.set()
    gathering = Gathering(kitchen.cook, single=ValueError)
    async with asyncio.timeout(5):
        for number in range(50):
            assert await gathering.ask(number % 10) == number % 10 * 10


async def test_one_that_is_wrong_fails_alone_and_an_outage_fails_all() -> None:
    kitchen = Kitchen()
    kitchen.gate.set()
    gathering = Gathering(kitchen.cook, single=ValueError)
    found = await asyncio.gather(*(gathering.ask(n) for n in (1, 13, 2)), return_exceptions=True)
    assert [type(one) for one in found] == [int, ValueError, int]
    found = await asyncio.gather(*(gathering.ask(n) for n in (1, 99, 2)), return_exceptions=True)
    assert [type(one) for one in found] == [OSError] * 3
    with pytest.raises(ValueError, match="13"):
        await gathering.ask(13)


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    kitchen = Kitchen()
    gathering = Gathering(kitchen.cook, single=ValueError)
    patient, hasty = (asyncio.create_task(gathering.ask(number)) for number in (1, 2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hasty.cancel()
    kitchen.gate.set()
    assert await patient == 10
    assert hasty.cancelled() or hasty.cancelling()
