"""Moving an open complaint to another version, through API, workflow and database."""

from domain import roles
from procedures.loader import PACKS
from storage.queries.verify import first_broken
from tests.api.conftest import Site

REDISPATCH = "stops: dispatched\n    limit: 2wh"


async def test_an_open_complaint_goes_on_by_the_version_it_was_moved_to(site: Site) -> None:
    supervisor, administrator = site.as_(roles.SUPERVISOR), site.as_(roles.ADMINISTRATOR)
    source = (PACKS / "telecom-si.yaml").read_text().replace("procedure: telecom-si", "procedure: moving")
    assert source.count(REDISPATCH) == 1
    first = (await administrator.post("/procedures", json={"source": source})).json()["version"]
    ref = await site.opened(procedure="moving")
    source = source.replace(f'version: "{first}"', 'version: "next"')
    source = source.replace(REDISPATCH, REDISPATCH.replace("2wh", "3wh"))
    assert (await administrator.post("/procedures", json={"source": source})).status_code == 201
    assert (await site.read(ref))["version"] == first, "a new version is for new complaints only"

    unknown = await supervisor.post(f"/complaints/{ref}/move_procedure", json={"version": "9", "reason": "x"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "no_such_version")
    by_agent = await site.act(ref, "move_procedure", version="next", reason="x")
    assert (by_agent.status_code, by_agent.json()["code"]) == (403, "not_your_role")

    moved = await site.act(ref, "move_procedure", roles.SUPERVISOR, version="next", reason="longer limits")
    assert (moved.status_code, moved.json()["events"]) == (200, ["procedure_moved"])
    assert (await site.read(ref))["version"] == "next"
    assert (await site.act(ref, "dispatch", unit="network")).status_code == 200
    declined = await site.act(ref, "decline_order", roles.HANDLER, order="1", reason="not our part")
    assert declined.status_code == 200, declined.text
    found = await site.read(ref)
    assert {clock["rule"]: clock["limit"] for clock in found["clocks"]}["redispatch"] == "3wh"
    assert await first_broken(site.connections.database, ref) is None


async def test_a_moved_complaint_is_reopened_by_the_version_it_was_moved_to(site: Site) -> None:
    """The run on a closed complaint begins with what PostgreSQL knows, folded version by version."""
    administrator = site.as_(roles.ADMINISTRATOR)
    source = (PACKS / "telecom-si.yaml").read_text().replace("procedure: telecom-si", "procedure: moving-on")
    first = (await administrator.post("/procedures", json={"source": source})).json()["version"]
    ref = await site.opened(procedure="moving-on")
    source = source.replace(f'version: "{first}"', 'version: "next"').replace(
        "start_at: handle_billing", "start_at: callback"
    )
    assert (await administrator.post("/procedures", json={"source": source})).status_code == 201
    await site.act(ref, "move_procedure", roles.SUPERVISOR, version="next", reason="rounds begin later")
    assert (await site.act(ref, "withdraw", reason="settled")).status_code == 200
    reopened = await site.act(ref, "reopen", reason="not settled")
    assert (reopened.status_code, reopened.json()["step"]) == (200, "callback"), reopened.text
