"""People of the demonstration organisation at their desks: one request each, without insisting."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from domain import roles
from tests.chaos.burst import opening
from tests.chaos.stack import Stack, until

Ask = Callable[[], Awaitable[httpx.Response]]


class Office:
    """HTTP as somebody with a role; a request that is repeated must be given its key."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self._stack = stack
        self._http = http

    async def post(self, who: str, path: str, body: Mapping[str, Any], *, key: str = "") -> httpx.Response:
        """The answer to a POST; a new key unless one is given."""
        headers = {**self._as(who), "Idempotency-Key": key or str(uuid.uuid4())}
        return await self._http.post(f"{self._stack.api_url}/api/v1/{path}", json=body, headers=headers)

    async def get(self, who: str, path: str) -> httpx.Response:
        """The answer to a GET."""
        return await self._http.get(f"{self._stack.api_url}/api/v1/{path}", headers=self._as(who))

    async def accepted(self, title: str, **changes: Any) -> str:
        """The reference of a new complaint, whose workflow may not run yet."""
        answer = await self.post(roles.AGENT, "complaints", opening(title, **changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ref"])

    async def opened(self, title: str, **changes: Any) -> str:
        """The reference of a new complaint whose opening is recorded."""
        ref = await self.accepted(title, **changes)
        await self.recorded(ref)
        return ref

    async def recorded(self, ref: str) -> None:
        """Wait until the opening of a complaint is recorded."""

        async def it_is() -> bool:
            return bool((await self.get(roles.SUPERVISOR, f"complaints/{ref}")).json()["seq"])

        await until(it_is, f"{ref} is opened")

    async def kinds(self, ref: str) -> list[str]:
        """The kinds of a complaint's events, as people read them."""
        found = await self.get(roles.SUPERVISOR, f"complaints/{ref}/events")
        return [event["kind"] for event in found.json()["items"]]

    async def messages(self, ref: str) -> list[dict[str, Any]]:
        """A complaint's messages by e-mail, as people read them."""
        found = await self.get(roles.SUPERVISOR, f"complaints/{ref}/messages")
        return [message for message in found.json() if message["channel"] == "email"]

    async def answer_at_last(self, ask: Ask) -> httpx.Response:
        """The answer to a request that is repeated while there is only silence or 503."""
        answers: list[httpx.Response] = []

        async def answered() -> bool:
            try:
                answer = await ask()
            except httpx.TransportError:
                return False
            answers.append(answer)
            return answer.status_code != 503

        await until(answered, "an answer")
        return answers[-1]

    def _as(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._stack.tokens[who]}"}
