"""The shortest satisfied complaint: opened, dispatched, answered, proposed, accepted, called back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.commands import (
    VERBS,
    Accept,
    Actor,
    AnswerOrder,
    Asked,
    Dispatch,
    Open,
    Propose,
    RecordCallback,
)
from domain.complaint import Complaint
from domain.decide import drafted
from domain.events import Option
from domain.procedure import Procedure
from domain.react import react

UNIT = "bench-unit"
AGENT = Actor("person:bench-agent", ("agent",))
HANDLER = Actor("person:bench-handler", ("handler",), (UNIT,))
CUSTOMER = Actor("customer", ("customer",))
CALLBACK = Actor("person:bench-callback", ("callback",))

FACTS = {
    "kind": "complaint",
    "party": "si",
    "received_by": "operator",
    "severity": "ordinary",
    "matter": "other",
}
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing somebody does to the complaint."""

    command: Any
    actor: Actor

    @property
    def verb(self) -> str:
        """The name of the update."""
        return VERBS[type(self.command)]


MOVES = (
    Move(Dispatch(UNIT), AGENT),
    Move(AnswerOrder("1", "The gateway charged twice; the second charge was taken back."), HANDLER),
    Move(Propose((Option("", "We have taken back the second charge and apologise."),)), AGENT),
    Move(Accept(), CUSTOMER),
    Move(RecordCallback("satisfied", 9), CALLBACK),
)
"""What follows the opening."""


def opening(ref: str, *, received_at: datetime | None = None, facts: Mapping[str, str] = FACTS) -> Open:
    """First contact, by hotline; the clocks count from ``received_at`` (aware) when it is given."""
    return Open(ref, facts, "", AGENT.id, "hotline", "en", received_at=received_at)


def told(procedure: Procedure) -> tuple[bool, ...]:
    """After which of opening and moves somebody is told something: how many effects bare code must have."""
    complaint, at, result = Complaint(), MONDAY, []
    for move in (Move(opening("SHAPE-1"), AGENT), *MOVES):
        draft = drafted(procedure, complaint, move.command, Asked(move.actor), at)
        pairs = zip(draft.events, draft.states, strict=True)
        result.append(any(react(procedure, after, event) for event, after in pairs))
        complaint, at = draft.complaint, at + timedelta(minutes=5)
    return tuple(result)
