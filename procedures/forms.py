"""Reading forms: the fields people fill in at intake, with an answer, or when they finish a task."""

from __future__ import annotations

from decimal import Decimal

from domain.evidence import KINDS, MOST
from domain.fields import FieldType, FormField
from procedures.nodes import Entry, Table
from procedures.sheet import Sheet, read_condition, read_title, read_titles

_KEYS = (
    "type", "title", "required", "when", "personal", "choices", "max_length", "evidence", "at_least",
    "min", "max",
    "complained_of", "subject",
)  # fmt: skip


def read_form(sheet: Sheet, entry: Entry | None) -> tuple[FormField, ...]:
    """The fields of a form, in order; each is ``name: {type: …, title: …}``."""
    if entry is None:
        return ()
    return tuple(_read_field(sheet, name, key, value) for name, key, value in entry.named())


def _read_field(sheet: Sheet, name: str, key: Entry, entry: Entry) -> FormField:
    table = entry.table(_KEYS)
    sheet.put("field", name, key)
    type_entry = table.need("type", "what kind of value is filled in, for example text or choice")
    type_ = FieldType(type_entry.choice([t.value for t in FieldType]) if type_entry else "text")
    title = table.need("title", "what the field is called on the form")
    choices = table.get("choices")
    if type_ is FieldType.CHOICE and choices is None:
        entry.wrong("missing", f"the field {name!r} is a choice but has no choices")
    if type_ is not FieldType.CHOICE and choices is not None:
        choices.wrong("unknown_key", f"only a choice has choices; {name!r} is {type_.value}")
    evidence = _evidence(name, type_, table)
    bounds = _bounds(name, type_, table)
    complained_of = table.get("complained_of")
    if complained_of and type_ is not FieldType.PERSON:
        complained_of.wrong(
            "unknown_key",
            f"only a field of the type person names who is complained of; {name!r} is {type_.value}",
        )
    subject = table.get("subject")
    if subject and type_ is not FieldType.UNIT:
        subject.wrong(
            "unknown_key",
            f"only a field of the type unit names what a complaint is about; {name!r} is {type_.value}",
        )
    required, personal, length = table.get("required"), table.get("personal"), table.get("max_length")
    return FormField(
        name=name,
        type=type_,
        title=read_title(sheet, title) if title else {},
        required=required.yes_no() if required else False,
        when=read_condition(sheet, table.get("when")),
        personal=personal.yes_no() if personal else type_ in (FieldType.PHONE, FieldType.EMAIL),
        choices=read_titles(sheet, choices, f"field.{name}"),
        max_length=length.whole(1, 100_000) if length else 4000,
        evidence=evidence[0],
        at_least=evidence[1],
        lowest=bounds[0],
        highest=bounds[1],
        complained_of=complained_of.yes_no() if complained_of else False,
        subject=subject.yes_no() if subject else False,
    )


def _bounds(name: str, type_: FieldType, table: Table) -> tuple[Decimal | None, Decimal | None]:
    """The lowest and the highest number a field takes, where it says so."""
    low, high = table.get("min"), table.get("max")
    for entry in (low, high):
        if entry and type_ not in (FieldType.NUMBER, FieldType.MONEY):
            entry.wrong("unknown_key", f"only numbers and money have bounds; {name!r} is {type_.value}")
    lowest, highest = (Decimal(entry.number()) if entry else None for entry in (low, high))
    if high and lowest is not None and highest is not None and highest < lowest:
        high.wrong("range", f"nothing lies from {lowest} to {highest}; write the smaller number as 'min'")
    return lowest, highest


def _evidence(name: str, type_: FieldType, table: Table) -> tuple[tuple[str, ...], int]:
    """The kinds of evidence a file field takes, and how many files at least."""
    kinds, least = table.get("evidence"), table.get("at_least")
    if type_ is not FieldType.FILE:
        for entry in (kinds, least):
            if entry:
                entry.wrong("unknown_key", f"only a file field asks for evidence; {name!r} is {type_.value}")
        return (), 1
    for item in kinds.items() if kinds else ():
        item.choice(tuple(KINDS))
    return kinds.texts() if kinds else (), least.whole(1, MOST) if least else 1
