"""What earlier cases count for a new one, by the rules of its procedure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.commands import Open
from domain.consequence import HistoryRule, case_procedure
from domain.procedure import Procedure
from storage.engine import Database
from storage.queries import history as history_queries
from storage.queries.history import MOST, Earlier

UNIT = "unit"

Same = tuple[str, ...]
"""What has to be the same: the values of a rule's ``same``, in its order."""


async def counted(database: Database, procedure: Procedure, opening: Open, now: datetime) -> dict[str, int]:
    """The counts the procedure's history asks for; a procedure that asks for none costs no statement.

    What has to be the same and is not known of the new case (no unit, no such fact) counts nothing.
    """
    asked = [
        _earlier(procedure, rule, same, rule.name, now)
        for rule in procedure.history
        if (same := _same(rule, opening)) is not None
    ]
    found = await history_queries.count(database, asked, but=opening.ref)
    return {rule.name: found.get(rule.name, 0) for rule in procedure.history}


async def counted_in_turn(
    database: Database, procedure: Procedure, openings: Sequence[Open], now: datetime
) -> list[dict[str, int]]:
    """The counts for several new cases, each of which finds those before it as if they were stored by then.

    One statement for all of them; none for a procedure that asks for no counts.
    """
    if not procedure.history:
        return [{} for _ in openings]
    asked: dict[tuple[str, Same], Earlier] = {}
    for opening in openings:
        for rule in procedure.history:
            same = _same(rule, opening)
            if same is not None and (rule.name, same) not in asked:
                asked[rule.name, same] = _earlier(procedure, rule, same, str(len(asked)), now)
    stored = await history_queries.count(database, list(asked.values()))
    found = Counter({place: stored.get(question.name, 0) for place, question in asked.items()})
    result = []
    for opening in openings:
        shared = [(rule, _same(rule, opening)) for rule in procedure.history]
        result.append(
            {rule.name: 0 if same is None else min(found[rule.name, same], MOST) for rule, same in shared}
        )
        for rule, same in shared:
            if same is not None and _counts(rule, opening, now):
                found[rule.name, same] += 1
    return result


def _same(rule: HistoryRule, opening: Open) -> Same | None:
    """What of a new case earlier ones must share; None when it is not known of it."""
    values = tuple(opening.unit if name == UNIT else opening.facts.get(name, "") for name in rule.same)
    return values if all(values) else None


def _earlier(procedure: Procedure, rule: HistoryRule, same: Same, name: str, now: datetime) -> Earlier:
    facts = dict(zip(rule.same, same, strict=True))
    root = procedure.name.partition(".")[0]
    return Earlier(
        name=name,
        procedure=case_procedure(root, rule.consequence) if rule.consequence else root,
        since=now - timedelta(days=rule.days),
        unit=facts.pop(UNIT, None),
        facts={**facts, **rule.having},
        ended=rule.ended,
    )


def _counts(rule: HistoryRule, opening: Open, now: datetime) -> bool:
    """Whether a case that is just being opened is one that the rule counts for the next."""
    return (
        not rule.consequence
        and not rule.ended
        and (opening.received_at or now) >= now - timedelta(days=rule.days)
        and rule.having.items() <= opening.facts.items()
    )
