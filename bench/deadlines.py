"""Deadlines: how late a lone one is handled, and how long thousands in the same second take."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from bench import bare
from bench.figure import Figure, Target, at_most, figure, percentile, ratio
from bench.site import Site
from bench.stack import Stack
from bench.watching import Handled, Recorded, until

LIMIT = timedelta(seconds=600)
"""As in procedure.yaml: a complaint received so long before an instant is due at it."""
LEAD_SECONDS = 15.0
"""Between preparing lone deadlines and the first of them: time to become idle."""
SPACING_SECONDS = 1.0
STARTING_TOGETHER = 24
FIRST_PACE = 0.1
"""Seconds to prepare one deadline, before anything is known."""
SETTLING_SECONDS = 8.0
PREPARING_TRIES = 3
GIVE_UP_SECONDS = 180.0
Starter = Callable[[int, float], Awaitable[None]]


def _our_starter(stack: Stack, site: Site, refs: Sequence[str]) -> Starter:
    async def start(number: int, due: float) -> None:
        received_at = datetime.fromtimestamp(due, UTC) - LIMIT
        await site.start(stack.client, refs[number], received_at=received_at, facts={"kind": "complaint"})

    return start


def _bare_starter(stack: Stack, refs: Sequence[str]) -> Starter:
    async def start(number: int, due: float) -> None:
        await stack.bare_client.start_workflow(
            bare.BareSleeper.run, args=[refs[number], due], id=f"bare:{refs[number]}", task_queue=bare.QUEUE
        )

    return start


async def lone(
    stack: Stack, site: Site, seen: Recorded, handled: Handled, rounds: int, count: int
) -> list[Figure]:
    """Lateness of deadlines a second apart on an otherwise idle system; ours and bare ones alternate.

    Late is from the planned instant until the breach is recorded, as another connection sees it.
    """
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    for number in range(rounds):
        refs = [f"LONE-{number}-{place}" for place in range(count)]
        await site.accept(refs, facts={"kind": "complaint"})
        start, start_bare = _our_starter(stack, site, refs), _bare_starter(stack, refs)
        begun = time.time() + LEAD_SECONDS
        dues = [begun + place * SPACING_SECONDS for place in range(count)]
        before = len(handled.at)
        for place in range(count):
            await start(place, dues[place])
            await start_bare(place, dues[place] + SPACING_SECONDS / 2)
        await until(lambda: seen.count(refs, 1) == count, LEAD_SECONDS, "preparing lone deadlines")  # noqa: B023 - waited for here
        await until(
            lambda: seen.count(refs, 2) == count and len(handled.at) - before >= count,  # noqa: B023 - waited for here
            count * SPACING_SECONDS + GIVE_UP_SECONDS,
            "lone deadlines",
        )
        ours.append([seen.at[ref][1] - due for ref, due in zip(refs, dues, strict=True)])
        others = zip(handled.at[before : before + count], dues, strict=True)
        theirs.append([at - due - SPACING_SECONDS / 2 for at, due in others])
    return [
        _lateness("a lone deadline, lateness p99", ours, 0.99, at_most(250)),
        _lateness("a lone deadline, lateness p50", ours, 0.5),
        _lateness("a lone deadline, lateness p99, bare", theirs, 0.99),
    ]


def _lateness(name: str, rounds: list[list[float]], share: float, target: Target | None = None) -> Figure:
    together = [late * 1000 for one in rounds for late in one]
    each = tuple(percentile(one, share) * 1000 for one in rounds)
    return Figure(name, percentile(together, share), "ms", each, target, f"{len(together)} samples")


async def burst(
    stack: Stack,
    site: Site,
    seen: Recorded,
    handled: Handled,
    rounds: int,
    count: int,
    say: Callable[[str], None],
    seconds: float,
) -> list[Figure]:
    """``count`` deadlines spread over one second: from its beginning until the last is handled.

    A small round before the others warms both sides up and shows how fast each can be prepared. No round
    begins that would not end within ``seconds`` if it took as long as the one before.
    """
    began = at = time.monotonic()
    note = ""
    mine: list[float] = []
    other: list[float] = []
    pace = {"ours": FIRST_PACE, "bare": FIRST_PACE}  # seconds to prepare one, as last seen
    for number in range(-1, rounds):
        last, at = time.monotonic() - at, time.monotonic()
        if number > 0 and at - began + last > seconds:
            note = f"time for {number} of {rounds} rounds only"
            break
        size = count if number >= 0 else max(10, count // 20)
        theirs = await _again_if_late(lambda refs: _bare_burst(stack, handled, refs, pace), size, say)
        ours = await _again_if_late(lambda refs: _our_burst(stack, site, seen, refs, pace), size, say)
        say(f"burst of {size:,}: bare {theirs:.1f} s, ours {ours:.1f} s")
        if number >= 0:
            other.append(theirs)
            mine.append(ours)
    name = f"{count:,} deadlines in one second, time until all are handled"
    return [
        ratio(f"{name}, against a bare sleeper", mine, other, at_most(1.25), note),
        figure(name, mine, "s"),
        figure(f"{name}, bare", other, "s"),
    ]


class TooLate(Exception):
    """Preparing took so long that the deadlines came before it was done."""


async def _again_if_late(
    measure: Callable[[Sequence[str]], Awaitable[float]], count: int, say: Callable[[str], None]
) -> float:
    """``measure`` with new references; once more, at the pace it has learnt, where it came too late."""
    for _ in range(PREPARING_TRIES):
        try:
            return await measure([f"BURST-{uuid.uuid4().hex[:12]}-{place}" for place in range(count)])
        except TooLate as late:
            say(f"burst of {count:,}: {late}; once more")
            await asyncio.sleep(SETTLING_SECONDS + count * FIRST_PACE / 5)  # what was prepared is handled
    raise TimeoutError(f"{count} deadlines could not be prepared in time: the machine is too busy")


async def _bare_burst(stack: Stack, handled: Handled, refs: Sequence[str], pace: dict[str, float]) -> float:
    before, count = len(handled.at), len(refs)
    due = await _prepare(_bare_starter(stack, refs), count, pace, "bare")
    await until(
        lambda: len(handled.at) - before >= count, due - time.time() + GIVE_UP_SECONDS, "bare deadlines"
    )
    return handled.at[before + count - 1] - due


async def _our_burst(
    stack: Stack, site: Site, seen: Recorded, refs: Sequence[str], pace: dict[str, float]
) -> float:
    await site.accept(refs, facts={"kind": "complaint"})
    due = await _prepare(_our_starter(stack, site, refs), len(refs), pace, "ours")
    await until(
        lambda: seen.count(refs, 2) == len(refs), due - time.time() + GIVE_UP_SECONDS, "our deadlines"
    )
    return max(seen.at[ref][1] for ref in refs) - due


async def _prepare(start: Starter, count: int, pace: dict[str, float], side: str) -> float:
    """Start ``count`` workflows whose deadlines lie in the second after the instant that is returned.

    It is chosen by the pace of the last preparation, with room for the servers to become idle again.
    """
    begun = time.time()
    due = begun + SETTLING_SECONDS + count * pace[side] * 1.6
    gate = asyncio.Semaphore(STARTING_TOGETHER)

    async def one(number: int) -> None:
        async with gate:
            await start(number, due + number / count)

    await asyncio.gather(*(one(number) for number in range(count)))
    took = time.time() - begun
    pace[side] = took / count
    if time.time() > due - 2:
        raise TooLate(f"took {took:.0f} s to prepare")
    return due
