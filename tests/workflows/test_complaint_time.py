"""Time on real servers: ladders, holds, extensions and calls, with the clock skipped."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain import events as ev
from domain.worktime import Limit, deadline
from tests.drive import AGENT, CALLBACK, SUPERVISOR, handler_of
from tests.workflows.conftest import World
from tests.workflows.stages import SI, called_back, dispatched
from workflows import registry


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
