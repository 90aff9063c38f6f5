"""A complaint from the first call to a satisfied customer, on real Temporal and PostgreSQL, time skipped."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError

import wire
from activities.recording import OVERTAKEN
from domain import commands as c
from domain.commands import Actor
from domain.complaint import Status
from domain.messages import ChannelName, Message
from domain.worktime import Limit, deadline
from services.starting import WORKFLOW, carried_on, start_arguments
from storage.queries.health import superseded
from storage.queries.verify import first_broken
from tests.drive import AGENT, CALLBACK, CUSTOMER, handler_of
from tests.waiting import until
from tests.workflows.conftest import Case, World
from tests.workflows.stages import EXPLANATION, ORDINARY, SI, called_back, dispatched, offered, opened
from workflows import registry
from workflows.messages import Done


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


async def test_a_withdrawn_complaint_ends(world: World) -> None:
    case = await dispatched(world)
    assert (await case.do(c.Withdraw("Solved itself"), CUSTOMER)).status == "closed"
    assert (await case.ended()).status == "closed"
    state = await case.state()
    assert (state.closing_reason, state.open_orders(), state.running()) == ("withdrawn", (), ())


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
