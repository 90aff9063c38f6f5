"""`python -m local up | reset | check-migrations`: the laptop stack without the `putright` command."""

import argparse
import sys
import tempfile
from pathlib import Path

from alembic.util import CommandError
from rich.console import Console
from rich.prompt import Confirm

from local import home, migrations
from local.place import state_folder
from local.ports import free_port
from local.postgres import THROW_AWAY, EmbeddedPostgres
from local.problem import Problem
from local.stack import up
from settings import Settings


def reset(settings: Settings, *, yes: bool, console: Console) -> int:
    """Forget all data of the laptop stack, after asking; return the exit code. Problems are printed."""
    folders = [
        folder for folder in dict.fromkeys((settings.home, state_folder(settings.home))) if folder.exists()
    ]
    if not folders:
        console.print(f"There is no data in {settings.home}: nothing to forget.")
        return 0
    console.print("This removes every complaint, message and token of this laptop stack:")
    for folder in folders:
        console.print(f"  {folder}", highlight=False)
    if not yes and not (sys.stdin.isatty() and Confirm.ask("Remove them?", default=False, console=console)):
        console.print("Nothing was removed. (Without a terminal: make reset YES=1)")
        return 1
    try:
        removed = home.forget(settings.home)
    except Problem as problem:
        return _told(problem)
    for folder in removed:
        console.print(f"removed {folder}", highlight=False)
    return 0


def _told(problem: Problem) -> int:
    """Print a problem; return the exit code that says so."""
    Console(stderr=True, soft_wrap=True).print(str(problem), style="red", markup=False, highlight=False)
    return 1


def check_migrations(console: Console) -> int:
    """Migrate an empty PostgreSQL up, down and up, and compare it with the tables; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="putright-check-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # ours: PostgreSQL does not run as root and must be able to enter
        server = EmbeddedPostgres(folder / "server", port=free_port(), log=folder / "log", options=THROW_AWAY)
        server.prepare()
        server.start()
        try:
            server.wait_ready()
            migrations.upgrade(server.url())
            migrations.downgrade(server.url())
            migrations.upgrade(server.url())
            migrations.check(server.url())
        except CommandError as error:
            console.print(
                f"The migrations do not give the tables of the code: {error}", style="red", markup=False
            )
            return 1
        finally:
            server.stop()
    return 0


def main() -> int:
    """Parse the command line and run it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything on this machine")
    forget = commands.add_parser("reset", help="forget all data of the laptop stack")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("check-migrations", help="do the migrations give the tables of the code?")
    given = parser.parse_args()
    console = Console(soft_wrap=True)
    try:
        if given.command == "up":
            return up()
        if given.command == "reset":
            return reset(Settings(), yes=given.yes, console=console)
        return check_migrations(console)
    except Problem as problem:
        return _told(problem)


if __name__ == "__main__":
    sys.exit(main())
