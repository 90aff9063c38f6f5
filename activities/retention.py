"""Retention: complaints whose time has come are anonymised or deleted, in PostgreSQL and in Temporal."""

from __future__ import annotations

import structlog
from temporalio import activity

from domain.ports import Histories, Retention
from domain.retention import BrokenChain, Kept, Stretch

log = structlog.get_logger("retention")


class RetentionActivities:
    """Handed both places where complaints are kept; registered by the worker."""

    def __init__(self, retention: Retention, histories: Histories) -> None:
        self._retention = retention
        self._histories = histories

    @activity.defn(name="apply_retention")
    async def apply_retention(self, stretch: Stretch) -> Kept:
        """Deal with one stretch of complaints; doing it again deals with what was left.

        A complaint whose chain of events does not hold is evidence of something: it is reported and left.
        """
        for ref in await self._retention.remembered():
            await self._forget(ref, stretch)  # a worker died between the rows and the histories
        due = await self._retention.due(stretch.now, after=stretch.after, limit=stretch.limit)
        done = {"anonymise": 0, "delete": 0}
        broken: list[str] = []
        for expired in due:
            try:
                counts = await self._retention.end(expired, stretch.now)
            except BrokenChain as problem:
                log.error("left for a person to look at", ref=expired.ref, reason=str(problem))
                broken.append(expired.ref)
            else:
                if counts:  # else it was opened again meanwhile, and its workflow is at work
                    await self._forget(expired.ref, stretch)
                    done[expired.then] += 1
                    log.info("time has come", ref=expired.ref, then=expired.then, rows=dict(counts))
            activity.heartbeat(expired.ref)
        more = due[-1].ref if len(due) == stretch.limit else ""
        return Kept(done["anonymise"], done["delete"], tuple(broken), more)

    async def _forget(self, ref: str, stretch: Stretch) -> None:
        await self._histories.forget(ref)
        await self._retention.forgotten(ref, stretch.now)
