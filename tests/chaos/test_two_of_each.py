"""Two workers and three relays at once: nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chaos.burst import Burst, disturbed
from tests.chaos.stack import Stack
from tests.chaos.truth import all_started, audit

pytestmark = pytest.mark.chaos

COMPLAINTS = 30


async def test_one_of_two_workers_is_killed_again_and_again(
    stack: Stack, seen: Callable[[str], None]
) -> None:
    """The other one takes over what the dead one had in hand and in memory."""
    stack.children["worker-2"] = stack.process("worker-2", "worker.py")
    await stack.start("worker-2")
    before = len(stack.mail.caught)
    burst = Burst(stack.api_url, stack.tokens)

    async def blow() -> None:
        await stack.restart("worker-2")

    await disturbed(burst, COMPLAINTS // 2, [(0.2, blow), (0.5, blow), (0.8, blow)])
    await all_started(stack.database)
    found = await audit(stack.database, stack.client, burst.told)
    await stack.stop("worker-2")
    assert found.wrong == []
    seen(
        f"{found.complaints} complaints, {burst.answered} answers, {found.events} events, 3 kills, "
        f"{len(stack.mail.caught) - before} mails, turned away {dict(burst.turned_away)}, "
        f"superseded events kept {found.superseded}, doubled 0"
    )


async def test_two_workers_and_three_relays_double_nothing(stack: Stack, seen: Callable[[str], None]) -> None:
    """The relay in the API is the third."""
    more = {
        "worker-2": stack.process("worker-2", "worker.py"),
        "relay": stack.relay_of_its_own("relay"),
        "relay-2": stack.relay_of_its_own("relay-2"),
    }
    stack.children |= more
    for part in more:
        await stack.start(part)
    before = len(stack.mail.caught)
    burst = Burst(stack.api_url, stack.tokens)
    await burst.run(COMPLAINTS)
    await all_started(stack.database)
    found = await audit(stack.database, stack.client, burst.told)
    for part in more:
        await stack.stop(part)
    assert found.wrong == []
    assert found.superseded == 0
    mails = [str(mail["Message-ID"]) for mail in stack.mail.caught[before:]]
    assert len(set(mails)) == len(mails)
    seen(
        f"{found.complaints} complaints, {burst.answered} answers, {found.events} events, "
        f"{len(mails)} mails, turned away {dict(burst.turned_away)}, doubled 0"
    )
