"""Recording what happened to a complaint, before anybody is told that it happened."""

from __future__ import annotations

from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.ports import Overtaken, Recorder, Recording, StaleRecording

STALE = "StaleRecording"
"""Type of the failure that says: another, later attempt has recorded this part of the complaint."""

OVERTAKEN = "Overtaken"
"""Type of the failure that says: another run has taken the complaint further; this one must end."""


class RecordingActivities:
    """Handed the recorder; registered by the worker, run as a local activity beside the workflow."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    @activity.defn(name="record")
    async def record(self, recording: Recording) -> datetime:
        """Append the events and update the read model; doing it twice changes nothing.

        Returns the instant of the events: history keeps it, so that a replay finds the same one.

        Fails for good only with type ``StaleRecording`` or ``Overtaken``. Everything else, above all a
        database that is down, is left to be retried: the complaint waits and goes on by itself.
        """
        try:
            await self._recorder.record(recording)
        except StaleRecording as stale:
            raise ApplicationError(str(stale), type=STALE, non_retryable=True) from stale
        except Overtaken as overtaken:
            raise ApplicationError(str(overtaken), type=OVERTAKEN, non_retryable=True) from overtaken
        return recording.events[-1].at
