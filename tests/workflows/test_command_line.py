"""Departments answer with the plain ``temporal`` command line; no client library of ours is needed."""

from __future__ import annotations

import asyncio
import json

from domain import commands as c
from local.temporal import temporal_binary
from tests.drive import AGENT
from tests.workflows.conftest import Case, World

FACTS = {"kind": "complaint", "party": "si", "received_by": "operator", "severity": "ordinary"}


async def temporal(case: Case, *arguments: str) -> str:
    """Run the real command against the test's server; returns what it printed."""
    process = await asyncio.create_subprocess_exec(
        str(temporal_binary()),
        *arguments,
        "--address",
        case.world.client.service_client.config.target_host,
        "--workflow-id",
        case.handle.id,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def signal(case: Case, name: str, payload: object) -> None:
    await temporal(case, "workflow", "signal", "--name", name, "--input", json.dumps(payload))


async def test_a_department_answers_and_a_customer_decides_by_command_line(world: World) -> None:
    case = await world.open("telecom-si", FACTS)
    await case.do(c.Dispatch("si-alpha"), AGENT)
    await signal(case, "department_resolved", {"order": "1", "result": "更正了资费"})
    state = await case.until(lambda s: s.step == "propose")
    assert state.orders[0].result == "更正了资费"
    await signal(case, "customer_accepted", {})
    await case.until(lambda s: s.seq > state.seq)
    (refused,) = await case.facts("command_refused")
    assert (refused.verb, refused.code) == ("accept", "wrong_step")


async def test_a_person_may_use_updates_from_the_command_line_too(world: World) -> None:
    case = await world.open("telecom-si", FACTS)
    asked = {"actor": {"id": "person:ann", "roles": ["agent"], "units": []}, "request_id": "by-hand"}
    printed = await temporal(
        case,
        *("workflow", "update", "execute", "--name", "dispatch", "--output", "json"),
        *("--input", json.dumps({"unit": "si-alpha"}), "--input", json.dumps(asked)),
    )
    assert '"dispatched"' in printed
    assert (await case.state()).orders[0].unit == "si-alpha"
