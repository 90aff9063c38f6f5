"""Telling what was measured: progress while it runs, a table, and files for those who compare later."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from bench.figure import NOISY, Figure
from bench.others import DISTURBING, Others

LOOP = 200_000


class Report:
    """Collects figures while a progress bar runs; use as a context manager."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.figures: list[Figure] = []
        self._speeds = [machine_speed()]
        self._others = Others()
        self._busy: list[float] = []
        self._began = time.monotonic()
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), console=console,
        )  # fmt: skip
        self._task = self._progress.add_task("measuring", total=total)

    def __enter__(self) -> Report:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def add(self, name: str, figures: Sequence[Figure]) -> None:
        """Take the figures of one measurement and show how far things are."""
        busy = self._others.cores()
        self._busy.append(busy)
        self.figures += [replace(one, disturbed=one.is_of_time and busy > DISTURBING) for one in figures]
        self._speeds.append(machine_speed())
        self._progress.advance(self._task)
        others = f"; other programs used {busy:.2f} cores" if busy > DISTURBING else ""
        self._say(f"{name}: done{others}")

    def say(self, text: str) -> None:
        """Show how far a long measurement is."""
        self._say(f"  {text}")

    def _say(self, text: str) -> None:
        self._progress.console.print(f"[dim]{time.monotonic() - self._began:5.0f} s  {text}[/]")

    def seconds(self) -> float:
        """How long it has been measured."""
        return time.monotonic() - self._began

    def machine(self) -> list[Figure]:
        """How quiet this machine was, without our code: a fixed loop, and what others used of it."""
        cores = os.cpu_count()
        loop = Figure(
            "this machine: a fixed loop of Python",
            sorted(self._speeds)[len(self._speeds) // 2],
            "ms",
            tuple(self._speeds),
            note=f"{cores} cores, Python {platform.python_version()}, {platform.machine()}",
        )
        busy = tuple(self._busy) or (0.0,)
        return [loop, Figure("this machine: cores used by other programs", max(busy), "cores", busy)]

    def all_met(self) -> bool:
        """Whether every target is met."""
        return all(one.ok for one in self.figures)

    def rows(self) -> list[dict[str, Any]]:
        """Every figure as it is written to JSON."""
        return [one.as_row() for one in [*self.figures, *self.machine()]]

    def table(self) -> None:
        """Print every figure with its target, its rounds and what is to be made of it."""
        table = Table(title=f"Putright beside bare code, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        for heading in ("figure", "value", "must reach", "", "rounds"):
            table.add_column(heading, justify="right" if heading == "value" else "left")
        for one in [*self.figures, *self.machine()]:
            row = one.as_row()
            rounds = " ".join(f"{value:,.4g}" for value in row["rounds"])
            target = row["target"] or ""
            value = one.note if row["value"] is None else f"{row['value']:,.4g} {one.unit}"
            table.add_row(one.name, value, target, _verdict(one), rounds)
        self.console.print(table)
        noisy = [one.name for one in [*self.figures, self.machine()[0]] if one.noisy]
        if noisy:
            self.console.print(
                f"[yellow]The machine was too noisy (rounds more than {NOISY:.0%} apart, or other programs "
                f"at work) to judge these; run again when it is quiet: {', '.join(noisy)}.[/]"
            )

    def write(self, folder: Path) -> None:
        """Write latest.json and the file of this day, which may be committed."""
        history = folder / "history"
        history.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.rows(), indent=2, ensure_ascii=False) + "\n"
        (folder / "latest.json").write_text(text)
        (history / f"{datetime.now(UTC):%Y-%m-%d}.json").write_text(text)
        self.console.print(f"Written to {folder / 'latest.json'}.")


def _verdict(one: Figure) -> str:
    if one.target is None:
        return "" if one.ok else "[red]missed[/]"
    judged = "[green]met[/]" if one.ok else "[red]missed[/]"
    return f"{judged} [yellow](noisy)[/]" if one.noisy else judged


def machine_speed() -> float:
    """Milliseconds of wall time that a fixed loop takes."""
    begun = time.perf_counter()
    total = 0
    for number in range(LOOP):
        total += number * number % 7
    return (time.perf_counter() - begun) * 1000
