"""What a complaint needs around it: stored procedures, a small organisation, accepted complaints."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from temporalio.client import Client, WorkflowHandle

import wire
from bench.path import AGENT, CALLBACK, FACTS, HANDLER, UNIT, opening
from bench.stack import Stack
from domain.commands import Asked, Open
from domain.procedure import Procedure
from services.starting import WORKFLOW, beginning, start_arguments, to_payload
from storage.engine import Database
from storage.stores import intake, procedures
from storage.stores.intake import Intake
from storage.tables import people, posts, units

TOGETHER = 16
"""Connections used side by side while preparing."""


class Site:
    """One procedure, stored and active in the stack's database, with people to tell.

    Customers and staff have in-app addresses only, so messages are planned, stored and marked as sent, and
    no mail server is measured.
    """

    def __init__(self, stack: Stack, database: Database, procedure: Procedure, fingerprint: str) -> None:
        self.stack = stack
        self.database = database
        self.procedure = procedure
        self.fingerprint = fingerprint
        # What the services hand to a workflow: the rules without the words.
        self.packed = wire.pack_rules(procedure)

    @classmethod
    async def with_procedure(cls, stack: Stack, database: Database, procedure: Procedure) -> Site:
        """Store the procedure and make it the active version of its name."""
        return cls(stack, database, procedure, await procedures.add(database, procedure, source="bench"))

    async def accept(self, refs: Sequence[str], *, facts: Mapping[str, str] = FACTS) -> None:
        """Write the rows intake would write, so that recording finds its complaint."""
        now = datetime.now(UTC)
        gate = asyncio.Semaphore(TOGETHER)

        async def one(ref: str) -> None:
            row = Intake(
                ref=ref,
                procedure=self.procedure.name,
                version=self.procedure.version,
                fingerprint=self.fingerprint,
                opened_at=now,
                channel="hotline",
                language="en",
                facts=facts,
            )
            payload = to_payload(beginning(opening(ref, facts=facts), Asked(AGENT, f"open-{ref}")))
            async with gate:
                await intake.accept(self.database, row, payload)

        await asyncio.gather(*(one(ref) for ref in refs))

    async def start(
        self,
        client: Client,
        ref: str,
        *,
        received_at: datetime | None = None,
        facts: Mapping[str, str] = FACTS,
        first: Open | None = None,
    ) -> WorkflowHandle[Any, Any]:
        """Start the workflow of an accepted complaint; its clocks count from ``received_at`` if given.

        ``first`` is the opening, where it says more than facts.
        """
        first = first or opening(ref, received_at=received_at, facts=facts)
        start = beginning(first, Asked(AGENT, f"open-{ref}"))
        return await client.start_workflow(WORKFLOW, **start_arguments(self.procedure, self.packed, start))


async def add_organisation(database: Database) -> None:
    """One unit, and somebody for each post that is told something."""
    holders = [(AGENT, "duty"), (AGENT, "supervisor"), (HANDLER, "handler"), (CALLBACK, "callback")]
    staff = {actor.id.removeprefix("person:") for actor, _ in holders}
    async with database.transaction() as connection:
        await connection.execute(insert(units), [{"id": UNIT, "name": {"en": "Bench unit"}}])
        await connection.execute(
            insert(people), [{"id": one, "name": one, "language": "en"} for one in sorted(staff)]
        )
        await connection.execute(
            insert(posts),
            [
                {
                    "unit_id": UNIT if role == "handler" else None,
                    "role": role,
                    "person_id": actor.id.removeprefix("person:"),
                }
                for actor, role in holders
            ],
        )
