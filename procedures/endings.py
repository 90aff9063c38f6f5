"""Reading how complaints end: closing reasons, ways outside, and flags that need an attachment."""

from __future__ import annotations

from domain.closing import ClosingReason, ExternalWay
from domain.evidence import KINDS
from domain.procedure import Procedure
from domain.rules.ending import WITHDRAWN
from procedures.nodes import Entry
from procedures.offices import read_roles
from procedures.problems import one_of
from procedures.sheet import Sheet, read_condition, read_title


def read_reasons(sheet: Sheet, entry: Entry | None) -> tuple[ClosingReason, ...]:
    """The ways a complaint may end, by name."""
    found = []
    for name, key, value in entry.named() if entry else ():
        table = value.table(("title", "by", "needs_note", "satisfied", "final", "refer"))
        sheet.put("reason", name, key)
        title = table.need("title", "what it is called")
        said = {word: table.get(word) for word in ("needs_note", "satisfied", "final", "refer")}
        found.append(
            ClosingReason(
                name=name,
                title=read_title(sheet, title) if title else {},
                by=read_roles(sheet, table.get("by")),
                **{word: value.yes_no() for word, value in said.items() if value},
            )
        )
    return tuple(found)


def read_ways(
    sheet: Sheet, entry: Entry | None
) -> tuple[tuple[dict[str, str], ...], tuple[ExternalWay, ...]]:
    """Who outside a customer can turn to: a list of titles, or a table by name with ``when`` each is open."""
    if entry is None:
        return (), ()
    if entry.is_list:
        return tuple(read_title(sheet, item) for item in entry.items()), ()
    found = []
    for name, key, value in entry.named():
        table = value.table(("title", "when"))
        sheet.put("way", name, key)
        title = table.need("title", "who it is and how to reach them")
        when = read_condition(sheet, table.get("when"))
        found.append(ExternalWay(name, read_title(sheet, title) if title else {}, when))
    return (), tuple(found)


def read_flags(sheet: Sheet, entry: Entry | None) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The flags, and those of them that need an attachment, with the kinds of evidence that will do."""
    flags: list[str] = []
    proven: dict[str, tuple[str, ...]] = {}
    for name, _, value in entry.named() if entry else ():
        title = value.table().get("title") if value.is_table else None
        if title:
            needs = value.table(("title", "needs_attachment")).get("needs_attachment")
            if needs:
                _read_proof(needs, name, proven)
        flags.append(name)
        sheet.titles[f"flag.{name}"] = read_title(sheet, title or value)
    return tuple(flags), proven


def _read_proof(entry: Entry, flag: str, proven: dict[str, tuple[str, ...]]) -> None:
    """``true``: any file will do; else one or more kinds of evidence."""
    if entry.is_list or entry.text() in KINDS:
        proven[flag] = tuple(item.choice(KINDS) for item in entry.items())
    elif entry.text().lower() not in ("true", "false"):
        entry.wrong("word", f"write true, or a kind of evidence: {one_of(KINDS)}")
    elif entry.yes_no():
        proven[flag] = ()


def check_reasons(procedure: Procedure, sheet: Sheet) -> None:
    """There is a good end, customers can withdraw, no reason is idle, and who refers names somebody."""
    if not procedure.reasons:
        return
    first = sheet.place("reason", procedure.reasons[0].name)
    names = [reason.name for reason in procedure.reasons]
    if WITHDRAWN not in names:
        message = f"the closing reason {WITHDRAWN!r} is missing: customers may always withdraw"
        sheet.findings.add(first, "reason", message)
    satisfied = [reason.name for reason in procedure.reasons if reason.satisfied]
    if not satisfied:
        message = "no closing reason is marked 'satisfied: true', so a complaint could never end well"
        sheet.findings.add(first, "reason", message)
    for name in satisfied[1:]:
        message = f"only one reason is 'satisfied: true'; {satisfied[0]!r} is already"
        sheet.findings.add(sheet.place("reason", name), "reason", message)
    _check_used(procedure, sheet, {WITHDRAWN, *satisfied})


def _check_used(procedure: Procedure, sheet: Sheet, by_route: set[str]) -> None:
    by_route |= {procedure.rounds.then}
    by_route |= {
        target.name for step in procedure.steps for target in step.outcomes.values() if target.go == "close"
    }
    for reason in procedure.reasons:
        place = sheet.place("reason", reason.name)
        if not reason.by and reason.name not in by_route:
            message = f"nothing ever closes as {reason.name!r}: give it 'by' or lead an outcome to it"
            sheet.findings.add(place, "reason", message)
        if reason.refer and not procedure.ways:
            message = (
                f"{reason.name!r} refers to somebody outside, but nobody is named: write external_ways by "
                "name, for example external_ways: {consumer_association: {title: {…}}}"
            )
            sheet.findings.add(place, "refer", message)
