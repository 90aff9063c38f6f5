"""Opening the cases of consequences: accepted like complaints, each once in spite of workers that die."""

from __future__ import annotations

from temporalio import activity

from domain.consequence import CaseRequest
from domain.ports import Cases


class ConsequenceActivities:
    """Handed by the worker what opens cases; runs beside the workflow, for it only needs the database."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    @activity.defn(name="open_case")
    async def open_case(self, request: CaseRequest) -> None:
        """Open the case under its reference; doing it twice changes nothing.

        It has no failure of its own: what keeps it from being opened, above all a database that is down, is
        waited for.
        """
        await self._cases.open(request)
