"""Measures on units: what was taken when and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from domain.measures import Standing, standing
from storage.engine import Database
from storage.prepared import Prepared
from storage.queries.conflict import not_of_reader, reading
from storage.tables import measures

_ON_UNITS = Prepared(
    select(measures.c.unit, measures.c.measure)
    .where(measures.c.unit == func.any(bindparam("units", type_=ARRAY(Text))))
    .order_by(measures.c.unit, measures.c.at, measures.c.ref, measures.c.seq)
)


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure on a unit; ``ref`` and ``seq`` are the event it came from."""

    ref: str
    seq: int
    unit: str
    measure: str
    step: str
    note: str
    by: str
    at: datetime


_OF_UNIT = (
    select(*(measures.c[name] for name in MeasureRow.__slots__))
    .where(measures.c.unit == bindparam("of_unit"), not_of_reader(measures.c.ref))
    .order_by(measures.c.at, measures.c.ref, measures.c.seq)
)


async def of_unit(database: Database, unit: str, *, reader: str = "") -> list[MeasureRow]:
    """Every measure on a unit, the earliest first; none from complaints about ``reader``, an actor's id."""
    rows = await database.fetch(_OF_UNIT, {"of_unit": unit, **reading(reader)})
    return [MeasureRow(**row._asdict()) for row in rows]


async def on_units(database: Database, units: Collection[str]) -> Mapping[str, Sequence[str]]:
    """The measures on each of these units, the earliest first, whoever may know of them."""
    found: dict[str, list[str]] = {}
    for row in await database.fetch(_ON_UNITS, {"units": list(units)}):
        found.setdefault(row.unit, []).append(row.measure)
    return found


class PostgresMeasures:
    """Implements ``domain.ports.Measures``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, units: Sequence[str]) -> Mapping[str, str]:
        """Why each of these units gets no orders (suspended, ended); blank for one that does."""
        taken = await on_units(self._database, units)
        found = {unit: standing(taken.get(unit, ())) for unit in units}
        return {unit: "" if one is Standing.ACTIVE else one.value for unit, one in found.items()}
