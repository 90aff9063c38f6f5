"""What of an event is personal or in somebody's own words, and the event without it (ENT-8).

Anonymising must not depend on anybody remembering to list a new text: what is not known to be a code is taken
out. Numbers, amounts and instants stay, because statistics need them and they tell nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from domain import events as ev
from domain.fields import ROUTABLE, FormField
from domain.procedure import Procedure

REDACTED = "[redacted]"
"""Stands where something personal was."""

WORDS = frozenset(
    (
        "note", "reason", "text", "result", "remarks", "grounds", "comment", "demand", "why", "customer",
        "person", "complained_of",
    )
)  # fmt: skip
"""Fields of events that hold what somebody wrote, who the customer is, or who is complained of."""

CODES = frozenset(
    (
        "procedure", "version", "ref", "owner", "channel", "language", "unit", "unit_kind", "unit_above",
        "repeat_of", "repeat_reason", "flag", "mark", "step", "outcome", "order", "purpose", "handler",
        "clock", "approval", "option", "attachments", "keepers", "rule", "to", "verb", "code", "id", "type",
        "currency", "entry", "source", "target", "month", "reverses", "posting", "receipt", "referred",
        "consequence", "trigger", "way", "measure", "parent", "beyond", "unit_standing", "standing",
        "history", "point",
    )
)  # fmt: skip
"""Fields of events that hold codes, or ids of units and staff."""

ACCOUNTS = frozenset(("source", "target"))
"""Fields of events that hold accounts; that of a customer is named by who it is."""

FORMS = frozenset(("facts", "answers"))
"""Fields of events that hold what was filled in; of these the impersonal part stays."""

_CODES_HERE = frozenset(((ev.Closed, "reason"),))
"""Codes in a field whose name elsewhere stands for words."""

_PEOPLE = ("person",)
"""Types of form fields that name somebody, although a route may depend on them."""


def anonymous(procedure: Procedure, fact: ev.Fact) -> ev.Fact:
    """The fact with every text somebody wrote and every personal answer replaced by ``REDACTED``."""
    cleaned: ev.Fact = _cleaned(procedure, fact)
    return cleaned


def anonymous_actor(by: str) -> str:
    """Who acted, or whose account it is, without saying which customer."""
    return "customer" if by.startswith("customer") else by


def impersonal(procedure: Procedure, values: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, with ``REDACTED`` in place of all that could tell something about a person."""
    told = {field.name for field in form_fields(procedure) if _tells_nobody(field)}
    kept = told.union(procedure.vocabulary)
    return {name: value if name in kept or not value else REDACTED for name, value in values.items()}


@cache
def text_fields(kind: type) -> tuple[str, ...]:
    """The fields of a fact, or of something in one, that hold text, texts, or what was filled in."""
    hints = get_type_hints(kind)
    return tuple(field.name for field in fields(kind) if _holds_text(hints[field.name]))


def form_fields(procedure: Procedure) -> tuple[FormField, ...]:
    """The fields of every form, wherever in the procedure a form may stand."""
    return tuple(_fields_in((procedure.fields, procedure.steps, procedure.purposes)))


def _fields_in(thing: Any) -> Iterator[FormField]:
    if isinstance(thing, FormField):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from _fields_in(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _fields_in(getattr(thing, field.name))


def _tells_nobody(field: FormField) -> bool:
    return field.type in ROUTABLE and not field.personal and field.type.value not in _PEOPLE


def _holds_text(hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return False
    return hint is str or any(_holds_text(part) for part in get_args(hint))


def _cleaned(procedure: Procedure, thing: Any) -> Any:
    changes: dict[str, Any] = {}
    kind: Any = type(thing)
    texts = text_fields(kind)
    for field in fields(thing):
        value = getattr(thing, field.name)
        if is_dataclass(value):
            changes[field.name] = _cleaned(procedure, value)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            changes[field.name] = tuple(_cleaned(procedure, one) for one in value)
        elif field.name in ACCOUNTS and isinstance(value, str):
            changes[field.name] = anonymous_actor(value)
        elif field.name in texts and value and not _is_code(kind, field.name):
            changes[field.name] = _without(procedure, field.name, value)
    return replace(thing, **changes) if changes else thing


def _is_code(kind: type, name: str) -> bool:
    return name in CODES or (kind, name) in _CODES_HERE


def _without(procedure: Procedure, name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return impersonal(procedure, value) if name in FORMS else dict.fromkeys(value, REDACTED)
    return tuple(REDACTED for _ in value) if isinstance(value, tuple) else REDACTED
