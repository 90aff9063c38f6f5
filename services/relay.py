"""The relay: starts the workflows of complaints that were accepted, also those an outage left behind."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from services.connect import Connections, is_database_down, temporal_reachable
from services.errors import Unavailable
from services.starting import WORKFLOW, from_payload, start_arguments
from storage.queries import outbox as outbox_queries
from storage.queries.outbox import Backlog
from storage.stores import intake
from storage.stores.intake import Unstarted

POLL = 0.4
"""Seconds between looks for what another process accepted; what this one accepts wakes it at once."""
LEASE = timedelta(seconds=5)
"""How long a claimed complaint is left alone: longer than a start may take."""
BATCH = 20
PAUSE_WHEN_DOWN = 1.0

log = structlog.get_logger("relay")


class Relay:
    """Starts at most ``rate`` workflows a second, about what the server sustains, the oldest first.

    Any number of relays may run: each complaint is claimed by one of them for a while, and starting a
    workflow twice is refused by Temporal because of its id.
    """

    def __init__(self, connections: Connections, *, rate: float) -> None:
        self._connections = connections
        self._rate = rate
        self.started = 0

    async def run(self) -> None:
        """Relay until cancelled; whatever is down is waited for."""
        while True:
            began = time.monotonic()
            try:
                count = await self.once()
            except Unavailable as away:
                log.warning("relay waits", for_what=away.what, reason=away.reason)
                await self._until_temporal_answers()
                continue
            except Exception as error:
                # Whatever it is, the complaints behind it must not wait for somebody to notice.
                if is_database_down(error):
                    log.warning("relay waits", for_what="database", reason=str(error))
                else:
                    log.exception("relay failed; it goes on")
                await asyncio.sleep(PAUSE_WHEN_DOWN)
                continue
            if count:
                await asyncio.sleep(max(count / self._rate - (time.monotonic() - began), 0))
            else:
                await self._until_accepted()

    async def once(self) -> int:
        """Start one batch; returns how many were claimed. Raises Unavailable when Temporal is down."""
        database = self._connections.database
        self._connections.accepted.clear()
        size = max(1, min(BATCH, int(self._rate)))
        waiting = await intake.unstarted(database, size, before=datetime.now(UTC), lease=LEASE)
        if not waiting:
            return 0
        client = await self._connections.temporal()
        ends = await asyncio.gather(*(self._start(client, one) for one in waiting), return_exceptions=True)
        started = [one.ref for one, end in zip(waiting, ends, strict=True) if end is None]
        if started:
            await intake.mark_started(database, started)
            self.started += len(started)
        for one, end in zip(waiting, ends, strict=True):
            if isinstance(end, Unavailable | RPCError):
                await intake.mark_failed(database, one.ref, str(end))
                log.warning("workflow not started", ref=one.ref, tries=one.tries, reason=str(end))
        failed = [end for end in ends if end is not None and not isinstance(end, RPCError)]
        if failed:
            raise failed[0]
        return len(waiting)

    async def _start(self, client: Client, one: Unstarted) -> None:
        procedure, packed = await self._connections.catalogue.by_fingerprint(one.fingerprint)
        with temporal_reachable(), contextlib.suppress(WorkflowAlreadyStartedError):
            await client.start_workflow(
                WORKFLOW,
                **start_arguments(procedure, packed, from_payload(one.payload)),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=self._connections.start_timeout,
            )

    async def _until_accepted(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._connections.accepted.wait(), POLL)

    async def _until_temporal_answers(self) -> None:
        """Ask now and then, without claiming anything meanwhile, so that all can start at once afterwards."""
        client = await self._connections.temporal()
        while True:
            await asyncio.sleep(PAUSE_WHEN_DOWN)
            with contextlib.suppress(RPCError, RuntimeError):
                if await client.service_client.check_health(timeout=timedelta(seconds=2)):
                    return


async def backlog(connections: Connections) -> Backlog:
    """How many accepted complaints wait for their workflow, and since when."""
    return await outbox_queries.backlog(connections.database)
