"""What a role sees of a person's data: one table (ENT-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from domain import roles
from domain.commands import Actor
from domain.events import Event
from domain.fields import FormField
from domain.personal import form_fields
from domain.procedure import Procedure

MASKED = "***"


class Personal(StrEnum):
    """Kinds of personal data of a complaint."""

    NAME = "name"
    CONTACT = "contact"  # phone and e-mail
    FORM = "form"  # fields the procedure calls personal


_ALL = frozenset(Personal)

NEEDS: Mapping[str, frozenset[Personal]] = {
    roles.AGENT: _ALL,
    roles.SUPERVISOR: _ALL,
    roles.UNIT_HEAD: _ALL,
    roles.HANDLER: _ALL,
    roles.PARTNER: frozenset((Personal.NAME, Personal.CONTACT)),
    roles.CALLBACK: frozenset((Personal.NAME, Personal.CONTACT)),
    roles.CUSTOMER: _ALL,
    roles.SYSTEM: _ALL,
    roles.APPROVER: frozenset(),
    roles.ANALYST: frozenset(),
    roles.ADMINISTRATOR: frozenset(),
}
"""Who needs what for the work: those who handle the case all of it, those who only call the customer how
to reach them, those who approve, analyse or administer nothing."""

FILES = frozenset(NEEDS) - {roles.ANALYST, roles.ADMINISTRATOR}
"""Who fetches files: nothing in a photo or a recording can be masked. Whoever approves judges by them."""


def seen_by(actor: Actor) -> frozenset[Personal]:
    """The kinds of personal data any of the actor's roles needs."""
    return frozenset(kind for role in actor.roles for kind in NEEDS.get(role, ()))


def mask(value: str, kind: Personal, seen: frozenset[Personal]) -> str:
    """The value, or ``***`` when it is there and may not be seen."""
    return value if not value or kind in seen else MASKED


def mask_form(procedure: Procedure, form: Mapping[str, str], seen: frozenset[Personal]) -> dict[str, str]:
    """A filled-in form with its personal fields masked. A field the procedure does not know counts as one."""
    return _masked(procedure.fields, form, seen)


def mask_answers(procedure: Procedure, event: Event, seen: frozenset[Personal]) -> Event:
    """An event with the personal fields of what was filled in with it masked."""
    answers = getattr(event.fact, "answers", None)
    if not answers or Personal.FORM in seen:
        return event
    masked = _masked(form_fields(procedure), answers, seen)
    fact: Any = event.fact
    return replace(event, fact=replace(fact, answers=masked))


def _masked(
    fields: tuple[FormField, ...], values: Mapping[str, str], seen: frozenset[Personal]
) -> dict[str, str]:
    known = {field.name for field in fields} - {field.name for field in fields if field.personal}
    return {
        name: str(value) if name.partition(".")[0] in known else mask(str(value), Personal.FORM, seen)
        for name, value in values.items()
    }
