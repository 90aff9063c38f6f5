"""Reading what becomes of closed complaints: whose archives they go to, and how long they are kept."""

from __future__ import annotations

from domain.archive import KEEPERS, UNIT
from domain.retention import Retention
from domain.worktime import Limit, LimitError
from procedures.nodes import Entry
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet

A_CENTURY = 36_525


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


def read_retention(entry: Entry | None) -> Retention | None:
    """``retention: {keep: 1095d, then: anonymise}``: how long closed complaints are kept, and then what."""
    if entry is None:
        return None
    table = entry.table(("keep", "then"))
    keep = table.need("keep", "how long a closed complaint is kept, for example 1095d (three years)")
    then = table.need("then", "what is done with it then, anonymise or delete")
    days = _days(keep) if keep else 1
    what = then.choice(("anonymise", "delete")) if then else "anonymise"
    return Retention(days, "delete" if what == "delete" else "anonymise")


def _days(entry: Entry) -> int:
    """The days of a limit in days or weeks, up to a century: longer than any other limit may be."""
    text = entry.text()
    try:
        limit = Limit.parse(text)
    except LimitError:
        limit = Limit(0, "d")
    if limit.unit in ("d", "w") and 0 < limit.days <= A_CENTURY:
        return limit.days
    entry.wrong("limit", f"{text!r} is no time to keep things: write days or weeks, such as 1095d or 520w")
    return 1
