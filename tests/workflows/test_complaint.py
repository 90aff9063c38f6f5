"""A complaint from the first call to a satisfied customer, on real Temporal and PostgreSQL, time skipped."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import RawValue, WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError

import wire
from activities.recording import OVERTAKEN
from domain import commands as c
from domain import events as ev
from domain.commands import Actor
from domain.complaint import Status
from domain.messages import ChannelName, Message
from domain.worktime import Limit, deadline
from services.starting import WORKFLOW, carried_on, start_arguments
from storage.queries.health import superseded
from storage.queries.verify import first_broken
from tests.drive import AGENT, CALLBACK, CUSTOMER, SUPERVISOR, handler_of
from tests.waiting import until
from tests.workflows.conftest import Case, World
from workflows import registry
from workflows.messages import Done

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


async def test_the_shortest_satisfied_complaint_is_short(world: World) -> None:
    case = await called_back(world)
    done = await case.do(c.RecordCallback("satisfied", 9), CALLBACK)
    assert done.status == "closed"
    assert (await case.ended()).seq == done.seq
    state = await case.state()
    assert (state.status, state.closing_reason, state.round) == (Status.CLOSED, "satisfied", 1)
    assert await first_broken(world.database, case.ref) is None
    history = await case.history()
    assert len(history.events) <= 75
    assert sum(event.ByteSize() for event in history.events) <= 16 * 1024


@pytest.mark.rule("TEL-7")
async def test_the_unit_is_told_of_its_order(world: World) -> None:
    case = await dispatched(world)

    async def told() -> list[Message]:
        return case.told("dispatched")

    messages = await until(told)
    assert {message.channel for message in messages} >= {ChannelName.EMAIL}
    assert "Alpha Integrators" in messages[0].subject


async def test_a_command_out_of_turn_is_refused_and_changes_nothing(world: World) -> None:
    case = await dispatched(world)
    refusal = await case.refused(c.Propose(EXPLANATION), AGENT)
    assert refusal.code == "not_verified"
    assert "dispatch" in refusal.legal
    assert (await case.refused(c.AnswerOrder("1", "done"), handler_of("si-beta"))).code == "not_found"
    assert (await case.refused(c.AnswerOrder("7", "done"), handler_of(SI))).code == "no_such_order"
    assert (await case.refused(c.TakeOrder("1"), CUSTOMER)).code == "not_your_role"


async def test_every_rung_of_a_ladder_is_climbed_at_its_instant_and_a_breach_is_told_once(
    world: World,
) -> None:
    case = await dispatched(world)
    state = await case.state()
    clock = next(clock for clock in state.running() if clock.rule == "reply")
    calendar = case.procedure.calendar
    due = deadline(calendar, clock.started_at, Limit.parse("12h"))
    await case.pass_time(timedelta(days=3))
    events = [e for e in await case.events() if getattr(e.fact, "clock", "") == clock.id]
    rungs = [e for e in events if isinstance(e.fact, ev.ClockWarned | ev.Escalated)]
    assert [e.fact.to for e in rungs] == [("handler",), ("unit_head",), ("superior_head",), ("supervisor",)]
    planned = [
        clock.started_at + timedelta(hours=9), due, due + timedelta(hours=4), due + timedelta(hours=24)
    ]  # fmt: skip
    assert [e.fact.planned_at for e in rungs] == planned
    for event, instant in zip(rungs, planned, strict=True):
        assert timedelta() <= event.at - instant < timedelta(seconds=5)
    breaches = [e for e in events if isinstance(e.fact, ev.ClockBreached)]
    assert len(breaches) == 1
    assert breaches[0].fact.due_at == due
    describe = await case.handle.describe()
    assert describe.typed_search_attributes[registry.BREACHED] is True


@pytest.mark.rule("TEL-14", "TEL-6")
async def test_a_dissatisfied_customer_brings_the_case_back_to_the_same_unit_until_satisfied(
    world: World,
) -> None:
    case = await called_back(world)
    for round_number in (2, 3):
        done = await case.do(c.RecordCallback("dissatisfied", 2, "It happened again"), CALLBACK)
        assert (done.status, done.round) == ("handling", round_number)
        state = await case.state()
        order = state.open_orders()[0]
        assert (order.unit, order.round) == (SI, round_number)
        await case.do(c.AnswerOrder(order.id, "Repaired for good"), handler_of(SI))
        await case.do(c.Propose(EXPLANATION), AGENT)
        done = await case.do(c.Accept(), CUSTOMER)
        if done.status == "review":
            await case.do(c.FinishTask("done", {"cause": "service", "analysis": "Twice the same"}), AGENT)
    assert (await case.do(c.RecordCallback("satisfied", 10), CALLBACK)).status == "closed"


async def test_refused_twice_and_then_accepted(world: World) -> None:
    case = await offered(world)
    for round_number in (2, 3):
        done = await case.do(c.Reject("Not enough", "A refund"), CUSTOMER)
        assert done.round == round_number
        order = (await case.state()).open_orders()[0]
        await case.do(c.AnswerOrder(order.id, "We looked again"), handler_of(SI))
        await case.do(c.Propose(EXPLANATION), AGENT)
    await case.do(c.Accept(), CUSTOMER)
    assert [fact.demand for fact in await case.facts("customer_rejected")] == ["A refund"] * 2


async def test_an_unreached_customer_is_called_three_times_in_working_hours(world: World) -> None:
    case = await called_back(world)
    policy = case.procedure.step("callback").callback
    assert policy is not None
    for attempt in (1, 2):
        await case.do(c.RecordCallback("unreached"), CALLBACK)
        state = await case.until(lambda s, n=attempt: s.callback is not None and s.callback.attempt == n + 1)
        last = [e for e in await case.events() if isinstance(e.fact, ev.CallbackMade)][-1]
        assert state.callback is not None
        assert state.callback.at == deadline(
            case.procedure.calendar, last.at, policy.retry_after, day_end="same_time"
        )
        await case.pass_time(timedelta(days=5))
        assert (await case.until(lambda s: s.callback is not None and s.callback.due)).callback
    await case.do(c.RecordCallback("unreached"), CALLBACK)
    assert (await case.state()).closing_reason == "unreached"


async def test_a_hold_moves_deadlines_by_the_time_it_takes(world: World) -> None:
    case = await dispatched(world, received_by="si")
    before = next(clock for clock in (await case.state()).running() if clock.rule == "reply")
    await case.do(c.Hold("Waiting for the receipt"), AGENT)
    await case.pass_time(timedelta(days=10))
    state = await case.state()
    assert not await case.facts("clock_breached")
    assert all(clock.due_at is None for clock in state.running() if clock.pausable)
    await case.do(c.Resume(), AGENT)
    after = (await case.state()).clock(before.id)
    assert after is not None
    assert before.due_at is not None
    (pause,) = after.pauses
    assert after.due_at == before.due_at + (pause[1] - pause[0])


async def test_a_hold_ends_by_itself_at_its_instant(world: World) -> None:
    case = await dispatched(world)
    until = (await case.events())[-1].at + timedelta(days=2)
    await case.do(c.Hold("Customer is away", until), AGENT)
    await case.pass_time(timedelta(days=2, hours=1))
    (resumed,) = [e for e in await case.events() if isinstance(e.fact, ev.Resumed)]
    assert resumed.fact.until == until
    assert resumed.at - until < timedelta(seconds=5)


async def test_a_withdrawn_complaint_ends(world: World) -> None:
    case = await dispatched(world)
    assert (await case.do(c.Withdraw("Solved itself"), CUSTOMER)).status == "closed"
    assert (await case.ended()).status == "closed"
    state = await case.state()
    assert (state.closing_reason, state.open_orders(), state.running()) == ("withdrawn", (), ())


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


async def test_a_repeated_command_is_answered_with_its_first_result(world: World) -> None:
    case = await opened(world)
    first = await case.do(c.Dispatch(SI), AGENT, request_id="same")
    seqs = (await case.state()).seq
    handle = world.client.get_workflow_handle(case.handle.id)
    again = await handle.execute_update(
        "dispatch",
        args=[c.Dispatch(SI), c.Asked(AGENT, "same")],
        result_type=type(first),
        id="another-update",
    )
    assert again == first
    assert (await case.state()).seq == seqs


async def test_who_saw_an_older_state_is_told_so(world: World) -> None:
    case = await dispatched(world)
    with pytest.raises(Exception, match="moved on") as caught:
        await case.do(c.AddNote("late"), AGENT, expected_seq=1)
    assert caught.value.code == "stale"


async def test_two_answers_at_once_give_one_event(world: World) -> None:
    case = await offered(world)
    results = await asyncio.gather(
        case.do(c.Accept(), CUSTOMER), case.do(c.Reject("no"), CUSTOMER), return_exceptions=True
    )
    assert sum(isinstance(result, Exception) for result in results) == 1
    assert len(await case.facts("customer_accepted")) + len(await case.facts("customer_rejected")) == 1


async def test_a_long_life_is_continued_as_new_with_everything_it_knew(world: World) -> None:
    case = await world.open("telecom-si", ORDINARY, continue_after=60)
    await case.do(c.Dispatch(SI), AGENT, request_id="first")
    for number in range(12):
        await case.do(c.AddNote(f"note {number}"), AGENT)
    latest = world.client.get_workflow_handle(case.handle.id)
    await until(latest.describe, lambda found: found.run_id != case.handle.result_run_id)
    again = Case(world, case.procedure, case.ref, latest)
    before = await again.state()
    assert (await again.do(c.Dispatch(SI), AGENT, request_id="first")).events == (
        "dispatched",
        "clock_started",
    )
    assert (await again.state()).seq == before.seq
    await again.pass_time(timedelta(hours=13))
    assert [fact.clock for fact in await again.facts("clock_breached")] == ["reply#1"]
    await again.do(c.AnswerOrder("1", "done"), handler_of(SI))
    assert await first_broken(world.database, case.ref) is None


async def test_messages_that_cannot_go_out_never_hold_up_the_case(world: World) -> None:
    mail = world.channels[ChannelName.EMAIL]
    mail.failures = 10_000
    case = await called_back(world)
    assert (await case.do(c.RecordCallback("satisfied"), CALLBACK)).status == "closed"
    assert not [m for m in case.told() if m.channel is ChannelName.EMAIL]
    mail.failures = 0
    await case.pass_time(timedelta(minutes=30))
    async with asyncio.timeout(30):
        await case.handle.result()
    keys = [m.key for m in case.told() if m.channel is ChannelName.EMAIL]
    assert keys
    assert len(keys) == len(set(keys))


@pytest.mark.rule("TEL-2")
async def test_a_partner_that_declines_says_why_and_the_order_goes_back(world: World) -> None:
    case = await dispatched(world)
    partner = Actor("person:partner", ("partner",), (SI,))
    assert (await case.refused(c.DeclineOrder("1", "  "), partner)).code == "missing"
    done = await case.do(c.DeclineOrder("1", "Not our application"), partner)
    assert done.status == "handling"
    state = await case.state()
    assert not state.open_orders()
    assert any(clock.rule == "redispatch" for clock in state.running())
    assert (await case.do(c.Dispatch("si-beta"), AGENT)).status == "handling"


async def test_a_manager_understands_the_case_in_the_temporal_ui(world: World) -> None:
    case = await dispatched(world, severity="urgent")
    describe = await case.handle.describe()
    attributes = describe.typed_search_attributes
    assert attributes[registry.STATUS] == "handling"
    assert attributes[registry.PROCEDURE] == "telecom-si"
    assert attributes[registry.UNIT] == SI
    assert attributes[registry.SEVERITY] == "urgent"
    assert attributes[registry.ROUND] == 1
    assert attributes[registry.BREACHED] is False
    assert attributes[registry.NEXT_DUE] is not None
    assert case.ref in (await describe.static_summary() or "")
    details = await case.handle.query("__temporal_workflow_metadata")
    assert "Reply to the order" in str(details)


async def test_a_supervisor_grants_more_time(world: World) -> None:
    case = await dispatched(world)
    clock = next(clock for clock in (await case.state()).running() if clock.rule == "reply")
    await case.do(c.AskExtension(clock.id, "12h", "The vendor is slow"), handler_of(SI))
    await case.do(c.GrantExtension(clock.id), SUPERVISOR)
    extended = (await case.state()).clock(clock.id)
    assert extended is not None
    assert clock.due_at is not None
    assert extended.due_at == clock.due_at + timedelta(hours=12)
    assert (await case.refused(c.GrantExtension(clock.id, "99999w"), SUPERVISOR)).code == "too_far"
    assert (await case.refused(c.GrantExtension(clock.id, "999999999w"), SUPERVISOR)).code == "time"


async def test_a_run_begun_from_an_old_state_ends_and_harms_nothing(world: World) -> None:
    """Two commands reach a closed complaint at once; the second starts a run from what it saw before."""
    case = await dispatched(world)
    await case.do(c.Withdraw("Solved itself"), CUSTOMER)
    await case.ended()
    seen = await case.state()
    start = start_arguments(case.procedure, wire.pack_rules(case.procedure), carried_on(seen, {}))

    async def note(text: str) -> Done:
        operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, **start
        )
        done: Done = await world.client.execute_update_with_start_workflow(
            "add_note",
            args=[c.AddNote(text), c.Asked(AGENT, text)],
            start_workflow_operation=operation,
            result_type=Done,
        )
        return done

    assert (await note("first")).seq == seen.seq + 1
    await case.ended()
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await note("second, from the state before the first")
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == OVERTAKEN
    assert (await case.ended()).status == "closed"
    assert [fact.text for fact in await case.facts("note_added")] == ["first"]
    assert (await superseded(world.database)).count == 0
    assert await first_broken(world.database, case.ref) is None


@pytest.mark.rule("TEL-5")
async def test_a_visit_that_does_not_solve_it_is_followed_by_one_of_the_unit_above(world: World) -> None:
    case = await dispatched(world)
    await case.do(c.Dispatch(SI, "visit", "On site", unit_above="operator"), AGENT)
    await case.do(c.AnswerOrder("2", "Needs the vendor", "unsolved"), handler_of(SI))
    second = (await case.state()).order("3")
    assert second is not None
    assert (second.purpose, second.unit, second.superior) == ("second_visit", "operator", False)
    clock = next(clock for clock in (await case.state()).running() if clock.order == "3")
    assert clock.due_at == deadline(case.procedure.calendar, second.at, Limit.parse("3wd"))
