"""Reading consequences: what raises them, and the small procedure by which each is handled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from domain.consequence import ABOUT, CHOSEN, Consequence, HistoryRule, Way
from domain.fields import FieldType, FormField
from domain.notice import Notice
from procedures.nodes import Entry, Table
from procedures.offices import read_roles
from procedures.sheet import Sheet, read_condition, read_title, read_trigger

_WAY = ("title", "about", "on", "when")
_RAISING = (*_WAY, "by", "ways")
_OWN = (
    "steps", "rounds", "purposes", "clocks", "notices", "reasons", "marks", "flags", "remedies", "major",
    "texts", "money", "authority",
)  # fmt: skip
INHERITED = (
    "procedure", "version", "extends", "prefix", "organisation", "languages", "calendar", "offices",
    "vocabulary", "defaults", "history", "top_unit", "archive", "retention",
)  # fmt: skip
"""What a case takes over from the procedure it belongs to."""

_DONE = {"en": "completed", "zh": "已办结"}
_WITHDRAWN = {"en": "withdrawn", "zh": "已撤销"}
_BOOL = "tag:yaml.org,2002:bool"
_TEXT = "tag:yaml.org,2002:str"
_MAP = "tag:yaml.org,2002:map"


def read_consequences(
    sheet: Sheet, entry: Entry | None, fields: tuple[FormField, ...]
) -> tuple[Consequence, ...]:
    """What raises each consequence. ``fields`` are those in which somebody may be chosen.

    In a case these are the other consequences it ``raises``, whose titles stand where they are described.
    """
    found = []
    for name, key, value in entry.named() if entry else ():
        table = value.table(_RAISING[1:] if sheet.siblings is not None else (*_RAISING, *_OWN, "raises"))
        sheet.put("consequence", name, key)
        if sheet.siblings is None:
            title = table.need("title", "what the consequence is called")
            titles: Mapping[str, str] = read_title(sheet, title) if title else {}
            sheet.titles[f"raised.{name}"] = dict(titles)
        else:
            titles = sheet.siblings.get(name, {})
        found.append(_read_raising(sheet, name, table, titles, fields))
    return tuple(found)


def _read_raising(
    sheet: Sheet, name: str, table: Table, title: Mapping[str, str], fields: tuple[FormField, ...]
) -> Consequence:
    several = table.get("ways")
    ways = [_read_way(sheet, "", table, fields)]
    for way, key, value in several.named() if several else ():
        row = value.table(_WAY)
        told = row.get("title")
        if told:
            sheet.titles[f"raised.{name}.{way}"] = read_title(sheet, told)
        if not row.get("on"):
            key.wrong("missing", f"'on' is missing: what raises it in the way {way!r}")
        ways.append(_read_way(sheet, way, row, fields))
    return Consequence(name=name, title=title, ways=tuple(ways), by=read_roles(sheet, table.get("by")))


def _read_way(sheet: Sheet, name: str, table: Table, fields: tuple[FormField, ...]) -> Way:
    about, on = table.get("about"), table.get("on")
    whom = about.text() if about else "unit"
    chosen = next((f for f in fields if whom == f"{CHOSEN}{f.name}"), None)
    somebody = chosen is not None and chosen.type in (FieldType.UNIT, FieldType.PERSON)
    if about and whom not in ABOUT and not somebody:
        about.wrong(
            "unit",
            f"{whom!r} is nobody a case could be about: use unit (the one complained of), order_unit, or "
            f"{CHOSEN}<a field of the type unit or person>",
        )
    return Way(
        name=name,
        on=tuple(read_trigger(sheet, item) for item in on.items()) if on else (),
        when=read_condition(sheet, table.get("when")),
        about=whom,
        of_person=chosen is not None and chosen.type is FieldType.PERSON,
    )


def read_history(sheet: Sheet, entry: Entry | None) -> tuple[HistoryRule, ...]:
    """The counts of earlier cases: ``name: {same: [unit, matter], days: 180}``."""
    found = []
    for name, key, value in entry.named() if entry else ():
        table = value.table(("title", "same", "days", "consequence", "with", "ended"))
        sheet.put("history", name, key)
        same = table.need("same", "what must be the same, for example [unit, matter]")
        days = table.need("days", "how many days back, for example 180")
        title = table.get("title")
        if title:
            sheet.titles[f"history.{name}"] = read_title(sheet, title)
        having, ended = table.get("with"), table.get("ended")
        found.append(
            HistoryRule(
                name=name,
                same=same.texts() if same else (),
                days=days.whole(1, 3660) if days else 1,
                consequence=table.text("consequence"),
                having={fact: item.condition_value() for fact, _, item in having.named()} if having else {},
                ended=ended.texts() if ended else (),
            )
        )
    return tuple(found)


def without_customer(sheet: Sheet, notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """The shared notices without those to customers, whom a consequence does not have."""
    kept = [number for number, notice in enumerate(notices) if "customer" not in notice.to]
    sheet.notices[:] = [sheet.notices[number] for number in kept]
    return tuple(notices[number] for number in kept)


def case_table(parent: Table, entry: Entry) -> Table:
    """The table of the small procedure in ``entry``: its own rows, what it takes over, what is usual."""
    own = entry.table((*_RAISING, *_OWN, "raises"))
    rows = {key: parent.rows[key] for key in INHERITED if key in parent.rows}
    rows |= {key: own.rows[key] for key in ("title", *_OWN) if key in own.rows}
    if "raises" in own.rows:
        rows["consequences"] = own.rows["raises"]
    languages = parent.get("languages")
    tongues = languages.texts() if languages else ("en",)
    title = own.get("title")
    usual = _usual(title.node if title else _node(dict.fromkeys(tongues, "…"), entry), tongues)
    if "steps" in rows:
        first = next(iter(rows["steps"][1].table().rows), "")
        usual["rounds"] = {"start_at": first}
    for key, value in usual.items():
        made = Entry(_node(value, entry), entry.file, entry.findings)
        if key not in rows:
            rows[key] = (entry, made)
        elif key in ("purposes", "reasons"):
            rows[key] = (rows[key][0], _completed(rows[key][1], made, only=_ALWAYS[key]))
    return Table(entry, rows)


_ALWAYS = {"purposes": "handle", "reasons": "withdrawn"}
"""What every procedure has to have, so that nobody needs to write it for a small one."""


def _usual(title: yaml.Node, tongues: tuple[str, ...]) -> dict[str, Any]:
    """The usual parts: the unit concerned carries it out, then the case is completed."""

    def said(words: Mapping[str, str]) -> dict[str, str]:
        return {tongue: words.get(tongue, words["en"]) for tongue in tongues}

    return {
        "steps": {"carry_out": {"kind": "handle", "title": title, "to": "subject"}},
        "rounds": {"start_at": "carry_out"},
        "purposes": {"handle": {"title": title}},
        "reasons": {
            "done": {"title": said(_DONE), "satisfied": True},
            "withdrawn": {"title": said(_WITHDRAWN)},
        },
    }


def _completed(written: Entry, usual: Entry, only: str) -> Entry:
    """The table as written, with the row ``only`` of the usual one when it lacks that."""
    if not isinstance(written.node, yaml.MappingNode) or not isinstance(usual.node, yaml.MappingNode):
        return written
    if any(getattr(key, "value", None) == only for key, _ in written.node.value):
        return written
    added = [row for row in usual.node.value if row[0].value == only]
    node = yaml.MappingNode(
        _MAP, [*written.node.value, *added], written.node.start_mark, written.node.end_mark
    )
    return Entry(node, written.file, written.findings)


def _node(value: Any, at: Entry) -> yaml.Node:
    """``value`` as if it were written where ``at`` stands."""
    marks = at.node.start_mark, at.node.end_mark
    if isinstance(value, yaml.Node):
        return value
    if isinstance(value, bool):
        return yaml.ScalarNode(_BOOL, "true" if value else "false", *marks)
    if isinstance(value, dict):
        rows = [(yaml.ScalarNode(_TEXT, key, *marks), _node(item, at)) for key, item in value.items()]
        return yaml.MappingNode(_MAP, rows, *marks)
    return yaml.ScalarNode(_TEXT, str(value), *marks)
