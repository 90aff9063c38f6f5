"""Answers that hold for a second."""

from __future__ import annotations

import asyncio

import pytest

from services import fresh
from services.fresh import Fresh


class Source:
    """Counts what it is asked, and answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, str] = {}
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, key: str) -> str | None:
        """The answer for now, given once the source is open."""
        self.asked.append(key)
        answer = self.answers.get(key)
        await self.open.wait()
        return answer


async def test_an_answer_is_kept_and_forgotten() -> None:
    source = Source()
    answers = Fresh(source)
    source.answers["a"] = "1"
    assert [await answers.get("a") for _ in range(3)] == ["1"] * 3
    assert source.asked == ["a"]
    source.answers["a"] = "2"
    answers.forget()
    assert await answers.get("a") == "2"


async def test_that_there_is_none_is_asked_again() -> None:
    source = Source()
    answers = Fresh(source)
    assert await answers.get("a") is None
    source.answers["a"] = "1"
    assert await answers.get("a") == "1"


async def test_an_answer_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    source.answers["a"] = "1"
    monkeypatch.setattr(fresh, "SECONDS", 0.0)
    answers = Fresh(source)
    assert await answers.get("a") == "1"
    source.answers["a"] = "2"
    assert await answers.get("a") == "2"


async def test_what_was_being_looked_up_when_all_was_forgotten_is_not_kept() -> None:
    source = Source()
    source.answers["a"] = "old"
    answers = Fresh(source)
    source.open.clear()
    waiting = asyncio.create_task(answers.get("a"))
    while not source.asked:
        await asyncio.sleep(0)
    source.answers["a"] = "new"
    answers.forget()
    source.open.set()
    assert await waiting == "old"
    assert await answers.get("a") == "new"


async def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    source.answers = {"a": "1", "b": "2"}
    monkeypatch.setattr(fresh, "MOST", 1)
    answers = Fresh(source)
    for key in ("a", "b", "b", "a"):
        await answers.get(key)
    assert source.asked == ["a", "b", "a"]
