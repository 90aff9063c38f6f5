"""At the end of its retention a complaint's runs are deleted from Temporal, however they ended."""

from temporalio.service import RPCError, RPCStatusCode

from services.retention import TemporalHistories
from tests.api.conftest import Site
from tests.waiting import until
from workflows.registry import complaint_workflow_id


async def test_no_run_of_a_complaint_is_left_in_temporal(site: Site) -> None:
    ref, other = await site.opened(), await site.opened()
    await site.act(ref, "withdraw", reason="settled")
    await site.act(ref, "add_note", text="a run of its own, on the closed complaint")
    handle = site.temporal.get_workflow_handle(complaint_workflow_id(ref))
    histories = TemporalHistories(site.temporal)

    async def gone() -> bool:
        await histories.forget(ref)
        try:
            await handle.describe()
        except RPCError as error:
            assert error.status is RPCStatusCode.NOT_FOUND
            return True
        return False

    await until(gone)
    assert await site.temporal.get_workflow_handle(complaint_workflow_id(other)).describe()
    await histories.forget(ref)
