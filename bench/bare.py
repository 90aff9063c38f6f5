"""What a competent engineer writes when all that is wanted is the shape: same messages, timers and effects.

No rules, no roles, no audit trail: five updates with validators, one deadline timer, and each effect an
empty ordinary activity. The SDK's default converter, small payloads, sandbox on as everywhere.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

QUEUE = "bench-bare"
TIMEOUT = timedelta(seconds=30)
STAGES = ("opened", "dispatched", "answered", "proposed", "accepted", "closed")


@dataclass(frozen=True)
class Step:
    """What an effect is told."""

    ref: str
    stage: str
    text: str = ""


@activity.defn
async def record(step: Step) -> None:
    """An effect that does nothing."""


@activity.defn
async def notify(step: Step) -> None:
    """An effect that does nothing."""


@dataclass(frozen=True)
class BareStart:
    """``told``: after which stages somebody is told; ``limit``: seconds until the deadline."""

    ref: str
    facts: dict[str, str]
    told: tuple[bool, ...]
    limit: float


@workflow.defn
class BareLifecycle:
    """A complaint's life without anything it is for."""

    @workflow.init
    def __init__(self, start: BareStart) -> None:
        self._ref = start.ref
        self._told = start.told
        self._stage = 0
        self._recorded = False
        self._late = False
        self._unsent: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()

    @workflow.run
    async def run(self, start: BareStart) -> str:
        """From opening until closed; the deadline is one timer."""
        async with self._lock:
            await self._effects(0, "")
        try:
            await workflow.wait_condition(self._closed, timeout=timedelta(seconds=start.limit))
        except TimeoutError:
            self._late = True
            await workflow.wait_condition(self._closed)
        await workflow.wait_condition(lambda: not self._unsent and workflow.all_handlers_finished())
        return STAGES[self._stage]

    @workflow.update
    async def dispatched(self, text: str) -> str:
        """An order goes out."""
        return await self._move(1, text)

    @workflow.update
    async def answered(self, text: str) -> str:
        """The order is answered."""
        return await self._move(2, text)

    @workflow.update
    async def proposed(self, text: str) -> str:
        """A solution is offered."""
        return await self._move(3, text)

    @workflow.update
    async def accepted(self, text: str) -> str:
        """The customer accepts."""
        return await self._move(4, text)

    @workflow.update
    async def closed(self, text: str) -> str:
        """The customer was called back and is satisfied."""
        return await self._move(5, text)

    @dispatched.validator
    def _check_dispatched(self, text: str) -> None:
        self._check(1)

    @answered.validator
    def _check_answered(self, text: str) -> None:
        self._check(2)

    @proposed.validator
    def _check_proposed(self, text: str) -> None:
        self._check(3)

    @accepted.validator
    def _check_accepted(self, text: str) -> None:
        self._check(4)

    @closed.validator
    def _check_closed(self, text: str) -> None:
        self._check(5)

    def _check(self, stage: int) -> None:
        if self._recorded and stage != self._stage + 1:
            raise ApplicationError(f"not now: {STAGES[self._stage]}")

    async def _move(self, stage: int, text: str) -> str:
        await workflow.wait_condition(lambda: self._recorded)
        async with self._lock:
            self._check(stage)
            await self._effects(stage, text)
            return STAGES[stage]

    async def _effects(self, stage: int, text: str) -> None:
        """Record and wait for it; tell without waiting."""
        step = Step(self._ref, STAGES[stage], text)
        await workflow.execute_activity(record, step, start_to_close_timeout=TIMEOUT)
        self._stage, self._recorded = stage, True
        if self._told[stage]:
            task = asyncio.create_task(self._tell(step))
            self._unsent.add(task)
            task.add_done_callback(self._unsent.discard)

    async def _tell(self, step: Step) -> None:
        await workflow.execute_activity(notify, step, start_to_close_timeout=TIMEOUT)

    def _closed(self) -> bool:
        return self._stage == len(STAGES) - 1


@workflow.defn
class BareSleeper:
    """A deadline without anything it is for: sleep, record, tell, and stay open as a complaint does."""

    @workflow.run
    async def run(self, ref: str, until: float) -> None:
        """``until``: the instant, in seconds since 1970."""
        await workflow.execute_activity(record, Step(ref, "opened"), start_to_close_timeout=TIMEOUT)
        await workflow.sleep(max(until - workflow.now().timestamp(), 0.0))
        await workflow.execute_activity(record, Step(ref, "late"), start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity(notify, Step(ref, "late"), start_to_close_timeout=TIMEOUT)
        await workflow.wait_condition(lambda: False)
