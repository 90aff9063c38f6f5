"""Complaints live for months: today's code must replay the histories of every path that ever ran.

The histories are committed. A change that breaks one must not land; it needs ``workflow.patched``.
New ones are written by ``python -m pytest tests/workflows/test_replay.py --write-histories``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.workflows.conftest import World
from tests.workflows.paths import PATHS
from workflows.complaint import ComplaintWorkflow
from workflows.converter import data_converter

HISTORIES = Path(__file__).parent / "histories"


def committed() -> list[Path]:
    """Every committed history, also of paths that are no longer written."""
    return sorted(HISTORIES.glob("*.json"))


def read(file: Path) -> dict[str, Any]:
    """A history as the JSON it is stored in."""
    data: dict[str, Any] = json.loads(file.read_text())
    return data


@pytest.mark.parametrize("file", committed(), ids=lambda file: file.stem)
async def test_a_committed_history_replays(file: Path) -> None:
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=data_converter)
    await replayer.replay_workflow(WorkflowHistory.from_json(file.stem, read(file)))


async def test_a_history_that_does_not_fit_is_noticed() -> None:
    """The replay test itself can fail: a history without its timer is refused."""
    (file,) = [file for file in committed() if file.stem.startswith("accepted")]
    data = read(file)
    broken = [e for e in data["events"] if e["eventType"] != "EVENT_TYPE_TIMER_STARTED"]
    for number, event in enumerate(broken, start=1):
        event["eventId"] = str(number)
    data["events"] = broken
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=data_converter)
    with pytest.raises(Exception, match=r"(?i)nondeterminism"):
        await replayer.replay_workflow(WorkflowHistory.from_json("broken", data))


@pytest.mark.parametrize("name", PATHS)
async def test_every_path_can_be_taken_and_its_history_replays(
    name: str, world: World, request: pytest.FixtureRequest
) -> None:
    case = await PATHS[name](world)
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=data_converter)
    for number, history in enumerate(await case.histories(), start=1):
        await replayer.replay_workflow(history)
        if request.config.getoption("--write-histories"):
            HISTORIES.mkdir(exist_ok=True)
            (HISTORIES / f"{name}-{number}.json").write_text(history.to_json())


def test_every_path_has_a_committed_history() -> None:
    assert set(PATHS) <= {file.stem.rpartition("-")[0] for file in committed()}
