"""Complaints of the telecom pack on real servers, brought to where a test begins."""

from __future__ import annotations

from domain import commands as c
from domain import events as ev
from tests.drive import AGENT, CUSTOMER, handler_of
from tests.workflows.conftest import Case, World

ORDINARY = {
    "kind": "complaint",
    "party": "si",
    "received_by": "operator",
    "severity": "ordinary",
    "matter": "other",
}
SI = "si-alpha"
EXPLANATION = (ev.Option("", "We explain what happened", (ev.Remedy("explanation"),)),)


async def opened(world: World, **facts: str) -> Case:
    return await world.open("telecom-si", {**ORDINARY, **facts})


async def dispatched(world: World, **facts: str) -> Case:
    case = await opened(world, **facts)
    await case.do(c.Dispatch(SI), AGENT)
    return case


async def offered(world: World, **facts: str) -> Case:
    case = await dispatched(world, **facts)
    await case.do(c.AnswerOrder("1", "A wrong tariff was booked"), handler_of(SI))
    await case.do(c.Propose(EXPLANATION), AGENT)
    return case


async def called_back(world: World) -> Case:
    case = await offered(world)
    await case.do(c.Accept(), CUSTOMER)
    return case
