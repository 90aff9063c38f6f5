"""Reading orders: what they are given for, where they go, and which a handling step gives by itself."""

from __future__ import annotations

from dataclasses import replace

from domain.fields import CHOSEN, FieldType
from domain.purpose import PlannedOrder, Purpose
from procedures.forms import read_form
from procedures.nodes import Entry, Table
from procedures.offices import read_roles
from procedures.sheet import Sheet, read_condition, read_title, read_titles

WHERE = ("subject", "same", "superior")
"""Assignees beside ``unit:<name>`` and ``chosen:<field>``."""


def read_purposes(sheet: Sheet, entry: Entry | None) -> tuple[Purpose, ...]:
    """Why orders are given, by name."""
    found = [_purpose(sheet, name, key, value) for name, key, value in entry.named()] if entry else []
    own = {purpose.name for purpose in found if purpose.to}

    def settled(purpose: Purpose) -> Purpose:
        """What follows goes where its own purpose says, else to the unit that answered."""
        follow = {
            outcome: (name, to or ("" if name in own else "same"))
            for outcome, (name, to) in purpose.follow.items()
        }
        return replace(purpose, follow=follow)

    return tuple(settled(purpose) for purpose in found)


def read_units(sheet: Sheet, entry: Entry | None) -> tuple[str, ...]:
    """Where orders go: ``subject``, ``same``, ``superior``, ``unit:<name>`` or ``chosen:<field>``."""
    if entry is None:
        return ()
    for item in entry.items():
        word = item.text()
        if word.startswith("unit:") and word != "unit:":
            sheet.units.append((item.place, word.removeprefix("unit:")))
        elif word.startswith(CHOSEN):
            sheet.chosen.append((item.place, word.removeprefix(CHOSEN), FieldType.UNIT))
        elif word not in WHERE:
            item.wrong(
                "unit",
                f"{word!r} is not possible here: use subject, same, superior, unit:<name of a unit> or "
                "chosen:<field that names a unit>",
            )
    return entry.texts()


def read_planned(sheet: Sheet, step: str, table: Table) -> tuple[PlannedOrder, ...]:
    """The orders a handling step gives by itself when it is entered, by their purposes."""
    entry = table.get("orders")
    if entry is None:
        return ()
    for key in ("to", "form"):
        also = table.get(key)
        if also:
            also.wrong(
                "unknown_key", f"a step with 'orders' has no {key!r}: say it with each order or purpose"
            )
    found = []
    for purpose, name, value in entry.named():
        order = value.table(("to", "when"))
        to = order.need("to", "the units that get it, for example subject or unit:audit")
        sheet.put("order", f"{step}:{purpose}", name)
        found.append(PlannedOrder(purpose, read_units(sheet, to), read_condition(sheet, order.get("when"))))
    if not found:
        entry.wrong("empty", "there are no orders here")
    return tuple(found)


def _purpose(sheet: Sheet, name: str, key: Entry, value: Entry) -> Purpose:
    table = value.table(("title", "outcomes", "follow", "form", "to", "by"))
    sheet.put("purpose", name, key)
    title = table.need("title", "what an order for this is called")
    return Purpose(
        name=name,
        title=read_title(sheet, title) if title else {},
        outcomes=read_titles(sheet, table.get("outcomes"), f"answer.{name}"),
        follow=_follow(sheet, name, table.get("follow")),
        requires=read_form(sheet, table.get("form")),
        to=read_units(sheet, table.get("to")),
        by=read_roles(sheet, table.get("by"), with_chosen=True),
    )


def _follow(sheet: Sheet, purpose: str, rows: Entry | None) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for outcome, _, then in rows.named() if rows else ():
        after = then.table(("purpose", "to"))
        to, name = after.get("to"), after.need("purpose", "what the next order is for")
        if to and to.is_list:
            to.wrong("unit", "an order that follows goes to one unit; name it without brackets")
        units = read_units(sheet, to)
        sheet.put("follow", f"{purpose}:{outcome}", then)
        found[outcome] = (name.text() if name else "", units[0] if units else "")
    return found
