"""The mail server is away: messages wait where everybody sees them, and then go out once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from domain import roles
from tests.chaos.burst import ROUTE
from tests.chaos.office import Office
from tests.chaos.stack import Stack, until

pytestmark = pytest.mark.chaos

COMPLAINTS = 6


async def test_a_connection_lost_after_the_message_was_taken_repeats_it_under_its_id(
    stack: Stack, office: Office, seen: Callable[[str], None]
) -> None:
    """Nobody can know that it was taken: it comes again with its Message-ID, by which it is recognised."""
    before, lost = len(stack.mail.caught), 3
    stack.mail.to_drop = lost
    ref = await office.opened("Lost connections")
    for verb, who, body in ROUTE:
        answer = await office.post(who, f"complaints/{ref}/{verb}", body)
        assert answer.status_code == 200, answer.text

    async def all_sent() -> bool:
        found = await office.messages(ref)
        return len(found) >= lost and {message["state"] for message in found} == {"sent"}

    await until(all_sent, "every message is sent")
    mails = [str(m["Message-ID"]) for m in stack.mail.caught[before:] if ref in str(m["References"])]
    times, sent = Counter(mails), await office.messages(ref)
    assert len(times) == len(sent)
    assert sorted(times.values(), reverse=True)[: lost + 1] == [2] * lost + [1]
    assert sum(message["tries"] > 1 for message in sent) == lost
    seen(f"{len(sent)} messages, {lost} connections lost after one was taken: those twice, the others once")


async def test_messages_wait_for_the_mail_server_and_go_out_once(
    stack: Stack, office: Office, seen: Callable[[str], None]
) -> None:
    await stack.mail.stop()
    refs = [await office.opened(f"No mail {n}") for n in range(COMPLAINTS)]
    for ref in refs:
        for verb, who, body in ROUTE:
            answer = await office.post(who, f"complaints/{ref}/{verb}", body)
            assert answer.status_code == 200, answer.text
        assert (await office.get(roles.SUPERVISOR, f"complaints/{ref}")).json()["status"] == "closed"

    async def all_tried() -> bool:
        waiting = [message for ref in refs for message in await office.messages(ref)]
        assert {message["state"] for message in waiting} <= {"pending"}
        return all(message["tries"] and message["last_error"] for message in waiting)

    await until(all_tried, "every message was tried")
    before = len(stack.mail.caught)
    await stack.mail.start()

    async def all_sent() -> bool:
        return {m["state"] for ref in refs for m in await office.messages(ref)} == {"sent"}

    took = await until(all_sent, "every message is sent")
    sent = [message for ref in refs for message in await office.messages(ref)]
    assert len(sent) >= COMPLAINTS * 4
    caught = [
        mail for mail in stack.mail.caught[before:] if any(ref in str(mail["References"]) for ref in refs)
    ]
    assert len(caught) == len({str(mail["Message-ID"]) for mail in caught}) == len(sent)
    tries = max(message["tries"] for message in sent)
    seen(
        f"{len(refs)} complaints went to their end without mail; {len(sent)} messages waited, up to {tries} "
        f"tries each, and {len(caught)} went out once each within {took:.1f} s"
    )
