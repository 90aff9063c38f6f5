"""The persons and units that forms name: whether they are there, and where those units stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from domain.commands import Asked
from domain.errors import Refused
from domain.events import Place
from domain.fields import FieldType, FormField
from procedures.facts import all_fields
from services.connect import Connections
from services.directory import place_of_unit
from storage.queries import complaints as complaint_queries
from storage.queries import directory as directory_queries


async def checked(
    connections: Connections, fields: Iterable[FormField], answers: Mapping[str, str], *, prefix: str = ""
) -> dict[str, Place]:
    """Where the units named in some answers stand, by their ids.

    Raises Refused("form") with a message for each field that names a person or unit there is not, somebody
    who has left, or a unit that was dissolved. A form that asks for neither costs no look-up.
    """
    places: dict[str, Place] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        named = answers.get(field.name, "")
        if not named:
            continue
        if field.type is FieldType.UNIT:
            try:
                places[named] = await place_of_unit(connections, named)
            except Refused as refusal:
                wrong[f"{prefix}{field.name}"] = _told(refusal)
        elif field.type is FieldType.PERSON:
            person = await directory_queries.person(connections.database, named)
            if person is None or not person.active:
                wrong[f"{prefix}{field.name}"] = f"there is no person {named!r}; see GET /api/v1/people"
    if wrong:
        raise Refused("form", "some fields are missing or wrong", fields=wrong)
    return places


async def with_places(connections: Connections, ref: str, command: Any, asked: Asked) -> Asked:
    """``asked`` with the places of the units a command's answers name; what a caller claims is not believed.

    Raises Refused as ``checked`` does. A command without answers costs no look-up.
    """
    answers = getattr(command, "answers", {})
    fingerprint = await complaint_queries.fingerprint(connections.database, ref) if answers else None
    if fingerprint is None:
        return replace(asked, places={})
    procedure, _ = await connections.catalogue.by_fingerprint(fingerprint)
    places = await checked(connections, all_fields(procedure), answers, prefix="answers.")
    return replace(asked, places=places)


def _told(refusal: Refused) -> str:
    """What is wrong with a unit that was named, and the one that was meant if one is like it."""
    hint = refusal.fields["unit"] if refusal.code == "no_such_unit" else ""
    return f"{refusal.reason}; {hint}" if hint else refusal.reason
