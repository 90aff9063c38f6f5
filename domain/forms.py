"""Checking what was filled in against a form."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from domain.conditions import FactValue
from domain.events import Place
from domain.evidence import ATTACHED, wrong_files
from domain.fields import ROUTABLE, FieldType, FormField
from domain.spelling import did_you_mean

_REQUIRED = "this field is required"
_REQUIRED_FILE = f"{_REQUIRED}: ids of {ATTACHED}"
_EMAIL = re.compile(r"""[^\s@<>()\[\],;:\\"]+@(?:[^\s@<>()\[\],;:\\".]+\.)+[^\s@<>()\[\],;:\\".]+""")
_ID = re.compile(r"[^\s:,]{1,100}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/\-]{2,30}")


def problems(
    fields: tuple[FormField, ...],
    answers: Mapping[str, str],
    facts: Mapping[str, FactValue],
    files: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """What is wrong, by field name: required fields that are blank, unknown names, values of a wrong type.

    Values are text as typed: money and numbers as decimals (``12.50``), dates as ``YYYY-MM-DD``,
    yes/no as ``true`` or ``false``, persons and units as their ids in the directory, files as ids of the
    complaint's attachments with commas between. Whether a field applies is tested on ``facts`` and the
    answers. ``files`` are those attachments that were found, by id with their kind of evidence.
    """
    if not fields and not answers:
        return {}
    known = ChainMap(dict[str, FactValue](answers), facts)  # type: ignore[arg-type] # nothing writes to it
    wrong: dict[str, str] = {}
    names = {field.name for field in fields}
    for name in answers:
        if name not in names:
            known_names = [field.name for field in fields]
            wrong[name] = f"there is no such field: {did_you_mean(name, known_names)}"
    for field in fields:
        value = answers.get(field.name, "")
        if not value.strip():
            if field.required and field.when.holds(known):
                wrong[field.name] = _REQUIRED_FILE if field.type is FieldType.FILE else _REQUIRED
            continue
        message = (
            wrong_files(field, value, files or {}) if field.type is FieldType.FILE else _wrong(field, value)
        )
        if message:
            wrong[field.name] = message
    return wrong


def placed(
    fields: tuple[FormField, ...], answers: Mapping[str, str], places: Mapping[str, Place]
) -> dict[str, str]:
    """The answers, and for each unit among them its kind and the unit above it: ``<field>.kind``, ``.above``.

    So a route can depend on the kind of a unit that was chosen, and go to the unit above it.
    """
    found = dict(answers)
    for field in fields:
        place = places.get(answers.get(field.name, "")) if field.type is FieldType.UNIT else None
        if place is not None:
            found |= {f"{field.name}.kind": place.kind, f"{field.name}.above": place.above}
    return found


def routable(fields: Iterable[FormField], answers: Mapping[str, str]) -> dict[str, str]:
    """Those of the answers a route may depend on: short and impersonal by their type."""
    known: set[str] = set()
    for field in fields:
        if field.type in ROUTABLE and not field.personal:
            known.add(field.name)
            if field.type is FieldType.UNIT:
                known |= {f"{field.name}.kind", f"{field.name}.above"}
    return {name: value for name, value in answers.items() if name in known}


def _wrong(field: FormField, value: str) -> str | None:
    if len(value) > field.max_length:
        return f"at most {field.max_length} characters"
    if "\x00" in value:
        return "must not contain a NUL character"
    match field.type:
        case FieldType.CHOICE if value not in field.choices:
            return f"one of {', '.join(field.choices)}"
        case FieldType.YES_NO if value not in ("true", "false"):
            return "true or false"
        case FieldType.NUMBER | FieldType.MONEY:
            return _wrong_number(field, value)
        case FieldType.DATE:
            return _wrong_date(value)
        case FieldType.EMAIL if not _is_email(value):
            return "an e-mail address such as name@example.org"
        case FieldType.PERSON | FieldType.UNIT if not _ID.fullmatch(value):
            return f"the id of a {field.type.value} of the directory"
        case FieldType.PHONE if not _PHONE.fullmatch(value):
            return "a phone number such as +86 10 1234 5678"
        case _:
            return None


def contact_problems(*, email: str, phone: str) -> dict[str, str]:
    """What is wrong with how somebody is to be reached, by field; an empty one is not known and not wrong."""
    wrong = {}
    if email and not _is_email(email.strip()):
        wrong["email"] = "an e-mail address such as name@example.org"
    if phone and not _PHONE.fullmatch(phone.strip()):
        wrong["phone"] = "a phone number such as +86 10 1234 5678"
    return wrong


def _is_email(value: str) -> bool:
    return value.isprintable() and _EMAIL.fullmatch(value) is not None


def _wrong_number(field: FormField, value: str) -> str | None:
    if not _NUMBER.fullmatch(value):
        return "a number such as 12.50"
    number = Decimal(value)
    if abs(number) >= Decimal(10) ** 15:
        return "a number of reasonable size"
    if field.type is FieldType.MONEY and (number < 0 or number != number.quantize(Decimal("0.01"))):
        return "an amount of zero or more with at most two decimals"
    low, high = field.lowest, field.highest
    if low is not None and number < low:
        return f"at least {low}" if high is None else f"from {low} to {high}"
    if high is not None and number > high:
        return f"at most {high}" if low is None else f"from {low} to {high}"
    return None


def _wrong_date(value: str) -> str | None:
    wrong = "a date such as 2026-11-21"
    if not _DATE.fullmatch(value):  # Python takes weeks of the year for dates, too
        return wrong
    try:
        date.fromisoformat(value)
    except ValueError:
        return wrong
    return None
