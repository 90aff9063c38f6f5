"""`putright retention`: what may not be kept any longer is taken away, or shown."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli_commands.terminal import USAGE, WRONG, AsJson, Failure, console, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.retention import Expired, Kept

MOST = 1000


def retention(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would go; change nothing.")
    ] = False,
    at: Annotated[
        str, typer.Option(help="With --dry-run: as of this day, such as 2029-01-31.", show_default="today")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Anonymise or delete the closed complaints whose time has come, as their procedures say.

    A schedule does this every night; this command does it now. The exit code is 1 when a complaint was left
    because its events are not what was recorded.

    \b
    putright retention --dry-run
    putright retention
    """
    if at and not dry_run:
        raise Failure("--at goes with --dry-run: nothing is taken away before its time.", USAGE)
    if dry_run:
        _show(_moment(at), as_json)
    else:
        _run(as_json)


def _moment(at: str) -> datetime:
    if not at:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(at).replace(tzinfo=UTC)
    except ValueError as error:
        raise Failure(f"{at!r} is no day such as 2029-01-31.", USAGE) from error


def _show(at: datetime, as_json: bool) -> None:
    from cli_commands.site import open_connections, run
    from services.retention import would_go

    async def look() -> Sequence[Expired]:
        async with open_connections() as connections:
            return await would_go(connections, at, limit=MOST)

    found = run(look())
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        say("Nothing: every closed complaint may still be kept.")
        return
    from rich.table import Table

    table = Table("complaint", "procedure", "what", "closed", "time came", title=None)
    for one in found:
        closed, came = f"{one.closed_at:%Y-%m-%d}", f"{one.due_at:%Y-%m-%d}"
        table.add_row(one.ref, f"{one.procedure} {one.version}", one.then, closed, came)
    console().print(table)
    more = f"The first {MOST} of them." if len(found) == MOST else ""
    say(f"{len(found)} complaints would go. {more}".strip())


def _run(as_json: bool) -> None:
    from cli_commands.site import open_connections, run
    from services.retention import run_now

    async def work() -> Kept:
        async with open_connections() as connections:
            return await run_now(connections)

    done = run(work())
    if as_json:
        print_json(asdict(done))
    else:
        say(f"{done.anonymised} complaints were anonymised, {done.deleted} deleted.")
    if done.broken:
        say(f"Left, because their events are not what was recorded: {', '.join(done.broken)}", stderr=True)
        raise typer.Exit(WRONG)
