"""What a role sees of a person's data: one table (ENT-8)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain import roles
from domain.commands import Actor
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


def seen_by(actor: Actor) -> frozenset[Personal]:
    """The kinds of personal data any of the actor's roles needs."""
    return frozenset(kind for role in actor.roles for kind in NEEDS.get(role, ()))


def mask(value: str, kind: Personal, seen: frozenset[Personal]) -> str:
    """The value, or ``***`` when it is there and may not be seen."""
    return value if not value or kind in seen else MASKED


def mask_form(procedure: Procedure, form: Mapping[str, str], seen: frozenset[Personal]) -> dict[str, str]:
    """A filled-in form with its personal fields masked. A field the procedure does not know counts as one."""
    personal = {field.name: field.personal for field in procedure.fields}
    return {
        name: mask(str(value), Personal.FORM, seen) if personal.get(name, True) else str(value)
        for name, value in form.items()
    }
