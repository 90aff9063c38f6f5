"""Recording as an activity: what is retried and what is not."""

from datetime import UTC, datetime

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.recording import RecordingActivities
from domain.complaint import Complaint
from domain.events import CustomerRejected, Event
from domain.ports import Recording, StaleRecording

RECORDING = Recording(
    Complaint(ref="C-2024-1", seq=3),
    (Event(3, datetime(2024, 5, 6, tzinfo=UTC), "customer", CustomerRejected("太晚了")),),
)


class Recorder:
    """Keeps recordings; raises `error` when there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.recordings: list[Recording] = []

    async def record(self, recording: Recording) -> None:
        if self.error:
            raise self.error
        self.recordings.append(recording)


async def test_what_the_workflow_hands_over_reaches_the_recorder_unchanged():
    recorder = Recorder()
    payloads = await pydantic_data_converter.encode([RECORDING])
    (arrived,) = await pydantic_data_converter.decode(payloads, [Recording])
    await ActivityEnvironment().run(RecordingActivities(recorder).record, arrived)
    assert recorder.recordings == [RECORDING]


async def test_a_stale_recording_is_final():
    recorder = Recorder(StaleRecording("a later attempt stands at 3"))
    with pytest.raises(ApplicationError) as failure:
        await ActivityEnvironment().run(RecordingActivities(recorder).record, RECORDING)
    assert failure.value.type == "StaleRecording"
    assert failure.value.non_retryable
    assert "stands at 3" in failure.value.message


async def test_a_database_that_is_down_is_left_to_be_retried():
    recorder = Recorder(ConnectionRefusedError("no database"))
    with pytest.raises(ConnectionRefusedError):
        await ActivityEnvironment().run(RecordingActivities(recorder).record, RECORDING)
