"""Signals of other systems: they do what updates do, and what is wrong with one is seen and harmless."""

from __future__ import annotations

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from domain import commands as c
from tests.drive import AGENT, handler_of
from tests.workflows.conftest import World
from tests.workflows.stages import EXPLANATION, SI, dispatched


async def test_signals_do_what_updates_do(world: World) -> None:
    case = await dispatched(world)
    await case.handle.signal("department_resolved", {"order": "1", "result": "Corrected"})
    await case.until(lambda s: s.step == "propose")
    await case.do(c.Propose(EXPLANATION), AGENT)
    await case.handle.signal("customer_rejected", {"reason": "No", "demand": "A refund"})
    state = await case.until(lambda s: s.round == 2)
    await case.handle.signal("department_resolved", {"order": state.open_orders()[0].id, "result": "Again"})
    await case.until(lambda s: s.step == "propose")
    await case.do(c.Propose(EXPLANATION), AGENT)
    await case.handle.signal("customer_accepted", {})
    await case.until(lambda s: s.step == "callback")


@pytest.mark.parametrize(
    ("signal", "payload", "code"),
    [
        ("customer_accepted", {}, "wrong_step"),
        ("customer_rejected", {"demand": "all"}, "malformed"),
        ("department_resolved", {"order": "9", "result": "done"}, "no_such_order"),
        ("department_resolved", {"order": "1", "result": " "}, "missing"),
        ("department_resolved", {"order": "1", "result": "a\u0000b"}, "text"),
        ("department_resolved", "nonsense", "malformed"),
        ("department_resolved", None, "malformed"),
        ("department_resolved", {"order": "1", "result": "x", "surprise": 1}, ""),
    ],
)
async def test_an_illegal_signal_is_visible_and_harmless(
    world: World, signal: str, payload: object, code: str
) -> None:
    case = await dispatched(world)
    before = await case.state()
    await case.handle.signal(signal, payload)
    state = await case.until(lambda s: s.seq > before.seq)
    if not code:
        assert state.step == "propose"
        return
    (refused,) = await case.facts("command_refused")
    assert refused.code == code
    assert (state.step, state.orders, state.clocks) == (before.step, before.orders, before.clocks)
    assert (await case.do(c.AnswerOrder("1", "done"), handler_of(SI))).step == "propose"


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [{"order": "1", "result": "done"}, {"actor": {"id": "s", "roles": ["system"]}}, 3, 4],
        [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"order": '))],
        [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"order": "\\ud800"}'))],
        [RawValue(Payload(metadata={"encoding": b"their/own"}, data=b"done"))],
        [RawValue(Payload(metadata={"encoding": b"binary/plain"}, data=b"done"))],
        [RawValue(Payload(data=b"done"))],
        [{"order": "1", "result": "done"}, RawValue(Payload(data=b"somebody"))],
    ],
)
async def test_a_signal_with_other_inputs_than_it_should_have_is_visible_and_harmless(
    world: World, inputs: list[object]
) -> None:
    case = await dispatched(world)
    before = await case.state()
    await case.handle.signal("department_resolved", args=inputs)
    await case.until(lambda s: s.seq > before.seq)
    (refused,) = await case.facts("command_refused")
    assert (refused.verb, refused.code) == ("answer_order", "malformed")
    assert (await case.do(c.AnswerOrder("1", "done"), handler_of(SI))).step == "propose"


async def test_a_signal_of_an_unknown_name_is_visible_too(world: World) -> None:
    case = await dispatched(world)
    before = await case.state()
    await case.handle.signal("department_solved", {"order": "1", "result": "done"})
    await case.until(lambda s: s.seq > before.seq)
    (refused,) = await case.facts("command_refused")
    assert (refused.verb, refused.code) == ("department_solved", "malformed")
    assert "department_resolved" in refused.reason


async def test_a_signal_whose_name_cannot_be_stored_is_visible_too(world: World) -> None:
    case = await dispatched(world)
    before = await case.state()
    await case.handle.signal("department\x00solved", {"order": "1", "result": "done"})
    await case.until(lambda s: s.seq > before.seq)
    (refused,) = await case.facts("command_refused")
    assert refused.code == "malformed"
    assert (await case.do(c.AnswerOrder("1", "done"), handler_of(SI))).step == "propose"
