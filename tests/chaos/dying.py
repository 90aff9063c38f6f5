"""``python -m tests.chaos.dying worker|case|api|relay WORD``: a real process that dies at the worst moment.

A worker dies when it has committed a recording with an event of kind WORD and has not told anybody, or (case)
when it has accepted the case of a consequence; an API
when it has the result of a request and has not told anybody (WORD is not used); a relay when it has started
workflows and has not noted it. All end as a SIGKILL would end them: nothing is cleaned up.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import server
import worker
from domain.consequence import CaseRequest
from domain.ports import Recording
from services import consequences, repeating
from storage.stores import intake
from storage.stores.recorder import PostgresRecorder

DIED = 70


def dying_worker(kind: str) -> None:
    """Serve until the first event of ``kind`` is committed."""

    class Recorder(PostgresRecorder):
        async def record(self, recording: Recording) -> None:
            await super().record(recording)
            if any(event.fact.kind == kind for event in recording.events):
                os._exit(DIED)

    worker.PostgresRecorder = Recorder
    worker.main([])


def dying_opener() -> None:
    """Serve until the first case of a consequence is accepted."""

    class Opener(consequences.Opener):
        async def open(self, request: CaseRequest) -> None:
            await super().open(request)
            os._exit(DIED)

    worker.Opener = Opener
    worker.main([])


def dying_api() -> None:
    """Serve until the first answer is to be kept."""

    async def keep(*_: Any) -> None:
        os._exit(DIED)

    # An intake's answer is kept with the complaint, so the moment is after both.
    kept = intake.accept_once

    async def accept_once(*given: Any, **more: Any) -> bool:
        await kept(*given, **more)
        os._exit(DIED)

    repeating.keep = keep
    intake.accept_once = accept_once
    server.main([])


def dying_relay() -> None:
    """Relay until the first starts are to be noted."""

    async def mark_started(*_: Any) -> None:
        os._exit(DIED)

    intake.mark_started = mark_started
    server.main(["relay"])


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        dying_worker(sys.argv[2])
    elif sys.argv[1] == "case":
        dying_opener()
    elif sys.argv[1] == "relay":
        dying_relay()
    else:
        dying_api()
