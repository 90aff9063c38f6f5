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
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from procedures import diagram

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


def skipped(duration: str | timedelta) -> str:
    """That time passes."""
    passing = duration if isinstance(duration, str) else str(duration).split(".", 1)[0]
    return f"{passing} later"


def _words(body: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}={value}" if isinstance(value, str) else f"{name}:={_plain(value)}"
        for name, value in body.items()
    ]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def section(
    title: str,
    lines: Iterable[str],
    view: Mapping[str, Any],
    messages: Iterable[Mapping[str, Any]],
    ledger: Iterable[tuple[str, ...]],
) -> str:
    """The worked case in Markdown: the commands, who was told what, the clocks and the money."""
    told = [(m["template"], _who(m), m["subject"]) for m in messages]
    clocks = [
        (c["id"], c["title"], c["limit"], _minute(c["due_at"]), _minute(c["breached_at"]), c["state"])
        for c in view["clocks"]
    ]
    parts = [f"## A worked case: {title}", "```console\n" + "\n".join(lines) + "\n```"]
    parts += ["Who was told:", _table(("text", "to", "subject"), told)]
    parts += ["Its clocks:", _table(("clock", "title", "limit", "due", "breached", "state"), clocks)]
    if booked := [tuple(map(_account, line)) for line in ledger]:
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
        else f"{message['recipient_name']} ({message['post']})"
    )


def _account(cell: str) -> str:
    """An account as people call it; the customer's own has a number."""
    return "the customer" if cell.startswith("customer") else cell


def _minute(at: str | None) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M}" if at else "–"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)
