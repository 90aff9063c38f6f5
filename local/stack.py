"""The laptop stack: everything Putright needs as processes of this machine, started and ended together.

A part that ends by itself is started again, at most `RESTARTS` times a minute; then everything is stopped and
the exit code is 1, because a part that cannot stay up needs a person. Parts configured from outside
(`DATABASE_URL`, `TEMPORAL_ADDRESS`, `SMTP_HOST`) are neither started nor stopped.
"""

import asyncio
import contextlib
import importlib
import os
import signal
import stat
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING

import asyncpg
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from local.home import end_leftovers, held, make_home
from local.parts import DATABASE, Parts, Ready
from local.ports import require_free
from local.postgres import EmbeddedPostgres
from local.problem import Problem
from local.processes import Child
from settings import LOOPBACK, Settings

if TYPE_CHECKING:
    from local.demo import DemoPerson

RESTARTS = 3
STARTUP_SECONDS = 90.0
POLL_SECONDS = 0.05
MEASURED = 10_000  # columns in which nothing is too long


class Stack:
    """One laptop stack: `start`, then `watch` until it is asked to stop, then `stop`."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings = settings
        self.console = console
        self.parts = Parts(settings)
        self.database_url = settings.database_url
        self.children: list[Child] = []
        self.people: list[DemoPerson] = []
        self._ended: defaultdict[str, deque[float]] = defaultdict(deque)

    async def start(self) -> None:
        """Start every part in order and return when all are ready; `Problem` if one is not."""
        parts = self.parts
        async with asyncio.TaskGroup() as together:
            together.create_task(asyncio.to_thread(_import_what_comes_later))
            if parts.own_postgres:
                together.create_task(self._step("PostgreSQL", self._start_postgres(parts.postgres())))
            if parts.own_temporal:
                together.create_task(self._run(parts.temporal(), parts.temporal_ready))
            if parts.own_mail:
                together.create_task(self._run(parts.mail(), parts.mail_ready))
        await self._step("tables", self._migrate())
        await self._step("search attributes", self._bootstrap_temporal())
        async with asyncio.TaskGroup() as together:
            together.create_task(self._step("procedures and demonstration organisation", self._load_demo()))
            together.create_task(self._run(parts.worker(self.database_url), parts.worker_ready))
            together.create_task(self._run(parts.api(self.database_url), parts.api_ready))

    async def _start_postgres(self, postgres: EmbeddedPostgres) -> None:
        await asyncio.to_thread(postgres.prepare)
        postgres.start()
        assert postgres.child is not None
        self.children.append(postgres.child)
        await asyncio.to_thread(postgres.wait_ready, STARTUP_SECONDS)
        await _ensure_database(postgres)
        self.database_url = postgres.url(DATABASE)

    # What these three need is imported while the servers start: seconds, on a small machine.

    async def _migrate(self) -> None:
        from local import migrations
        from services.connect import DATABASE_ERRORS, is_database_down

        try:
            await asyncio.to_thread(migrations.upgrade, self.database_url)
        except DATABASE_ERRORS as error:
            if self.parts.own_postgres or not is_database_down(error):
                raise
            said = getattr(error, "orig", None) or error
            raise Problem(
                f"The database that DATABASE_URL names cannot be used: {said}.\n"
                "Correct it, or unset it: then `putright up` starts a PostgreSQL of its own."
            ) from error

    async def _load_demo(self) -> None:
        from local.demo import load_demo

        self.people = await load_demo(self.database_url, self.parts.home)

    async def _bootstrap_temporal(self) -> None:
        from deploy.bootstrap import ensure_search_attributes
        from workflows.registry import SEARCH_ATTRIBUTES

        try:
            client = await self.parts.client()
        except RuntimeError as error:  # what the SDK raises when it cannot connect
            if self.parts.own_temporal:
                raise
            raise Problem(
                f"The Temporal server that is configured does not answer: {error}\n"
                "Start it or correct TEMPORAL_ADDRESS (or the profile), or unset it: then one starts here."
            ) from error
        await ensure_search_attributes(client, SEARCH_ATTRIBUTES)

    async def _run(self, child: Child, ready: Ready) -> None:
        """Start a child and wait until `ready` says so; `Problem` if it ends or takes too long."""
        await self._step(child.name, self._until_ready(child, ready))

    async def _until_ready(self, child: Child, ready: Ready) -> None:
        child.start()
        self.children.append(child)
        end = time.monotonic() + STARTUP_SECONDS
        while not await ready():
            if child.ended() is not None:
                raise Problem(f"The {child.name} ended while starting. {child.log} says:\n{child.tail()}")
            if time.monotonic() > end:
                late = f"The {child.name} is not ready after {STARTUP_SECONDS:.0f} s."
                raise Problem(f"{late} {child.log} says:\n{child.tail()}")
            await asyncio.sleep(POLL_SECONDS)

    async def _step(self, name: str, work: Awaitable[None]) -> None:
        """Do one step of the start and show that it is done and how long it took."""
        began = time.monotonic()
        await work
        self.console.print(
            f"  [green]ready[/]  {name} [dim]{time.monotonic() - began:.1f} s[/]", highlight=False
        )

    async def watch(self, asked: asyncio.Event) -> int:
        """Watch the children until `asked` is set; return 0, or 1 if a part would not stay up."""
        while not asked.is_set():
            for child in list(self.children):
                code = child.ended()
                if code is not None and not self._restart(child, code):
                    return 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), 0.5)
        return 0

    def _restart(self, child: Child, code: int) -> bool:
        """Start a child that ended again, unless it ended too often; tell whether it was started."""
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self.console.print(f"[red]The {child.name} {how}.[/] Its log, {child.log}, ends:", highlight=False)
        self.console.print(child.tail(), markup=False, highlight=False)
        ends = self._ended[child.name]
        ends.append(time.monotonic())
        while ends[0] < time.monotonic() - 60:
            ends.popleft()
        if len(ends) > RESTARTS:
            self.console.print(f"[red]It ended {len(ends)} times within a minute: stopping everything.[/]")
            return False
        child.start()
        self.console.print(f"Started the {child.name} again.", highlight=False)
        return True

    async def stop(self) -> None:
        """Stop what was started, in reverse order, each with the time its work needs."""
        for child in reversed(self.children):
            await asyncio.to_thread(child.stop, self.settings.grace_seconds + 5)

    def kill(self) -> None:
        """Kill what is still running, for someone who cannot wait."""
        for child in reversed(self.children):
            if child.ended() is None:
                child.kill()

    def show(self) -> None:
        """Print the one table a person needs: where everything is, and a token of each role."""
        parts, given = self.parts, self.settings
        places = {
            "API": parts.api_url,
            "API docs": f"{parts.api_url}/docs",
            "Temporal UI": given.temporal_ui(),
            "Caught mail": parts.mail_url if parts.own_mail else f"none, it goes to {given.smtp_host}",
            "Data and logs": str(parts.home),
        }
        show_table(self.console, places, self.people)


def show_table(console: Console, places: Mapping[str, str], people: Sequence["DemoPerson"]) -> None:
    """Print where everything is and the tokens; as plain lines where a table does not fit.

    Nothing is ever cut short or broken into lines: what is cut or broken cannot be copied.
    """
    title = "Putright is running. Ctrl-C stops it; your data stays."
    for named in (True, False):
        tokens = {f"{one.role}: {one.name}" if named else one.role: one.token for one in people}
        table = Table(title=title, title_justify="left", show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        for rows in (places, tokens):
            for label, text in rows.items():
                table.add_row(label, Text(text))
            table.add_section()
        needed = Measurement.get(console, console.options.update_width(MEASURED), table).maximum
        if needed <= console.width:
            console.print(table, soft_wrap=False)
            return
    console.print(title, highlight=False, soft_wrap=True)
    for label, text in {**places, **tokens}.items():
        console.print(f"{label:15}{text}", markup=False, highlight=False, soft_wrap=True)


def _import_what_comes_later() -> None:
    for name in ("deploy.bootstrap", "local.demo", "local.migrations"):
        importlib.import_module(name)


async def _ensure_database(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.url().replace("+asyncpg", ""))
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        await connection.close()


async def run_stack(settings: Settings, console: Console) -> int:
    """Run the laptop stack until Ctrl-C, SIGTERM or SIGHUP; return the exit code.

    `Problem` if it cannot start; then everything it had started is stopped.
    """
    began = time.monotonic()
    make_home(settings.home)
    with held(settings.home):
        for name in await asyncio.to_thread(end_leftovers, settings.home):
            console.print(f"Ended the {name} that a killed run had left behind.", highlight=False)
        stack = Stack(settings, console)
        require_free(LOOPBACK, stack.parts.needed_ports())
        asked = asyncio.Event()
        _on_signals(asked, stack)
        console.print(f"Starting Putright in {stack.parts.home} …", highlight=False)
        try:
            if not await _unless_asked(asked, stack.start()):
                return 0
            stack.show()
            console.print(f"[dim]Started in {time.monotonic() - began:.1f} s.[/]", highlight=False)
            return await stack.watch(asked)
        except* (Problem, BrokenPipeError) as problems:
            raise problems.exceptions[0] from None
        finally:
            # Whoever read what is said may have gone; what was started ends all the same.
            with contextlib.suppress(OSError):
                console.print("Stopping …")
            await stack.stop()
            with contextlib.suppress(OSError):
                console.print("Stopped.")


async def _unless_asked(asked: asyncio.Event, work: Awaitable[None]) -> bool:
    """Do `work` unless `asked` is set meanwhile; tell whether it was done to its end."""
    doing = asyncio.ensure_future(work)
    asking = asyncio.ensure_future(asked.wait())
    await asyncio.wait({doing, asking}, return_when=asyncio.FIRST_COMPLETED)
    asking.cancel()
    if doing.done():
        doing.result()
        return True
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    return False


def _on_signals(asked: asyncio.Event, stack: Stack) -> None:
    """Ask for the end at the first signal; at the second, kill what is still running."""

    def asked_to_stop() -> None:
        if asked.is_set():
            stack.kill()
        asked.set()

    def hung_up() -> None:
        _let_go_of_the_terminal()
        asked_to_stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop)
    loop.add_signal_handler(signal.SIGHUP, hung_up)


def _let_go_of_the_terminal() -> None:
    """Say what is still said to nobody, where it would go to a terminal that was closed: that is an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if stat.S_ISCHR(os.fstat(stream).st_mode) and not os.isatty(stream):
            os.dup2(nowhere, stream)
    os.close(nowhere)


class _Spoken(Console):
    """A console that does not end the process when nobody reads it: what was started is ended first."""

    def on_broken_pipe(self) -> None:
        """Say so to whoever prints."""
        raise BrokenPipeError


def up(settings: Settings | None = None) -> int:
    """Run the laptop stack in this terminal; return the exit code. Problems are printed, not raised."""
    try:
        return asyncio.run(run_stack(settings or Settings(), _Spoken(soft_wrap=True)))
    except Problem as problem:
        Console(stderr=True, soft_wrap=True).print(str(problem), style="red", markup=False, highlight=False)
        return 1
