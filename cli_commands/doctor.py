"""`putright doctor`: looks at everything Putright depends on and says in plain words what to mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import typer

from cli_commands.terminal import AsJson, Failure, console, print_json

if TYPE_CHECKING:
    from settings import Settings

State = Literal["ok", "look", "wrong"]
SIGNS: Mapping[State, str] = {"ok": "[green]ok[/]", "look": "[yellow]look[/]", "wrong": "[bold red]wrong[/]"}


@dataclass(frozen=True)
class Finding:
    """What was found about one thing: in order, worth a look, or wrong; and what to do about it."""

    what: str
    state: State
    found: str
    mend: str = ""


def doctor(as_json: AsJson = False) -> None:
    """Look at every part: PostgreSQL, Temporal, workers, mail, API, procedures, people, and the data itself.

    Says in plain words what to mend. Exit code 1 when something is wrong; `look` alone is no reason for it.

    \b
    putright doctor
    putright doctor --json | jq '.[] | select(.state != "ok")'
    """
    from cli_commands.site import run

    found = run(examine())
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        _show(found)
    if any(finding.state == "wrong" for finding in found):
        raise typer.Exit(1)


async def examine() -> list[Finding]:
    """Every finding about the configured installation, the foundations first."""
    from cli_commands import data_checks, part_checks
    from cli_commands.site import open_database, site_settings

    try:
        settings = site_settings()
    except Failure as failure:
        return [Finding("PostgreSQL", "wrong", "there is none", str(failure)), *await _parts(None)]
    async with open_database(settings) as database:
        ground = await data_checks.foundation(database)
        found = [*ground, *await _parts(settings), *await part_checks.channels(settings, database)]
        if all(finding.state == "ok" for finding in ground):
            found += await data_checks.contents(database)
            found += await part_checks.workflows(settings, database)
            found += await part_checks.duty(database)
    return found


async def _parts(settings: Settings | None) -> list[Finding]:
    """Findings about what runs beside the database; each part is looked at whatever the others say."""
    from cli_commands import part_checks
    from settings import Settings as Given

    given = settings or Given()
    return [
        *await part_checks.temporal(given),
        *await part_checks.mail(given),
        *await part_checks.api(given),
    ]


def _show(found: list[Finding]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found:
        table.add_row(SIGNS[finding.state], finding.what, escape(finding.found))
        if finding.mend:
            table.add_row("", "", f"[bold]→ {escape(finding.mend)}[/]")
    out = console()
    out.print(table)
    wrong = sum(finding.state == "wrong" for finding in found)
    if wrong:
        out.print(f"[bold red]{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.[/]")
    else:
        out.print("[green]Nothing is wrong.[/]")
