"""Conflict of interest: whoever is complained of can neither see nor handle the complaint (MFG-7).

The one place that says who that is. ``domain.roles.may_see`` asks it for every reader and every command, and
who holds a post is looked up as if the person were away (``storage.holders``), so that somebody else is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.errors import Refused
from domain.fields import FieldType, FormField

PERSON = "person:"


def person(value: str) -> str:
    """The actor's id of a person named in a form, with or without the prefix; empty for nobody."""
    name = value.strip().removeprefix(PERSON)
    return f"{PERSON}{name}" if name else ""


def named_in(fields: Iterable[FormField], answers: Mapping[str, str]) -> tuple[str, ...]:
    """Whom a filled-in form complains of: actors' ids, in the order of the fields, each once."""
    named = (person(answers.get(field.name, "")) for field in fields if field.complained_of)
    return tuple(dict.fromkeys(name for name in named if name))


def check_not_complained_of(who: str, complained_of: Iterable[str], field: str) -> None:
    """Raise Refused("conflict_of_interest") when ``who`` is to look after a complaint about themselves."""
    if who in complained_of:
        raise Refused(
            "conflict_of_interest",
            "the person complained of can neither see nor handle the complaint; somebody else must",
            fields={field: "not the person complained of"},
        )


def check_named(
    fields: Sequence[FormField],
    answers: Mapping[str, str],
    complained_of: Iterable[str] = (),
    *,
    prefix: str = "answers.",
) -> None:
    """Raise Refused("conflict_of_interest") when answers choose a person complained of to do something."""
    about = (*complained_of, *named_in(fields, answers))
    for field in fields:
        if field.type is FieldType.PERSON and not field.complained_of:
            check_not_complained_of(person(answers.get(field.name, "")), about, f"{prefix}{field.name}")
