"""What earlier cases count for a new one, by the rules of its procedure."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.commands import Open
from domain.consequence import case_procedure
from domain.procedure import Procedure
from storage.engine import Database
from storage.queries import history as history_queries
from storage.queries.history import Earlier

UNIT = "unit"


async def counted(database: Database, procedure: Procedure, opening: Open, now: datetime) -> dict[str, int]:
    """The counts the procedure's history asks for; a procedure that asks for none costs no statement.

    What has to be the same and is not known of the new case (no unit, no such fact) counts nothing.
    """
    asked = []
    for rule in procedure.history:
        facts = {name: opening.facts.get(name, "") for name in rule.same if name != UNIT}
        unit = opening.unit if UNIT in rule.same else None
        if unit == "" or not all(facts.values()):
            continue
        root = procedure.name.partition(".")[0]
        asked.append(
            Earlier(
                name=rule.name,
                procedure=case_procedure(root, rule.consequence) if rule.consequence else root,
                since=now - timedelta(days=rule.days),
                unit=unit,
                facts={**facts, **rule.having},
                ended=rule.ended,
            )
        )
    found = await history_queries.count(database, asked, but=opening.ref)
    return {rule.name: found.get(rule.name, 0) for rule in procedure.history}
