"""SIGKILL in the middle of a burst: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from tests.chaos.burst import Burst, disturbed
from tests.chaos.dying import DIED
from tests.chaos.stack import SLOW_RELAY, Stack, until
from tests.chaos.truth import Found, all_started, audit, started

pytestmark = pytest.mark.chaos

COMPLAINTS = 30
Seen = Callable[[str], None]


@pytest.mark.parametrize("part", ["worker", "api", "temporal", "postgres"])
async def test_a_part_is_killed_twice_in_a_burst(stack: Stack, seen: Seen, part: str) -> None:
    burst = Burst(stack.api_url, stack.tokens)
    away: list[float] = []

    async def blow() -> None:
        began = time.monotonic()
        await stack.kill(part)
        if part != "worker":  # commands wait for one: whoever is away for less is not noticed
            await burst.until_turned_away()
        await stack.start(part)
        away.append(time.monotonic() - began)

    await disturbed(burst, COMPLAINTS, [(0.25, blow), (0.6, blow)])
    seen(told_of(burst, away, await sound(stack, burst)))


async def test_a_relay_of_its_own_is_killed_twice_in_a_burst(stack: Stack, seen: Seen) -> None:
    """The API only accepts here: what it has accepted is started by the relay alone."""
    usual = stack.children["api"]
    await stack.stop("api")
    stack.children["api"] = stack.process("api", "server.py", PUTRIGHT_RELAY_RATE=SLOW_RELAY)
    stack.children["relay"] = stack.relay_of_its_own()
    await stack.start("api")
    await stack.start("relay")
    burst = Burst(stack.api_url, stack.tokens, route=())
    away: list[float] = []

    async def blow() -> None:
        await starts_more(stack)
        began = time.monotonic()
        await stack.restart("relay")
        await starts_more(stack)
        away.append(time.monotonic() - began)

    await disturbed(burst, COMPLAINTS * 4, [(0.25, blow), (0.6, blow)])
    found = await sound(stack, burst)
    await stack.stop("relay")
    await stack.stop("api")
    stack.children["api"] = usual
    await stack.start("api")
    seen(told_of(burst, away, found))


async def test_a_relay_that_dies_between_starting_and_noting_starts_once(stack: Stack) -> None:
    """The workflows run and no row says so: the next relay finds them running."""
    usual = stack.children["api"]
    await stack.stop("api")
    stack.children["api"] = stack.process("api", "server.py", "api")
    await stack.start("api")
    burst = Burst(stack.api_url, stack.tokens, route=())
    await burst.run(5)
    before = await started(stack.database)
    stack.children["relay"] = stack.process("dying-relay", "-m", "tests.chaos.dying", "relay")
    await stack.start("relay")

    async def it_died() -> bool:
        return stack.children["relay"].ended() == DIED

    await until(it_died, "the relay has died")
    assert await started(stack.database) == before
    stack.children["relay"] = stack.relay_of_its_own()
    await stack.start("relay")
    await sound(stack, burst)
    await stack.stop("relay")
    await stack.stop("api")
    stack.children["api"] = usual
    await stack.start("api")


async def test_parts_are_killed_while_complaints_continue_as_new_runs(stack: Stack, seen: Seen) -> None:
    """Each complaint does on its way, so some do at the very moment; no message is sent twice by it."""
    burst = Burst(stack.api_url, stack.tokens)
    away: list[float] = []

    def killing(part: str) -> Callable[[], Awaitable[None]]:
        async def blow() -> None:
            away.append(await stack.restart(part))

        return blow

    async with stack.continuing_soon():
        blows = [(0.3, killing("postgres")), (0.5, killing("temporal")), (0.7, killing("worker"))]
        await disturbed(burst, COMPLAINTS // 2, blows)
        found = await sound(stack, burst)
        continued = await stack.client.count_workflows("ExecutionStatus = 'ContinuedAsNew'")
    assert continued.count >= len(burst.told) / 2
    seen(f"{continued.count} continued; {told_of(burst, away, found)}")


async def test_complaints_that_continue_as_new_runs_send_nothing_twice(stack: Stack) -> None:
    """What the old run had begun to send, the new one waits for before it looks what is left."""
    burst, before = Burst(stack.api_url, stack.tokens), len(stack.mail.caught)
    stack.mail.seconds = 0.5
    async with stack.continuing_soon():
        await burst.run(COMPLAINTS // 2)
        await sound(stack, burst)
    stack.mail.seconds = 0
    refs = {case.ref for case in burst.told}
    mails = [mail for mail in stack.mail.caught[before:] if str(mail["Subject"]).partition(":")[0] in refs]
    times = Counter(str(mail["Message-ID"]) for mail in mails)
    assert len(times) >= COMPLAINTS // 2
    assert set(times.values()) == {1}


async def test_a_database_that_takes_no_writes_for_a_while_loses_nothing(stack: Stack, seen: Seen) -> None:
    """As after a failover to a standby, or when its disk is full: everybody is told to come again."""
    burst = Burst(stack.api_url, stack.tokens)
    away: list[float] = []

    async def blow() -> None:
        began = time.monotonic()
        await stack.read_only(True)
        await burst.until_turned_away()
        await stack.read_only(False)
        away.append(time.monotonic() - began)

    await disturbed(burst, COMPLAINTS // 2, [(0.25, blow), (0.6, blow)])
    assert burst.turned_away["503 database"]
    seen(told_of(burst, away, await sound(stack, burst)))


async def test_everything_is_killed_at_once(stack: Stack, seen: Seen) -> None:
    """As when the machine loses its power, except that the disks are not asked to prove themselves."""
    burst = Burst(stack.api_url, stack.tokens)
    away: list[float] = []

    async def blow() -> None:
        began = time.monotonic()
        for part in ("api", "worker", "temporal", "postgres"):
            await stack.kill(part)
        for part in ("postgres", "temporal", "worker", "api"):
            await stack.start(part)
        away.append(time.monotonic() - began)

    await disturbed(burst, COMPLAINTS, [(0.5, blow)])
    seen(told_of(burst, away, await sound(stack, burst)))


async def starts_more(stack: Stack) -> None:
    """Wait until a relay starts workflows."""
    before = await started(stack.database)

    async def it_does() -> bool:
        return await started(stack.database) > before

    await until(it_does, "the relay starts something")


async def sound(stack: Stack, burst: Burst) -> Found:
    """What the audit found, once every accepted complaint was started; nothing in it is wrong."""
    await all_started(stack.database)
    found = await audit(stack.database, stack.client, burst.told)
    assert found.wrong == []
    assert found.complaints == found.running + found.ended == len(burst.told)
    return found


def told_of(burst: Burst, away: list[float], found: Found) -> str:
    """One line about a burst."""
    return (
        f"{found.complaints} complaints, {burst.answered} answers, {found.events} events, {len(away)} kills "
        f"(away {', '.join(f'{seconds:.1f}' for seconds in away)} s), turned away {dict(burst.turned_away)}, "
        f"superseded events kept {found.superseded}, lost 0, doubled 0"
    )
