"""An open complaint whose workflow was ended from outside gets one again and goes on where it stood."""

from __future__ import annotations

from domain import roles
from services.reviving import missing, revive
from tests.api.conftest import Site
from workflows.registry import complaint_workflow_id


async def test_a_terminated_complaint_gets_its_workflow_back_and_others_keep_theirs(site: Site) -> None:
    gone, other, closed = [await site.opened() for _ in range(3)]
    await site.act(gone, "dispatch", unit="billing")
    await site.act(closed, "withdraw", reason="settled between us")
    before = await site.read(gone)
    await site.temporal.get_workflow_handle(complaint_workflow_id(gone)).terminate("by mistake")
    running = await site.temporal.get_workflow_handle(complaint_workflow_id(other)).describe()

    done = await revive(site.connections, rate=100)

    assert done.revived == 1
    assert done.seen >= 2
    assert await site.read(gone) == before
    again = await site.temporal.get_workflow_handle(complaint_workflow_id(other)).describe()
    assert again.run_id == running.run_id
    answer = await site.act(gone, "answer_order", roles.SUPERVISOR, order="1", result="mended")
    assert (answer.status_code, answer.json()["status"]) == (200, "proposing")
    assert (await revive(site.connections, rate=100)).revived == 0


async def test_a_complaint_that_was_never_started_is_started(site: Site) -> None:
    async with site.without_relay():
        ref = (await site.open()).json()["ref"]
        assert (await revive(site.connections, rate=100)).revived == 1
        assert (await site.until(ref, lambda c: c["seq"] > 0))["status"] == "handling"


async def test_what_is_missing_is_never_less_than_nothing(site: Site) -> None:
    await site.opened()
    assert await missing(site.connections) >= 0
