"""Retention by stretches: what Temporal remembers goes with the rows, also when a worker dies between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from temporalio.testing import ActivityEnvironment

from activities.retention import RetentionActivities
from domain.retention import Expired, Kept, Stretch

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Rows:
    """Complaints whose time has come; those in ``reopened`` were opened again since they were listed."""

    refs: list[str]
    reopened: tuple[str, ...] = ()
    ended: list[str] = field(default_factory=list)
    to_forget: list[str] = field(default_factory=list)

    async def due(self, now: datetime, *, after: str = "", limit: int = 100) -> list[Expired]:
        left = [ref for ref in self.refs if ref > after and ref not in self.ended]
        return [Expired(ref, "small", "1", "delete", NOW, NOW) for ref in left[:limit]]

    async def end(self, expired: Expired, now: datetime) -> Mapping[str, int]:
        if expired.ref in self.reopened:
            return {}
        self.ended.append(expired.ref)
        self.to_forget.append(expired.ref)
        return {"complaints": 1}

    async def remembered(self, *, limit: int = 100) -> list[str]:
        return self.to_forget[:limit]

    async def forgotten(self, ref: str, now: datetime) -> None:
        self.to_forget.remove(ref)


@dataclass
class Memory:
    """What the workflow engine remembers; it is away for the first ``failures`` questions."""

    failures: int = 0
    forgot: list[str] = field(default_factory=list)

    async def forget(self, ref: str) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("away")
        self.forgot.append(ref)


async def apply(rows: Rows, memory: Memory) -> Kept:
    activities = RetentionActivities(rows, memory)
    return await ActivityEnvironment().run(activities.apply_retention, Stretch(NOW))


async def test_what_was_opened_again_meanwhile_keeps_its_workflow_and_does_not_count() -> None:
    rows, memory = Rows(["SML-1", "SML-2"], reopened=("SML-1",)), Memory()
    assert (await apply(rows, memory)).deleted == 1
    assert memory.forgot == ["SML-2"]


async def test_a_worker_that_dies_between_rows_and_histories_leaves_nothing_remembered() -> None:
    rows, memory = Rows(["SML-1", "SML-2"]), Memory(failures=1)
    with pytest.raises(ConnectionError):
        await apply(rows, memory)
    assert rows.ended == ["SML-1"]
    assert (await apply(rows, memory)).deleted == 1
    assert memory.forgot == ["SML-1", "SML-2"]
    assert rows.to_forget == []
