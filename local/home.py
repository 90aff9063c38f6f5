"""The home folder of a laptop stack: made private, held by one process at a time, forgotten on request."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from local.place import state_folder
from local.problem import Problem
from local.processes import end_leftover

MARK = "putright-home"

# What others write to is ended after them.
ENDED_LAST = {"mail": 1, "temporal": 2, "postgres": 3}


def make_home(home: Path) -> None:
    """Create the home folder with its logs and mail, for its owner only; `Problem` if that cannot be.

    From here on this process and its children make files for their owner only.
    """
    os.umask(0o077)
    try:
        if home.is_dir() and os.access(home, os.R_OK) and any(home.iterdir()) and not (home / MARK).exists():
            raise Problem(
                f"{home} has other things in it, and `make reset` would remove them.\n"
                "Name an empty or a new folder: PUTRIGHT_HOME=/some/folder"
            )
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / MARK).touch(mode=0o600)
        for part in ("logs", "mail", "run"):
            (home / part).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"Putright keeps its data in {home} and may not write there ({error.strerror}).\n"
            "Make that folder writable for this user, or name another: PUTRIGHT_HOME=/some/folder"
        ) from error


@contextlib.contextmanager
def held(home: Path) -> Iterator[None]:
    """Hold the home folder; `Problem` if another process does.

    The lock is the operating system's: it ends with its holder, so a killed run leaves no stale lock.
    """
    path = home / "lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Problem(
                f"Putright already runs from {home} (process {holder}).\n"
                f"Use that one, or stop it first: Ctrl-C in its terminal, or `kill {holder}`.\n"
                "For a second one beside it, set PUTRIGHT_HOME and other ports."
            ) from None
        except OSError as error:
            raise Problem(
                f"{path} cannot be locked ({error.strerror}). Set PUTRIGHT_HOME to a local disk."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def end_leftovers(home: Path) -> list[str]:
    """End the processes a killed run left behind, those that need others first; return their names.

    Call while holding the home.
    """
    records = sorted((home / "run").glob("*.json"), key=lambda record: ENDED_LAST.get(record.stem, 0))
    return [name for record in records if (name := end_leftover(record))]


def forget(home: Path) -> list[Path]:
    """Remove the home folder and the state kept for it elsewhere; return what was removed.

    `Problem` if the stack runs, or if the folder is not a Putright home.
    """
    if home.exists() and not (home / MARK).exists():
        raise Problem(f"{home} is not a home folder of Putright, so nothing was removed.")
    if home.exists():
        with held(home):
            end_leftovers(home)
    folders = [folder for folder in dict.fromkeys((state_folder(home), home)) if folder.exists()]
    for folder in folders:
        shutil.rmtree(folder)
    return folders
