"""JSON of the domain's dataclasses, in one place: pydantic at the edge, the domain stays plain."""

from __future__ import annotations

import hashlib
import zlib
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from domain.complaint import Complaint
from domain.events import Event, Fact
from domain.procedure import Procedure

FACT: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
COMPLAINT: TypeAdapter[Complaint] = TypeAdapter(Complaint)
PROCEDURE: TypeAdapter[Procedure] = TypeAdapter(Procedure)


def fact_to_data(fact: Fact) -> dict[str, Any]:
    """A fact as plain JSON types, with its ``kind``."""
    data: dict[str, Any] = FACT.dump_python(fact, mode="json")
    return data


def fact_from_data(data: dict[str, Any]) -> Fact:
    """The fact written by ``fact_to_data``; raises pydantic.ValidationError on anything else."""
    return FACT.validate_python(data)


def pack(procedure: Procedure) -> bytes:
    """A compiled procedure in the compact form that travels with each complaint (zlib over JSON)."""
    return zlib.compress(PROCEDURE.dump_json(procedure, exclude_defaults=True), level=9)


@lru_cache(maxsize=256)
def unpack(packed: bytes) -> Procedure:
    """The procedure written by ``pack``; one object is shared by all complaints that pin it."""
    return PROCEDURE.validate_json(zlib.decompress(packed))


def fingerprint(procedure: Procedure) -> str:
    """SHA-256 over the canonical JSON of a procedure, in hex: equal content, equal fingerprint."""
    return hashlib.sha256(PROCEDURE.dump_json(procedure, exclude_defaults=True)).hexdigest()
