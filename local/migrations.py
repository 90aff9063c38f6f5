"""Alembic from inside a program: migrate a database, and tell whether the migrations equal the tables."""

import threading
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).resolve().parent.parent


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up to `revision`. Safe to call while another process does the same."""
    _in_thread(lambda: command.upgrade(_config(url), revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database at `url` back to `revision`."""
    _in_thread(lambda: command.downgrade(_config(url), revision))


def check(url: str) -> None:
    """Raise alembic's `CommandError` if the migrated database at `url` differs from the tables in code."""
    _in_thread(lambda: command.check(_config(url)))


def _config(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    return config


def _in_thread(work: Callable[[], None]) -> None:
    """Run `work` in a thread of its own, because the migrations start an event loop and we may have one."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # handed to the caller below
            failures.append(error)

    thread = threading.Thread(target=run, name="migrations")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
