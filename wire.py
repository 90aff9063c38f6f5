"""JSON of the domain's dataclasses, in one place: pydantic at the edge, the domain stays plain."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from domain.complaint import Complaint
from domain.events import Event, Fact
from domain.fields import FormField
from domain.money import Money
from domain.procedure import Procedure
from domain.step import Step

FACT: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
COMPLAINT: TypeAdapter[Complaint] = TypeAdapter(Complaint)
PROCEDURE: TypeAdapter[Procedure] = TypeAdapter(Procedure)

TYPICAL = Path(__file__).with_name("wire_typical.json").read_bytes()
"""Rules as procedures have them: what a procedure has in common with these is not written again, which halves
what travels with each complaint. Never to be changed: what was packed with it is read with it for ever."""


def fact_to_data(fact: Fact) -> dict[str, Any]:
    """A fact as plain JSON types, with its ``kind``."""
    data: dict[str, Any] = FACT.dump_python(fact, mode="json")
    return data


def fact_from_data(data: dict[str, Any]) -> Fact:
    """The fact written by ``fact_to_data``; raises pydantic.ValidationError on anything else."""
    return FACT.validate_python(data)


def pack(procedure: Procedure) -> bytes:
    """A compiled procedure in compact form (zlib over JSON, see ``TYPICAL``)."""
    packer = zlib.compressobj(level=9, zdict=TYPICAL)
    return packer.compress(PROCEDURE.dump_json(procedure, exclude_defaults=True)) + packer.flush()


def pack_rules(procedure: Procedure) -> bytes:
    """What of a procedure travels with each complaint: its rules and calendar, without words.

    Texts and the titles of fields are needed only where messages and pages are made; there the stored
    version is at hand. Step and clock titles stay, in English, for the Temporal UI.
    """
    return pack(rules_of(procedure))


def rules_of(procedure: Procedure) -> Procedure:
    """The procedure without what no rule looks at; it decides and folds exactly like the whole one."""

    def plain(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        return tuple(replace(field, title={}) for field in fields)

    def english(title: Mapping[str, str]) -> dict[str, str]:
        return {"en": title["en"]} if "en" in title else dict(title)

    def bare(step: Step) -> Step:
        policy = step.callback and replace(step.callback, questions=plain(step.callback.questions))
        return replace(step, title=english(step.title), requires=plain(step.requires), callback=policy)

    def bare_money(money: Money) -> Money:
        entries = tuple(replace(entry, title={}) for entry in money.entries)
        return replace(money, entries=entries, titles={})

    names_ways = any(reason.final or reason.refer for reason in procedure.reasons)
    return replace(
        procedure,
        title=english(procedure.title),
        titles={},
        texts={},
        top_unit="",
        external_ways=(),
        ways=tuple(replace(way, title=english(way.title)) for way in procedure.ways) if names_ways else (),
        retention=None,
        fields=(),
        steps=tuple(bare(step) for step in procedure.steps),
        purposes=tuple(
            replace(purpose, title={}, requires=plain(purpose.requires)) for purpose in procedure.purposes
        ),
        clocks=tuple(replace(rule, title=english(rule.title)) for rule in procedure.clocks),
        reasons=tuple(replace(reason, title={}) for reason in procedure.reasons),
        consequences=tuple(replace(one, title=english(one.title)) for one in procedure.consequences),
        nested={},
        money=procedure.money and bare_money(procedure.money),
    )


@lru_cache(maxsize=256)
def unpack(packed: bytes) -> Procedure:
    """The procedure written by ``pack``; one object is shared by all complaints that pin it.

    Those packed before there was ``TYPICAL`` do not refer to it and are read as they were.
    """
    unpacker = zlib.decompressobj(zdict=TYPICAL)
    return PROCEDURE.validate_json(unpacker.decompress(packed) + unpacker.flush())


def fingerprint(procedure: Procedure) -> str:
    """SHA-256 over the canonical JSON of a procedure, in hex: equal content, equal fingerprint."""
    return hashlib.sha256(PROCEDURE.dump_json(procedure, exclude_defaults=True)).hexdigest()
