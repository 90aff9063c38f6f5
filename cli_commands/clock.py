"""`putright clock`: one deadline computed and explained, or many as JSON lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli_commands.terminal import USAGE, AsJson, Failure, console, print_json

if TYPE_CHECKING:
    from domain.worktime import Calendar, Span
    from services.clock_batch import ClockAnswer

KINDS = {"working": "green", "elapsed": "green", "paused": "yellow", "closed": "dim", "folded": "cyan"}

YEARS_AHEAD = 6
"""How many years of named holidays are resolved after the year of the start."""


def clock(
    limit: Annotated[
        str, typer.Argument(help="How long: 24h, 8wh, 3wd, 15d, 8w, …", show_default=False)
    ] = "",
    start: Annotated[
        str,
        typer.Argument(help="From when, local to the time zone unless it has an offset.", show_default="now"),
    ] = "",
    *,
    timezone: Annotated[str, typer.Option(help="IANA time zone.")] = "UTC",
    hours: Annotated[
        list[str], typer.Option(help='Working hours; give it again for other days: "sat 10:00-14:00".')
    ] = ["mon-fri 09:00-18:00"],  # noqa: B006 - typer reads it, nobody changes it
    holidays: Annotated[str, typer.Option(help="`cn`, `us`, `de-by`, … or dates, separated by commas.")] = "",
    makeup: Annotated[str, typer.Option(help="Make-up workdays: `cn` or dates, separated by commas.")] = "",
    pause: Annotated[list[str], typer.Option(help='A pause: "2026-09-30 16:00/2026-10-09 09:00".')] = [],  # noqa: B006 - as above
    day_end: Annotated[
        str, typer.Option(help="A limit in days ends at the day's `close`, or at the `same_time`.")
    ] = "close",
    procedure: Annotated[
        str, typer.Option(help="Use the calendar of a shipped procedure or of a procedure file.")
    ] = "",
    batch: Annotated[
        bool, typer.Option("--batch", help="Read questions as JSON lines from stdin; answer line by line.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compute one deadline and show every working interval, pause and holiday on the way to it.

    \b
    Limits: s m h real time · ws wm wh working time · wd working days · d days · w weeks

    \b
    putright clock 8wh "2026-09-30 16:00" --timezone Asia/Shanghai --holidays cn --makeup cn
    putright clock 3wd --hours "mon-fri 09:00-12:00,13:00-18:00" --hours "sat 10:00-14:00"
    putright clock 15d 2026-01-02 --procedure consumer-finance
    putright clock --batch < questions.jsonl > answers.jsonl
    """
    if batch:
        raise Failure("--batch goes without anything else: each line says everything itself", USAGE)
    if not limit:
        raise Failure("Say how long, for example: putright clock 8wh", USAGE)
    if day_end not in ("close", "same_time"):
        raise Failure("--day-end is close or same_time", USAGE)
    from services import clock_batch

    begins = start or datetime.now(UTC).replace(microsecond=0)
    try:
        if procedure:
            calendar = _calendar_of(procedure)
        else:
            calendar = clock_batch.calendar_from_options(
                timezone, hours, _parts(holidays), _parts(makeup), years=_years(begins)
            )
        answer = clock_batch.compute_one(
            calendar,
            begins,
            limit,
            pauses=[_pause(text) for text in pause],
            day_end="close" if day_end == "close" else "same_time",
        )
    except ValueError as error:
        raise Failure(str(error), USAGE) from error
    if as_json:
        print_json(answer.to_data())
    else:
        _show(answer)


def _calendar_of(name: str) -> Calendar:
    from cli_commands.procedures import compiled

    return compiled(name).calendar


def _years(start: str | datetime) -> range:
    text = start if isinstance(start, str) else start.isoformat()
    year = int(text[:4]) if text[:4].isdigit() else datetime.now(UTC).year
    return range(max(year - 1, 2), min(year + YEARS_AHEAD, 9998))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pause(text: str) -> tuple[str, str]:
    begins, slash, ends = text.partition("/")
    if not slash:
        raise Failure(f'A pause is written "from/to", not {text!r}', USAGE)
    return begins.strip(), ends.strip()


def _show(answer: ClockAnswer) -> None:
    from rich.table import Table

    table = Table(title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("from", "to", "", "counted", "so far", "note"):
        table.add_column(name, justify="right" if name in ("counted", "so far") else "left", no_wrap=True)
    for span in answer.spans:
        table.add_row(
            _written(answer, span.start_at),
            _written(answer, span.end_at),
            f"[{KINDS[span.kind]}]{span.kind}[/]",
            _length(span.counted) if span.counted else "",
            _length(span.total),
            _note(span),
        )
    out = console()
    out.print(f"{answer.limit} from {_written(answer, answer.start_at)} ({answer.calendar.timezone})")
    if answer.spans:
        out.print(table)
    out.print(f"[bold]due {_written(answer, answer.due_at)}[/]  ({answer.due_at:%Y-%m-%dT%H:%M:%SZ})")
    known = answer.calendar.known_until
    if known and answer.local(answer.due_at).date() > known:
        out.print(f"[yellow]Holidays are published until {known} only; what comes after is estimated.[/]")


def _written(answer: ClockAnswer, at: datetime) -> str:
    local = answer.local(at)
    seconds = ":%S" if local.second or local.microsecond else ""
    return f"{local:%a %Y-%m-%d %H:%M{seconds}}"


def _length(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def _note(span: Span) -> str:
    days = ", ".join(f"{day:%m-%d}" for day in span.dates[:4]) + (" …" if len(span.dates) > 4 else "")
    return f"{span.note.replace('_', ' ')} {days}".strip()
