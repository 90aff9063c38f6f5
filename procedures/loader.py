"""Loading a procedure: YAML in, a checked `Procedure` out, or every problem with its file and line."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.consequence import case_procedure
from domain.measures import KEEPING_FROM_ORDERS
from domain.procedure import Procedure, RepeatPolicy
from domain.worktime import Calendar, CalendarError
from procedures.approvals import read_authority
from procedures.archive import read_archive, read_retention
from procedures.calendars import resolve_calendar
from procedures.checks import check_procedure
from procedures.consequences import case_table, read_consequences, read_history, without_customer
from procedures.deadlines import read_clocks
from procedures.endings import read_flags, read_reasons, read_ways
from procedures.facts import all_fields, known_facts
from procedures.forms import read_form
from procedures.money import read_money
from procedures.nodes import Entry, Table, read_file, read_yaml
from procedures.offices import read_offices
from procedures.orders import read_purposes
from procedures.problems import Findings, Place, Problem, ProcedureProblems
from procedures.sheet import Sheet, read_condition, read_title, read_titles
from procedures.steps import read_rounds, read_steps
from procedures.textchecks import used_texts
from procedures.wording import read_notices, read_texts

PACKS = Path(__file__).parent / "packs"
BASE = "base"
CALENDAR_YEARS = range(2025, 2029)
"""Years whose holidays are resolved into a procedure unless it names others: fixed, so that the same file
always compiles to the same procedure."""

_KEYS = (
    "procedure", "version", "extends", "prefix", "organisation", "title", "languages", "calendar", "units",
    "offices", "vocabulary", "defaults", "form", "steps", "rounds", "purposes", "clocks", "notices",
    "reasons", "marks", "flags", "remedies", "major", "repeat", "external_ways", "texts", "money",
    "archive", "top_unit", "contact_notice", "authority", "consequences", "history", "retention",
)  # fmt: skip
LONGEST_NAME = 50
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_CLOSED = Calendar(timezone="UTC", weekly=(((0, 86_400),),) * 7)
"""Stands in for a calendar that has problems; such a procedure is never handed out."""


def load_procedure(source: Path | str) -> Procedure:
    """The procedure in a file, or in a text that has more than one line.

    Raises ProcedureProblems with all that is wrong, and OSError when the file cannot be read.
    """
    procedure, problems = _read(source)
    if problems or procedure is None:
        raise ProcedureProblems(problems)
    return procedure


def check(source: Path | str) -> list[Problem]:
    """Everything that is wrong with the procedure, in order of lines; empty when it can be used."""
    return _read(source)[1]


def packs() -> list[str]:
    """The names of the procedures that are shipped."""
    return sorted(path.stem for path in PACKS.glob("*.yaml") if path.stem != BASE)


@lru_cache
def load_pack(name: str) -> Procedure:
    """A shipped procedure; raises KeyError when there is none of that name."""
    if name not in packs():
        raise KeyError(f"there is no shipped procedure {name!r}; there are {', '.join(packs())}")
    return load_procedure(PACKS / f"{name}.yaml")


def _read(source: Path | str) -> tuple[Procedure | None, list[Problem]]:
    findings = Findings()
    text: str | None
    if isinstance(source, str) and "\n" in source:
        text, file = source, "procedure.yaml"
    else:
        text, file = read_file(Path(source), findings), str(source)
    top = read_yaml(text, file, findings) if text is not None else None
    procedure = None
    if top is not None:
        sheet = Sheet(findings)
        table = top.table(_KEYS)
        units = _names(table.get("units"))
        procedure = _procedure(sheet, table)
        procedure = _measured(replace(procedure, nested=_nested(sheet, table, procedure, units)))
        check_procedure(procedure, sheet, units)
    return procedure, sorted(findings.problems)


def _nested(
    sheet: Sheet, table: Table, procedure: Procedure, units: tuple[str, ...] | None
) -> dict[str, Procedure]:
    """The small procedures by which consequences are handled, each checked like any other."""
    consequences = table.get("consequences")
    found: dict[str, Procedure] = {}
    for name, _, value in consequences.named() if consequences else ():
        case_sheet = sheet.for_case(
            {one.name: one.title for one in procedure.consequences},
            all_fields(procedure),
            known_facts(procedure),
        )
        case = _procedure(case_sheet, case_table(table, value))
        texts = {name: procedure.texts[name] for name in used_texts(case) if name in procedure.texts}
        case = replace(
            case,
            name=case_procedure(procedure.name, name),
            vocabulary={fact: words for fact, words in case.vocabulary.items() if fact != "channel"},
            texts=texts | {name: text for name, text in case.texts.items() if name in used_texts(case)},
        )
        check_procedure(case, case_sheet, units)
        found[case.name] = case
    return found


def _measured(procedure: Procedure) -> Procedure:
    """The procedure and those of its cases, marked where any of these may keep a unit from orders."""
    steps = [step for case in procedure.nested.values() for step in case.steps]
    taken = {measure for step in steps for target in step.outcomes.values() for measure in target.measures}
    if not taken.intersection(KEEPING_FROM_ORDERS):
        return procedure
    nested = {name: replace(case, measured=True) for name, case in procedure.nested.items()}
    return replace(procedure, nested=nested, measured=True)


def _procedure(sheet: Sheet, table: Table) -> Procedure:
    name, title = _head(sheet, table)
    offices = read_offices(sheet, table.get("offices"))
    base = _base(sheet, table)
    notices = read_notices(sheet, base.get("notices")) if base else ()
    if sheet.siblings is not None:
        notices = without_customer(sheet, notices)
    texts = read_texts(sheet, base.get("texts"), table.get("extends")) if base else {}
    vocabulary = _vocabulary(sheet, table)
    form = read_form(sheet, table.get("form"))
    steps = read_steps(sheet, table.need("steps", "the route a complaint takes"))
    unnamed, ways = read_ways(sheet, table.get("external_ways"))
    flags, proven = read_flags(sheet, table.get("flags"))
    purposes = read_purposes(sheet, table.need("purposes", "why orders are given; handle is always needed"))
    return Procedure(
        name=name,
        version=_version(table),
        prefix=_prefix(table),
        title=title,
        calendar=_calendar(table),
        languages=sheet.languages,
        vocabulary=vocabulary,
        fields=form,
        steps=steps,
        purposes=purposes,
        clocks=read_clocks(sheet, table.get("clocks")),
        notices=(*notices, *read_notices(sheet, table.get("notices"))),
        reasons=read_reasons(sheet, table.need("reasons", "the ways a complaint may end")),
        rounds=read_rounds(sheet, table.need("rounds", "where a new round begins")),
        texts=texts | read_texts(sheet, table.get("texts")),
        marks=read_titles(sheet, table.get("marks"), "mark"),
        flags=flags,
        major=_major(sheet, table),
        repeat=_repeat(sheet, table),
        remedies=read_titles(sheet, table.get("remedies"), "remedy"),
        external_ways=unnamed,
        organisation=table.text("organisation"),
        offices=offices,
        top_unit=table.text("top_unit"),
        contact_notice=notice.limit() if (notice := table.get("contact_notice")) else None,
        defaults=_defaults(sheet, table),
        archive=read_archive(sheet, table.get("archive")),
        consequences=read_consequences(
            sheet,
            table.get("consequences"),
            (*sheet.fields.values(), *form, *(field for step in steps for field in step.requires)),
        ),
        history=read_history(sheet, table.get("history")),
        retention=read_retention(table.get("retention")),
        titles=sheet.titles,
        money=read_money(
            sheet, table.get("money"), (*form, *(field for step in steps for field in step.requires))
        ),
        ways=ways,
        authority=read_authority(sheet, table.get("authority")),
        proven_flags=proven,
    )


def _head(sheet: Sheet, table: Table) -> tuple[str, dict[str, str]]:
    """The name and the title; the languages are read first because every title needs them."""
    languages = table.need("languages", "the languages of all titles and texts, for example [en, zh]")
    if languages:
        for item in languages.items():
            if item.text() and not (item.text().isascii() and 2 <= len(item.text()) <= 8):
                item.wrong("name", f"{item.text()!r} is not a language such as en or zh")
        sheet.languages = languages.texts() or ("en",)
    name = _needed(table, "procedure", "the name of the procedure, for example my-company")
    entry = table.get("procedure")
    if entry and (
        len(name) > LONGEST_NAME
        or not all(part.isalnum() and part.isascii() and part == part.lower() for part in name.split("-"))
    ):
        entry.wrong(
            "name",
            f"{name!r} cannot be a name: at most {LONGEST_NAME} lower-case letters and digits with hyphens",
        )
    title = table.need("title", "what the procedure is called")
    return name, read_title(sheet, title) if title else {}


def _needed(table: Table, key: str, what: str) -> str:
    entry = table.need(key, what)
    return entry.text() if entry else ""


def _version(table: Table) -> str:
    entry = table.need("version", 'a version such as "2026.1"')
    if entry is None:
        return ""
    version = entry.text()
    if version and not _VERSION.fullmatch(version):
        entry.wrong(
            "name", f"{version!r} cannot be a version: use at most 40 letters, digits, full stops, - and _"
        )
    return version


def _prefix(table: Table) -> str:
    entry = table.need("prefix", "the beginning of every reference, for example TEL")
    if entry is None:
        return ""
    prefix = entry.text()
    if not (prefix.isascii() and prefix.isalnum() and prefix.isupper() and len(prefix) <= 8):
        entry.wrong("name", f"{prefix!r} cannot begin a reference: use up to 8 capital letters and digits")
    return prefix


def _base(sheet: Sheet, table: Table) -> Table | None:
    """The shared notices and texts a procedure can build on with ``extends: base``."""
    entry = table.get("extends")
    if entry is None:
        return None
    entry.choice((BASE,))
    path = PACKS / f"{BASE}.yaml"
    top = read_yaml(path.read_text(encoding="utf-8"), path.name, sheet.findings)
    return top.table(("notices", "texts")) if top else None


def _calendar(table: Table) -> Calendar:
    entry = table.need("calendar", "the time zone and working hours")
    if entry is None or not entry.is_table:
        if entry:
            entry.table()
        return _CLOSED
    data: dict[str, Any] = entry.plain()
    years = _years(entry.table().get("years"))
    data.pop("years", None)
    try:
        return resolve_calendar(data, years)
    except CalendarError as error:
        _at(entry, error.field).wrong("calendar", f"the calendar cannot be used: {error}")
    return _CLOSED


def _years(entry: Entry | None) -> range:
    if entry is None:
        return CALENDAR_YEARS
    first, dash, last = entry.text().partition("-")
    if dash and first.isdecimal() and last.isdecimal() and 1990 <= int(first) <= int(last) <= 2100:
        return range(int(first), int(last) + 1)
    entry.wrong("range", f"{entry.text()!r} is not a span of years such as 2025-2030")
    return CALENDAR_YEARS


def _at(entry: Entry, path: tuple[str | int, ...]) -> Entry:
    """The innermost value a path leads to."""
    for part in path:
        if isinstance(part, str) and entry.is_table:
            found = entry.table().get(part)
        elif isinstance(part, int) and entry.is_list:
            found = entry.items()[part]
        else:
            found = None
        if found is None:
            return entry
        entry = found
    return entry


def _vocabulary(sheet: Sheet, table: Table) -> dict[str, tuple[str, ...]]:
    entry = table.need("vocabulary", "the facts a route depends on and their words, for example kind")
    found: dict[str, tuple[str, ...]] = {}
    for name, key, value in entry.named() if entry else ():
        fact = value.table(("title", "words"))
        sheet.put("vocabulary", name, key)
        title = fact.need("title", "what the fact is called")
        sheet.titles[name] = read_title(sheet, title) if title else {}
        words = fact.need("words", "the words to choose from, each with its title")
        found[name] = read_titles(sheet, words, name)
    return found


def _major(sheet: Sheet, table: Table) -> tuple[Any, ...]:
    entry = table.get("major")
    return tuple(read_condition(sheet, item) for item in entry.items()) if entry else ()


def _repeat(sheet: Sheet, table: Table) -> RepeatPolicy | None:
    entry = table.get("repeat")
    if entry is None:
        return None
    policy = entry.table(("match", "days"))
    match = policy.need("match", "the facts that must be the same, for example [matter]")
    days = policy.need("days", "how many days back, for example 30")
    sheet.put("repeat", "match", match or entry)
    return RepeatPolicy(match.texts() if match else (), days.whole(1, 3660) if days else 1)


def _defaults(sheet: Sheet, table: Table) -> dict[str, str]:
    entry = table.get("defaults")
    found: dict[str, str] = {}
    for name, key, value in entry.named() if entry else ():
        sheet.put("default", name, key)
        found[name] = value.text()
    return found


def _names(entry: Entry | None) -> tuple[str, ...] | None:
    return entry.texts() if entry else None


__all__ = ["CALENDAR_YEARS", "Place", "check", "load_pack", "load_procedure", "packs"]
