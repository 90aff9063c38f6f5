"""How units stand: whether they may be given orders, for routes that give them by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from temporalio import activity

from domain.ports import Measures


class MeasureActivities:
    """Handed by the worker what knows the measures; beside the workflow, for it only needs the database."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures

    @activity.defn(name="unit_standing")
    async def unit_standing(self, units: Sequence[str]) -> Mapping[str, str]:
        """Why each of these units gets no orders (suspended, ended); blank for one that does."""
        return await self._measures.standing(units)
