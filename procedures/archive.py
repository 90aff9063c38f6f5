"""Reading what becomes of closed complaints: whose archives they go to."""

from __future__ import annotations

from domain.archive import UNIT
from domain.procedure import KEEPERS
from procedures.nodes import Entry
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet


def read_archive(sheet: Sheet, entry: Entry | None) -> tuple[str, ...]:
    """The keepers of ``archive: {keepers: […]}``, as written."""
    if entry is None:
        return ()
    keepers = entry.table(("keepers",)).need(
        "keepers", f"whose archives a closed complaint goes to, {one_of(KEEPERS)} or unit:<name>"
    )
    for item in keepers.items() if keepers else ():
        word = item.text()
        if word.startswith(UNIT) and word != UNIT:
            sheet.units.append((item.place, word.removeprefix(UNIT)))
        elif word and word not in KEEPERS:
            item.wrong("keeper", f"{word!r} keeps no archive: {did_you_mean(word, KEEPERS)}, or unit:<name>")
    return keepers.texts() if keepers else ()
