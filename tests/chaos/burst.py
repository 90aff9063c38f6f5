"""People who keep on: they open complaints and act on them over HTTP, and repeat what was not answered."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from domain import roles
from tests.waiting import until

CLIENTS = 10
PATIENCE = 90.0
PAUSE = 0.2  # between two tries, as a client waits
SHORT_OF = 2

Step = tuple[str, str, Mapping[str, Any]]

ROUTE: Sequence[Step] = (
    ("dispatch", roles.AGENT, {"unit": "si-alpha"}),
    ("take_order", roles.PARTNER, {"order": "1"}),
    ("add_note", roles.AGENT, {"text": "the customer called again"}),
    ("answer_order", roles.PARTNER, {"order": "1", "result": "wrongly charged"}),
    ("propose", roles.AGENT, {"options": [{"id": "1", "text": "An apology and an explanation"}]}),
    ("accept", roles.AGENT, {"option": "1"}),
    ("record_callback", roles.CALLBACK, {"outcome": "satisfied", "score": 9}),
)
"""From the dispatch to a satisfied customer."""


@dataclass
class Told:
    """What the people of one complaint were told: its reference, and the answer to each command."""

    title: str
    ref: str = ""
    kinds: list[str] = field(default_factory=list)
    seq: int = 0


@dataclass
class Burst:
    """Many complaints at once, each on its way; ``after`` lets somebody wait until so many were answered."""

    url: str
    tokens: Mapping[str, str]
    route: Sequence[Step] = ROUTE
    told: list[Told] = field(default_factory=list)
    turned_away: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    _waiting: list[tuple[int, asyncio.Event]] = field(default_factory=list)

    async def run(self, count: int) -> None:
        """Open ``count`` complaints; every second one stays ``SHORT_OF`` steps from its end."""
        short = self.route[: len(self.route) - SHORT_OF] if self.route else ()
        mark = uuid.uuid4().hex[:8]
        queue = list(range(count))
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:

            async def client() -> None:
                while queue:
                    number = queue.pop()
                    steps = self.route if number % 2 else short
                    await self._one(http, f"Burst {mark} {number}", steps)

            await asyncio.gather(*(client() for _ in range(CLIENTS)))

    async def until_turned_away(self) -> None:
        """Wait until somebody has noticed that something is down."""
        before = self.turned_away.total()

        async def noticed() -> bool:
            return self.turned_away.total() > before

        await until(noticed, what="something is down", seconds=PATIENCE)

    async def after(self, answers: int) -> None:
        """Wait until so many requests were answered."""
        reached = asyncio.Event()
        self._waiting.append((answers, reached))
        self._tell()
        await reached.wait()

    async def _one(self, http: httpx.AsyncClient, title: str, steps: Sequence[Step]) -> None:
        told = Told(title)
        self.told.append(told)
        body = opening(title)
        told.ref = (await self.insist(http, roles.AGENT, "complaints", body))["ref"]
        for verb, who, given in steps:
            done = await self.insist(http, who, f"complaints/{told.ref}/{verb}", given)
            told.kinds += done["events"]
            told.seq = done["seq"]

    async def insist(
        self, http: httpx.AsyncClient, who: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Ask until there is an answer, every time with the same key; only 503 and silence are no answer."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": str(uuid.uuid4())}
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    answer = await http.post(f"{self.url}/api/v1/{path}", json=body, headers=headers)
                except httpx.TransportError as error:
                    self.turned_away[type(error).__name__] += 1
                else:
                    if answer.status_code != 503:
                        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
                        self.answered += 1
                        self._tell()
                        return dict(answer.json())
                    assert "retry-after" in answer.headers
                    self.turned_away[f"503 {answer.json()['code']}"] += 1
                await asyncio.sleep(PAUSE)

    def _tell(self) -> None:
        for answers, reached in self._waiting:
            if self.answered >= answers:
                reached.set()


def opening(title: str, **changes: Any) -> dict[str, Any]:
    """A new telecom complaint of a customer who is told by e-mail."""
    return {
        "procedure": "telecom-si",
        "channel": "hotline",
        "language": "en",
        "title": title,
        "facts": {"kind": "complaint", "severity": "urgent", "matter": "charges"},
        "customer": {"name": "Wang Fang", "email": f"{uuid.uuid4().hex[:12]}@customer.example"},
        **changes,
    }


Blow = tuple[float, Callable[[], Awaitable[Any]]]


async def disturbed(burst: Burst, count: int, blows: Sequence[Blow]) -> None:
    """Run a burst; each blow falls when its share of all answers has been given."""
    short = (count + 1) // 2 * SHORT_OF if burst.route else 0
    total = count * (1 + len(burst.route)) - short

    async def strike() -> None:
        for share, blow in blows:
            await burst.after(int(total * share))
            await blow()

    async with asyncio.TaskGroup() as both:
        both.create_task(strike())
        both.create_task(burst.run(count))
