"""The costliest pack: a quality complaint of a manufacturer, from the read-back to what was promised.

It has the longest route of all that are shipped (guidance, a visit with evidence, cause and corrective
action, four approvals one after the other), deadlines all along, money at its end and a case that follows
from it. No bare code has its shape, so its figures have no target: they say what the language costs where
most of it is used.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from statistics import median
from time import process_time

import psutil
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client

from bench.figure import Figure, figure
from bench.lifecycle import Round, one_round
from bench.path import AGENT, CUSTOMER, MONDAY, UNIT, Move
from bench.path import opening as plain_opening
from bench.site import Site
from bench.stack import Cpu, Stack
from bench.workers import Workers
from domain.commands import (
    Accept,
    Actor,
    AnswerOrder,
    Approve,
    Asked,
    FinishTask,
    Fulfil,
    Open,
    Propose,
    TickGuidance,
)
from domain.complaint import Complaint, Status
from domain.decide import drafted
from domain.events import Option, Remedy
from domain.procedure import Procedure
from domain.react import react
from workflows.messages import Done

PACK = "manufacturer"
NOTE = "manufacturer: quality, determined on site, four approvals"
SALESPERSON = Actor("person:bench-sales", ("handler", "salesperson"), (UNIT,))
FACTS = {
    "category": "quality",
    "content": "product_quality",
    "severity": "ordinary",
    "scope": "own",
    "entrance": "usual",
    "salesperson": SALESPERSON.id.removeprefix("person:"),
}
RECORD, PHOTO = (str(uuid.UUID(int=number)) for number in (1, 2))
FILES = {RECORD: "document", PHOTO: "photo"}


def _office(name: str) -> Actor:
    return Actor(f"person:bench-{name}", ("approver", name), (UNIT,))


SEEN = {"record": RECORD, "photos": PHOTO, "agreed_with": "Li", "in_warranty": "true", "freight": "120.00"}
CAUSE = {"cause": "A worn die", "corrective_action": "Change it", "corrective_unit": UNIT}
MOVES = (
    Move(FinishTask("confirmed"), AGENT),
    Move(TickGuidance("correct_use"), AGENT),
    Move(TickGuidance("remedies"), AGENT),
    Move(FinishTask("not_solved"), AGENT),
    Move(AnswerOrder("1", "The casing is cracked", "quality_fault", SEEN), SALESPERSON),
    Move(FinishTask("stated", CAUSE), _office("quality_manager")),
    Move(Propose((Option("", "A new one", (Remedy("replacement"),)),)), SALESPERSON),
    Move(Approve("complaint_form"), _office("vice_president")),
    Move(Approve("finding"), _office("quality_manager")),
    Move(Approve("remedy"), _office("management_representative")),
    Move(Approve("corrective_action_agreed"), _office("general_manager")),
    Move(FinishTask("answered"), AGENT),
    Move(Accept(), CUSTOMER),
    Move(Fulfil("A new one was delivered"), AGENT),
)
"""What follows the opening."""


def opening(ref: str) -> Open:
    """First contact about a unit."""
    return replace(plain_opening(ref, facts=FACTS), unit=UNIT, unit_kind="department")


def decide_one(procedure: Procedure, ref: str) -> None:
    """Open a complaint and take it to its end: decide, evolve, react, as the workflow does."""
    complaint, at = Complaint(), MONDAY
    for move in (Move(opening(ref), AGENT), *MOVES):
        asked = Asked(move.actor, "bench", files=FILES)
        draft = drafted(procedure, complaint, move.command, asked, at)
        for event, after in zip(draft.events, draft.states, strict=True):
            react(procedure, after, event)
        complaint, at = draft.complaint, at + timedelta(minutes=5)
    assert complaint.status is Status.CLOSED


def pure(procedure: Procedure, rounds: int, complaints: int) -> list[Figure]:
    """Complaints per second of CPU time in the pure domain, fifteen commands each."""
    for number in range(10):
        decide_one(procedure, f"WARM-{number}")
    rates = []
    for _ in range(rounds):
        begun = process_time()
        for number in range(complaints):
            decide_one(procedure, f"PURE-{number}")
        rates.append(complaints / (process_time() - begun))
    name = "costliest pack: complaints decided per second per core"
    return [Figure(name, median(rates), "1/s", tuple(rates), None, f"{NOTE}; {len(MOVES) + 1} commands each")]


async def _live(site: Site, client: Client, ref: str) -> None:
    """One complaint from its workflow's start to its end."""
    handle = await site.start(client, ref, first=opening(ref))
    for place, move in enumerate(MOVES):
        asked = Asked(move.actor, f"{ref}-{place}", files=FILES)
        await handle.execute_update(
            move.verb, args=[move.command, asked], id=asked.request_id, result_type=Done
        )
    await handle.result()


async def measure(stack: Stack, site: Site, workers: Workers, rounds: int, count: int) -> list[Figure]:
    """Whole complaints through server, worker and PostgreSQL; and the history of one."""
    await site.accept(["COSTLY"], facts=FACTS)
    await _live(site, stack.client, "COSTLY")
    history = await _history(stack, "complaint:COSTLY")
    cpu = Cpu(psutil.Process(workers.ours.pid))
    found: list[Round] = []
    for number in range(rounds):
        refs = [f"COSTLY-{number}-{place}" for place in range(count)]
        await site.accept(refs, facts=FACTS)
        lives = [partial(_live, site, stack.client, ref) for ref in refs]
        found.append(await one_round(lives, stack.server, cpu))
    return [*history, *_figures(found, count)]


def _figures(found: Sequence[Round], count: int) -> list[Figure]:
    return [
        figure(
            "costliest pack: complete complaints per second",
            [one.rate for one in found],
            "1/s",
            note=f"{NOTE}; {count} complaints a round",
        ),
        figure("costliest pack: Temporal server CPU per complaint", [r.server * 1000 for r in found], "ms"),
        figure("costliest pack: worker CPU per complaint", [r.worker * 1000 for r in found], "ms"),
    ]


async def _history(stack: Stack, workflow_id: str) -> list[Figure]:
    told = await stack.client.workflow_service.describe_workflow_execution(
        DescribeWorkflowExecutionRequest(
            namespace=stack.client.namespace, execution=WorkflowExecution(workflow_id=workflow_id)
        )
    )
    seen = told.workflow_execution_info
    return [
        figure("costliest pack: history, events", [float(seen.history_length)], "events", note=NOTE),
        figure("costliest pack: history, size", [seen.history_size_bytes / 1024], "KB", note=NOTE),
    ]
