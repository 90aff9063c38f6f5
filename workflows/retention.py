"""Retention as a workflow: stretch by stretch through what is closed, started by a schedule every night."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from domain.retention import Kept, Stretch
from workflows import registry

STRETCHES = 200
"""Stretches of one run; a history that has grown so long goes on as a new run."""


@workflow.defn(name=registry.RETENTION)
class RetentionWorkflow:
    """Takes away what may not be kept any longer; the schedule never starts two at once."""

    @workflow.run
    async def run(self, begun: Kept) -> Kept:
        """Deal with every complaint whose time has come by now; ``begun`` is what the runs before did."""
        done = begun
        for _ in range(STRETCHES):
            stretch = Stretch(workflow.now(), done.after)
            found: Kept = await workflow.execute_activity(
                registry.APPLY_RETENTION,
                stretch,
                result_type=Kept,
                start_to_close_timeout=timedelta(minutes=30),
                heartbeat_timeout=timedelta(minutes=2),
                retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
            )
            done = done.plus(found)
            if not found.after:
                break
        else:
            workflow.continue_as_new(done)
        return done
