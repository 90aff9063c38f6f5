"""`putright import`: complaints from a CSV file, with progress, interrupted and gone on with at will."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli_commands.terminal import UNAVAILABLE, USAGE, AsJson, Failure, console, print_json, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from services.connect import Connections
    from services.importing import Job, Progress

STUCK_SECONDS = 15.0


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The CSV file.")],
    *,
    format: Annotated[str, typer.Option("--format", "-f", help="cfpb or nyc311.")],
    procedure: Annotated[str, typer.Option("--procedure", "-p", help="Procedure the complaints follow.")],
    as_of: Annotated[
        str, typer.Option(help="Clocks start `now`, or when it was `received`, however long ago.")
    ] = "now",
    owner: Annotated[
        str, typer.Option(help="Who tracks them: person:ID.", show_default="system:import")
    ] = "",
    unit: Annotated[str, typer.Option(help="The unit complained of, in all rows.")] = "",
    limit: Annotated[int | None, typer.Option(min=0, help="Only the first so many rows.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where dirty rows go.", show_default="FILE.rejects.csv")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; store nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every workflow was started.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open a complaint for every row of a file that is not one already.

    It may be interrupted at any time: run again, it goes on where it was, and no row is taken in twice.
    Dirty rows go to the reject file with the reason; the exit code is 0 all the same.

    \b
    putright import complaints.csv --format cfpb --procedure consumer-finance
    putright import requests.csv -f nyc311 -p consumer-finance --limit 1000 --wait
    putright import complaints.csv -f cfpb -p consumer-finance --dry-run --rejects /tmp/rejects.csv
    """
    from services.importing import Job

    if as_of not in ("now", "received"):
        raise Failure("--as-of is now or received", USAGE)
    start: Literal["now", "received"] = "received" if as_of == "received" else "now"
    path = rejects or file.with_name(f"{file.name}.rejects.csv")
    if path.resolve() == file.resolve():
        raise Failure("The reject file would overwrite the file itself.", USAGE)
    job = Job(
        path=file,
        format=format,
        procedure=procedure,
        rejects=path,
        as_of=start,
        owner=owner,
        unit=unit,
        limit=limit,
        dry_run=dry_run,
    )
    from cli_commands.site import run

    try:
        done, seconds = run(_through(job, wait=wait and not dry_run, quiet=as_json))
    except KeyboardInterrupt:
        say("Interrupted. Run the same command again: it goes on where it was.", style="yellow", stderr=True)
        raise
    _summary(job, done, seconds, as_json=as_json)


async def _through(job: Job, *, wait: bool, quiet: bool) -> tuple[Progress, float]:
    """Import, showing how far it is; returns how it ended and how many seconds it took."""
    from cli_commands.site import open_connections
    from services.import_formats import WrongFormat
    from services.importing import import_file as take_in
    from storage.stores.imports import Overtaken

    began = time.monotonic()
    async with open_connections() as connections:
        bar = _bar(quiet=quiet)
        with ExitStack() as shown:
            task = bar.add_task("checking" if job.dry_run else "importing", total=None, rate="")

            def report(progress: Progress) -> None:
                if not bar.live.is_started:
                    shown.enter_context(bar)
                dealt_with = progress.rows - progress.continued_at
                rate = dealt_with / max(time.monotonic() - began, 0.001)
                bar.update(
                    task,
                    total=progress.size,
                    completed=progress.done,
                    rate=f"{progress.rows} rows, {progress.rejected} rejected, {rate:.0f}/s",
                )

            try:
                done = await take_in(connections, job, report)
            except WrongFormat as error:
                raise Failure(f"{job.path}: {error}", USAGE) from error
            except Overtaken as error:
                raise Failure(f"{job.path}: {error}. Let it finish, or stop it.", UNAVAILABLE) from error
            except PermissionError as error:
                raise Failure(f"{error.filename} cannot be written: name another --rejects", USAGE) from error
            bar.update(task, completed=done.size)
            seconds = time.monotonic() - began
        if wait and done.import_id is not None and done.opened:
            await _until_started(connections, done, quiet=quiet)
    return done, seconds


async def _until_started(connections: Connections, done: Progress, *, quiet: bool) -> None:
    from services.importing import until_started

    began = time.monotonic()
    with _bar(quiet=quiet) as bar:
        task = bar.add_task("starting", total=done.opened, rate="")
        first: list[int] = []
        told = False

        def report(waiting: int) -> None:
            nonlocal told
            first.append(waiting) if not first else None
            seconds = max(time.monotonic() - began, 0.001)
            started = first[0] - waiting
            bar.update(
                task, completed=done.opened - waiting, rate=f"{waiting} wait, {started / seconds:.0f}/s"
            )
            if not started and waiting and seconds > STUCK_SECONDS and not told:
                told = True
                say(
                    "No workflow is being started. Does the API, or `putright relay`, run? Is Temporal up?",
                    style="yellow",
                    stderr=True,
                )

        assert done.import_id is not None
        await until_started(connections, done.import_id, report)


def _bar(*, quiet: bool) -> Bar:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        console=console(stderr=True),
        disable=quiet,
    )


def _summary(job: Job, done: Progress, seconds: float, *, as_json: bool) -> None:
    dealt_with = done.rows - done.continued_at
    figures = {
        "rows": done.rows,
        "opened": done.opened,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
        "continued_at": done.continued_at,
        "seconds": round(seconds, 2),
        "rows_per_second": round(dealt_with / max(seconds, 0.001), 1),
        "rejects": str(job.rejects) if done.rejected else None,
        "dry_run": job.dry_run,
    }
    if as_json:
        print_json(figures)
        return
    if done.continued_at:
        say(f"Went on after row {done.continued_at} of an interrupted import.")
    opened = "would be opened" if job.dry_run else "opened"
    say(
        f"{done.opened} {opened}, {done.duplicates} were known already, {done.rejected} rejected; "
        f"{dealt_with} rows in {seconds:.1f} s, {figures['rows_per_second']} rows/s",
        style="bold",
    )
    if done.rejected:
        say(f"Rejected rows, each with its line and reason: {job.rejects}", style="yellow")
