"""What the commands on units and people share: the connections, who asks, what is typed and what is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_commands.terminal import USAGE, Failure, console, print_json, say

if TYPE_CHECKING:
    from services.connect import Connections
    from services.directory import PersonDetail, UnitDetail

Instant = Annotated[
    str, typer.Option(help="Instant with offset, such as 2027-03-01T09:00:00+08:00.", show_default="now")
]


def with_connections(work: Callable[[Connections], Awaitable[Any]]) -> Any:
    """What the work gives that is handed database and Temporal."""
    from cli_commands.site import open_connections, run

    async def go() -> Any:
        async with open_connections() as connections:
            return await work(connections)

    return run(go())


def by() -> Any:
    """Who works at the command line of the installation itself administers it."""
    from domain.commands import Actor
    from domain.roles import ADMINISTRATOR

    return Actor("system:command-line", (ADMINISTRATOR,))


def instant(text: str) -> datetime | None:
    """An instant as typed, None for nothing; Failure for one that is none or has no offset."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"{text!r} is no instant such as 2027-03-01T09:00:00+08:00.", USAGE) from error
    if at.tzinfo is None:
        raise Failure(f"{text!r} needs its offset from UTC, such as +08:00.", USAGE)
    return at


def pairs(given: Sequence[str]) -> dict[str, str]:
    """What was typed as ``name=value``, as a table."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise Failure(f"{text!r} is not of the form en=Northern desk.", USAGE)
        found[name] = value
    return found


def told(found: UnitDetail | PersonDetail, as_json: bool) -> None:
    """Print a unit or a person with all that is known."""
    data = asdict(found)
    if as_json:
        print_json(data)
        return
    for name, value in data.items():
        if isinstance(value, list):
            for one in value:
                say(f"{name:>16}  {', '.join(f'{k} {_short(v)}' for k, v in one.items() if v)}")
        elif value not in ("", None, {}):
            shown = name_of(value) if isinstance(value, Mapping) else _short(value)
            say(f"{name:>16}  {shown}")


def _short(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M %Z}" if isinstance(value, datetime) else str(value)


def name_of(names: Mapping[str, str]) -> str:
    """A name in every language it has."""
    return " / ".join(names.values())


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below their names."""
    from rich.table import Table

    table = Table(*names, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for row in rows:
        table.add_row(*row)
    console().print(table)
