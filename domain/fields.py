"""The fields of a form: what somebody is asked to fill in, and what it may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.conditions import ALWAYS, Condition

CHOSEN = "chosen:"
"""Prefix of an assignee who is named in a form: ``chosen:investigator``."""


class FieldType(StrEnum):
    """What a form field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    PHONE = "phone"
    EMAIL = "email"
    FILE = "file"
    PERSON = "person"  # by their id in the directory
    UNIT = "unit"


ROUTABLE = frozenset((
    FieldType.CHOICE, FieldType.NUMBER, FieldType.MONEY, FieldType.YES_NO, FieldType.DATE,
    FieldType.PERSON, FieldType.UNIT,
))  # fmt: skip
"""Types whose values conditions may test; free text and contact data never steer a route."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; ``personal`` ones are masked; of intake's, none enters a history.

    A ``file`` field is answered with attachments of the complaint: ``at_least`` so many, each of one of the
    kinds of ``evidence`` (any kind when none is named). Numbers and amounts lie from ``lowest`` to
    ``highest``, both included.
    ``subject``: it names the unit the complaint is about. ``complained_of``: it names a person it is about,
    who is kept from it (``domain.conflict``).
    """

    name: str
    type: FieldType
    title: Mapping[str, str]
    required: bool = False
    when: Condition = ALWAYS
    personal: bool = False
    choices: tuple[str, ...] = ()
    max_length: int = 4000
    evidence: tuple[str, ...] = ()
    at_least: int = 1
    lowest: Decimal | None = None
    highest: Decimal | None = None
    complained_of: bool = False
    subject: bool = False


def chosen_in(words: Iterable[str]) -> list[str]:
    """The form fields named by ``chosen:<field>`` among assignees."""
    return [word.removeprefix(CHOSEN) for word in words if word.startswith(CHOSEN)]
