"""What stands beside a complaint: its numbers, its consequences, what is announced and known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services import archive, consequences, knowledge
from services.connect import Connections
from services.consequences import Caused
from services.reading import Case
from storage.queries.announcements import Announcement
from storage.queries.archive import Number
from storage.queries.knowledge import Entry


@dataclass(frozen=True, slots=True)
class Beside:
    """Its numbers in archives, the cases it led to, and what concerns complaints like it."""

    numbers: Sequence[Number] = ()
    caused: Sequence[Caused] = ()
    announcements: Sequence[Announcement] = ()
    knowledge: Sequence[Entry] = ()


async def beside(connections: Connections, case: Case) -> Beside:
    """All of it; what the complaint cannot have is not looked up."""
    name = case.procedure.name
    facts = case.complaint.facts or case.row.facts
    return Beside(
        numbers=await archive.numbers(connections, case),
        caused=await consequences.caused(connections, case),
        announcements=await connections.announced.get((name, facts.get("category", ""))),
        knowledge=await knowledge.beside(connections, name, facts),
    )
