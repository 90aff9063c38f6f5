"""How many complaints one core decides in the pure domain: no server, no database, no Temporal."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from time import process_time

from bench.figure import Figure, at_least
from bench.path import AGENT, MONDAY, MOVES, Move, opening
from domain.commands import Asked
from domain.complaint import Complaint, Status
from domain.decide import drafted
from domain.procedure import Procedure
from domain.react import react
from procedures.loader import load_pack

TARGET = at_least(1000)
WARM_UP = 10


def decide_one(procedure: Procedure, ref: str, at: datetime) -> None:
    """Open a complaint and take it to its end: decide, evolve, react, as the workflow does."""
    complaint = Complaint()
    for move in (Move(opening(ref), AGENT), *MOVES):
        draft = drafted(procedure, complaint, move.command, Asked(move.actor, "bench"), at)
        for event, after in zip(draft.events, draft.states, strict=True):
            react(procedure, after, event)
        complaint, at = draft.complaint, at + timedelta(minutes=5)
    assert complaint.status is Status.CLOSED


def measure(rounds: int, complaints: int) -> list[Figure]:
    """Complaints per second of CPU time, with telecom-si; ``complaints`` in each round."""
    procedure = load_pack("telecom-si")
    for number in range(WARM_UP):
        decide_one(procedure, f"WARM-{number}", MONDAY)
    rates = [_round(procedure, complaints) for _ in range(rounds)]
    return [
        Figure(
            "complaints decided per second per core, pure domain",
            median(rates),
            "1/s",
            tuple(rates),
            TARGET,
            "telecom-si, six commands each",
        )
    ]


def _round(procedure: Procedure, complaints: int) -> float:
    begun = process_time()
    for number in range(complaints):
        decide_one(procedure, f"PURE-{number}", MONDAY + timedelta(minutes=number % 600))
    return complaints / (process_time() - begun)
