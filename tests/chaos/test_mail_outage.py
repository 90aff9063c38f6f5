"""The mail server is away: messages wait where everybody sees them, and then go out once each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain import roles
from tests.chaos.burst import ROUTE
from tests.chaos.office import Office
from tests.chaos.stack import Stack, until

pytestmark = pytest.mark.chaos

COMPLAINTS = 6


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
