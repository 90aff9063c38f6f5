"""A worked case for a procedure's page: what a story test asked for and what came of it, as it really was.

A story test ends with ``await case.worked("Title of the case")``. Run with ``--write-cases``, it writes the
case into ``docs/procedures/<procedure>.md``, between the markers or at the page's end:

    .venv/bin/python -m pytest tests/rules/test_courier_story.py --write-cases

It also keeps the history of the workflow's last run among those that are replayed (``tests/workflows``).
Without the option nothing is written, but page and history must be there.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.procedure import Procedure
from procedures import diagram
from procedures.organisation import Post, load_shipped

HISTORIES = Path(__file__).parents[1] / "workflows" / "histories"

BEGIN = (
    "<!-- a worked case, written by its story test with `--write-cases`; change the test, not this part -->"
)
END = "<!-- end of the worked case -->"


def opening(procedure: str, by: str, body: Mapping[str, Any]) -> str:
    """The command that opens such a complaint."""
    facts = {**body.get("facts", {}), **body.get("form", {})}
    words = [f"{name}={_plain(value)}" for name, value in facts.items()]
    for name in ("title", "channel", "unit"):
        if body.get(name):
            words += [f"--{name}", str(body[name])]
    if customer := body.get("customer", {}).get("name"):
        words += ["--customer", customer]
    return shlex.join(["putright", "open", procedure, *words, "--as", by])


def command(ref: str, verb: str, by: str, body: Mapping[str, Any]) -> str:
    """The command by which a person does something with a complaint."""
    return shlex.join(["putright", "act", ref, verb, *_words(body), "--as", by])


def by_link(verb: str, body: Mapping[str, Any]) -> str:
    """What the customer does by the private link."""
    return f"# the customer, by the private link: {shlex.join([verb, *_words(body)])}"


def attaching(ref: str, name: str, by: str, evidence: str) -> str:
    """The command by which a person adds a file."""
    said = ["--evidence", evidence] if evidence else []
    return shlex.join(["putright", "attach", ref, name, *said, "--as", by])


def skipped(duration: str | timedelta) -> str:
    """That time passes."""
    if isinstance(duration, str):
        return f"{duration} later"
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "hours"), (minutes, "minutes"), (seconds, "seconds"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) + " later"


def _words(body: Mapping[str, Any], before: str = "") -> list[str]:
    """The fields of a command as they are typed; those of a table by its name and theirs."""
    words = []
    for name, value in body.items():
        if isinstance(value, str):
            words.append(f"{before}{name}={value}")
        elif isinstance(value, Mapping):
            words += _words(value, f"{before}{name}.")
        else:
            words.append(f"{before}{name}:={_plain(value)}")
    return words


def shortened(line: str, ids: Iterable[str]) -> str:
    """The line with the ids of files cut: whoever reads it is to see which is which, no more."""
    for one in ids:
        line = line.replace(one, one[:8])
    return line


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def section(
    title: str,
    procedure: Procedure,
    lines: Sequence[str],
    view: Mapping[str, Any],
    messages: Iterable[Mapping[str, Any]],
    ledger: Iterable[tuple[str, ...]],
) -> str:
    """The worked case in Markdown: what was done by whom, who was told what, the deadlines and the money."""
    zone = ZoneInfo(procedure.calendar.timezone)
    told = [(m["template"].replace("_", " "), _who(m), m["subject"]) for m in messages]
    clocks = [
        (
            c["title"],
            c["id"],
            c["limit"],
            _minute(c["due_at"], zone),
            _minute(c["breached_at"], zone),
            c["state"],
        )
        for c in view["clocks"]
    ]
    parts = [f"## A worked case: {title}", "```console\n" + "\n".join(lines) + "\n```"]
    parts += ["Who acted:", _table(("id", "name", "post"), _actors(lines))]
    parts += ["Who was told:", _table(("text", "to", "subject"), told)]
    head = ("deadline", "clock", "limit", "due", "missed", "state")
    parts += [f"Its deadlines, in the time of {zone.key}:", _table(head, clocks)]
    if booked := [_line(procedure, line) for line in ledger]:
        parts += ["Its money:", _table(("entry", "from", "to", "amount"), booked)]
    return "\n\n".join(parts)


def write(procedure: str, part: str) -> None:
    """Put the worked case into the procedure's page."""
    path = diagram.DOCS / "procedures" / f"{procedure}.md"
    page = path.read_text("utf-8")
    if BEGIN not in page:
        page = f"{page.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = page.partition(BEGIN)
    path.write_text(f"{before}{BEGIN}\n\n{part}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def history_of(procedure: str) -> Path:
    """Where the history of a procedure's story is committed; it is replayed with all others."""
    return HISTORIES / f"{procedure.replace('-', '_')}_story-1.json"


def is_written(procedure: str) -> bool:
    """Whether the procedure's page holds a worked case, and its history is kept."""
    path = diagram.DOCS / "procedures" / f"{procedure}.md"
    return path.is_file() and BEGIN in path.read_text("utf-8") and history_of(procedure).is_file()


def _who(message: Mapping[str, Any]) -> str:
    return (
        "the customer"
        if message["post"] == "customer"
        else f"{message['recipient_name']} ({message['post'].replace('_', ' ')})"
    )


def _actors(lines: Iterable[str]) -> list[tuple[str, str, str]]:
    """Everybody who gave a command, in order: id, name, and the posts they hold."""
    ids = dict.fromkeys(line.rpartition(" --as ")[2] for line in lines if " --as " in line)
    people = {one.id: one for found in load_shipped().values() for one in found.people}
    return [(one, people[one].name, ", ".join(map(_post, people[one].posts))) for one in ids]


def _post(held: Post) -> str:
    role = held.role.replace("_", " ")
    return f"{role} of {_named(f'unit:{held.unit}')}" if held.unit else role


def _line(procedure: Procedure, line: tuple[str, ...]) -> tuple[str, ...]:
    """A line of the ledger as people say it."""
    name, source, target, amount = line
    entry = procedure.money.entry(name) if procedure.money else None
    return (entry.title.get("en", name) if entry else name, _named(source), _named(target), amount)


def _named(account: str) -> str:
    """An account as people call it: whose it is; the customer's own has a number, which nobody knows."""
    kind, _, one = account.partition(":")
    if kind == "customer":
        return "the customer"
    for found in load_shipped().values():
        names = {f"unit:{unit.id}": unit.name.get("en", unit.id) for unit in found.units}
        names |= {f"person:{person.id}": person.name for person in found.people}
        if account in names:
            return names[account]
    return one or account


def _minute(at: str | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(at).astimezone(zone):%Y-%m-%d %H:%M}" if at else "–"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)
