"""Reading clocks: when a deadline runs, how long, and the ladder of those who hear of it."""

from __future__ import annotations

import re

from domain.clockrule import ClockRule, Rung
from domain.conditions import Condition
from domain.draft import AGREED_STOPS
from domain.fields import FieldType
from domain.worktime import Limit
from procedures.nodes import Entry, Table
from procedures.offices import read_posts
from procedures.sheet import Sheet, read_condition, read_title, read_trigger

_KEYS = (
    "title", "per", "starts", "stops", "limit", "limits", "until",
    "day_end", "pausable", "rearm", "expires", "ladder",
)  # fmt: skip
_SHARE = re.compile(r"([0-9]{1,3})\s*%")


def read_clocks(sheet: Sheet, entry: Entry | None) -> tuple[ClockRule, ...]:
    """The clock rules, by name."""
    return tuple(_read_clock(sheet, name, key, value) for name, key, value in entry.named()) if entry else ()


def _read_clock(sheet: Sheet, name: str, key: Entry, entry: Entry) -> ClockRule:
    table = entry.table(_KEYS)
    sheet.put("clock", name, key)
    if name in AGREED_STOPS:
        key.wrong("name", f"the name {name!r} is kept for what is agreed with the customer; choose another")
    title = table.need("title", "what the deadline is called")
    starts = table.need("starts", "what starts the clock, for example dispatched")
    stops = table.get("stops")
    per, day_end = table.get("per"), table.get("day_end")
    pausable, rearm, ladder = table.get("pausable"), table.get("rearm"), table.get("ladder")
    return ClockRule(
        name=name,
        title=read_title(sheet, title) if title else {},
        starts=_read_triggers(sheet, starts),
        stops=_read_triggers(sheet, stops),
        limits=_read_limits(sheet, table),
        until=_read_until(sheet, table),
        per="order" if per and per.choice(("complaint", "order")) == "order" else "complaint",
        day_end="same_time" if day_end and day_end.choice(("close", "same_time")) == "same_time" else "close",
        pausable=pausable.yes_no() if pausable else True,
        rearm=rearm.yes_no() if rearm else False,
        expires=table.text("expires"),
        ladder=tuple(_read_rung(sheet, item) for item in ladder.items()) if ladder else (),
    )


def _read_triggers(sheet: Sheet, entry: Entry | None) -> tuple[str, ...]:
    return tuple(read_trigger(sheet, item) for item in entry.items()) if entry else ()


def _read_until(sheet: Sheet, table: Table) -> str:
    """The form field with the day on which it is due."""
    entry = table.get("until")
    if entry is None:
        return ""
    sheet.chosen.append((entry.place, entry.text(), FieldType.DATE))
    return entry.text()


def _read_limits(sheet: Sheet, table: Table) -> tuple[tuple[Condition, Limit], ...]:
    single, several = table.get("limit"), table.get("limits")
    if single is None and several is None and table.get("until"):
        return ()
    if (single is None) == (several is None):
        table.entry.wrong("missing", "say how long it may take: either 'limit: 24h' or a list of 'limits'")
    if single is not None:
        return ((Condition(), single.limit()),)
    found: list[tuple[Condition, Limit]] = []
    for item in several.items() if several else ():
        if found and found[-1][0] == Condition():
            item.wrong("unreachable", "a limit above holds always, so this one never counts; put it before")
        if not item.is_table:
            found.append((Condition(), item.limit()))
            continue
        row = item.table(("limit", "when"))
        limit = row.need("limit", "how long it may take, for example 24h")
        found.append((read_condition(sheet, row.get("when")), limit.limit() if limit else Limit(1, "h")))
    return tuple(found)


def _read_rung(sheet: Sheet, entry: Entry) -> Rung:
    """``at`` is ``80%``, ``due`` or ``after 4h``; ``tell`` names posts, roles or offices."""
    table = entry.table(("at", "tell"))
    at = table.need("at", "when they are told: a share such as 80%, due, or after 4h")
    to = read_posts(sheet, table.need("tell", "who is told, for example unit_head"), with_customer=False)
    text = at.text() if at else "due"
    share = _SHARE.fullmatch(text)
    if share and at:
        if not 1 <= int(share[1]) <= 99:
            at.wrong("range", f"{text} is out of range: a share lies between 1% and 99%; write due for 100%")
            return Rung(to, share=99)
        return Rung(to, share=int(share[1]))
    if text.startswith("after ") and at:
        try:
            return Rung(to, after=Limit.parse(text.removeprefix("after ")))
        except ValueError:
            at.wrong("limit", f"{text!r} is not understood: write for example after 4h or after 1wd")
    elif text != "due" and at:
        at.wrong("limit", f"{text!r} is not understood: write a share such as 80%, due, or after 4h")
    return Rung(to)
