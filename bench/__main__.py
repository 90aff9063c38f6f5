"""`python -m bench`: measure everything, print a table, write bench/results."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench import costliest, deadlines, footprint, http, lifecycle, pure, report, worktime
from bench.figure import Figure, Target, unmeasured
from bench.site import Site, add_organisation
from bench.stack import Stack, running_stack
from bench.watching import Handled, Recorded, recorded
from bench.workers import Workers, start_both
from procedures.loader import load_pack, load_procedure
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured in each round."""

    rounds: int
    pure: int
    lifecycle: int
    histories: int
    lone: int
    burst: int
    footprint: int
    intake: int
    rows: int
    pages: int


FULL = Sizes(3, 600, 60, 3, 20, 2000, 100, 400, 1_000_000, 300)
QUICK = Sizes(1, 40, 6, 1, 3, 30, 10, 40, 5_000, 20)
DEADLINES = Path(__file__).with_name("procedure.yaml")
NAMES = (
    "worktime",
    "pure",
    "history",
    "lifecycle",
    "costliest",
    "lone",
    "footprint",
    "intake",
    "pages",
    "burst",
)
LONGEST = {
    "history": 60.0, "lifecycle": 240.0, "costliest": 120.0, "lone": 240.0, "footprint": 180.0,
    "intake": 120.0, "pages": 420.0, "burst": 900.0,
}  # fmt: skip
"""Seconds after which a measurement is given up: a run must end, also where a figure is terrible."""
ALTOGETHER = 1170.0
"""Seconds after which a whole run is at its end."""


@dataclass
class Ground:
    """What the measurements that need servers stand on."""

    stack: Stack
    database: Database
    site: Site
    costliest: Site
    deadlines: Site
    workers: Workers
    handled: Handled


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Servers, an organisation, two stored procedures, both workers."""
    async with AsyncExitStack() as exits:
        stack = await exits.enter_async_context(running_stack())
        database = Database.at(stack.database_url)
        exits.push_async_callback(database.close)
        await add_organisation(database)
        await http.add_token(database)
        whole = await Site.with_procedure(stack, database, load_pack("telecom-si"))
        costly = await Site.with_procedure(stack, database, load_pack(costliest.PACK))
        alone = await Site.with_procedure(stack, database, load_procedure(DEADLINES))
        workers, handled = await start_both(stack)
        exits.callback(handled.close)
        yield Ground(stack, database, whole, costly, alone, workers, handled)


def without_servers(names: Sequence[str], sizes: Sizes, show: report.Report) -> None:
    """What needs nothing but this process."""
    if "worktime" in names:
        show.add("worktime", [_of_worktime(row) for row in worktime.run(sizes.rounds)])
    if "pure" in names:
        long = costliest.pure(load_pack(costliest.PACK), sizes.rounds, sizes.pure // 2)
        show.add("pure", [*pure.measure(sizes.rounds, sizes.pure), *long])


async def with_servers(names: Sequence[str], sizes: Sizes, show: report.Report) -> None:
    """Everything that needs servers, one after the other on the same ones.

    What comes to no end within its time, or fails, is a figure that says so: the others are still measured.
    """
    async with ground() as on, recorded(on.stack.dsn) as seen:
        for name, measure in _measurements(on, seen, sizes, show).items():
            if name not in names:
                continue
            limit = min(LONGEST[name], ALTOGETHER - show.seconds())
            try:
                async with asyncio.timeout(limit):
                    figures = await measure()
            except Exception as error:
                traceback.print_exc()
                why = f"not within {limit:.0f} s" if type(error) is TimeoutError and not str(error) else ""
                figures = [unmeasured(name, why or f"{type(error).__name__}: {error}")]
            show.add(name, figures)


def _measurements(
    on: Ground, seen: Recorded, sizes: Sizes, show: report.Report
) -> dict[str, Callable[[], Awaitable[list[Figure]]]]:
    """The measurements in their order, by name."""
    stack, rounds, say = on.stack, sizes.rounds, show.say

    async def kept() -> list[Figure]:
        found, ours = await footprint.measure(stack, on.site, on.workers.ours, rounds, sizes.footprint)
        on.workers = Workers(ours, on.workers.bare)
        return found

    return {
        "history": lambda: lifecycle.history(stack, on.site, sizes.histories),
        "lifecycle": lambda: lifecycle.measure(stack, on.site, on.workers, rounds, sizes.lifecycle),
        "costliest": lambda: costliest.measure(stack, on.costliest, on.workers, rounds, sizes.lifecycle // 2),
        "lone": lambda: deadlines.lone(stack, on.deadlines, seen, on.handled, rounds, sizes.lone),
        "footprint": kept,
        "intake": lambda: http.intake(stack, rounds, sizes.intake),
        "pages": lambda: http.pages(stack, on.database, rounds, sizes.rows, sizes.pages, say),
        "burst": lambda: deadlines.burst(
            stack, on.deadlines, seen, on.handled, rounds, sizes.burst, say, ALTOGETHER - show.seconds()
        ),
    }


def _of_worktime(row: dict[str, object]) -> Figure:
    rounds = row["rounds"]
    assert isinstance(rounds, list)
    target = Target(">=", worktime.TARGET) if row["target"] else None
    return Figure(str(row["name"]), float(str(row["value"])), str(row["unit"]), tuple(rounds), target)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 1 with ``--strict`` when a target is missed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="measure this alone; repeatable")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (3)")
    parser.add_argument(
        "--quick", "--smoke", action="store_true", help="smallest sizes: does it run, not how fast is it"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a target is missed")
    given = parser.parse_args(arguments)
    # Asked to end, for example by `timeout`: what was started here is ended, as by Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sizes = QUICK if given.quick else FULL
    if given.rounds:
        sizes = Sizes(**{**{n: getattr(sizes, n) for n in Sizes.__slots__}, "rounds": given.rounds})
    names = given.only or NAMES
    show = report.Report(Console(width=None if sys.stdout.isatty() else 150), total=len(names))
    with show:
        without_servers(names, sizes, show)
        if set(names) - {"worktime", "pure"}:
            asyncio.run(with_servers(names, sizes, show))
    show.table()
    if not given.quick and not given.only:
        show.write(Path(__file__).parent / "results")
    return int(given.strict and not show.all_met())


if __name__ == "__main__":
    sys.exit(main())
