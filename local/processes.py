"""Child processes this program started: each in a session of its own, logged to a file, ended by its id."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from local.problem import Problem


@dataclass(frozen=True)
class Account:
    """A user that server processes run as when this program runs as root."""

    name: str
    uid: int
    gid: int


def identity(account: Account | None) -> dict[str, Any]:
    """Return the keyword arguments that make `subprocess` run a program as `account` (None: as ourselves)."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": [account.gid]}


class Child:
    """One process: started, watched and ended by the program that made it.

    It leads a process group of its own, so Ctrl-C in the terminal reaches this program alone, which then
    ends its children in order. Output goes to `log`. With `record`, the process is written down there, so
    that a next run can end what a killed run left behind (see `end_leftover`).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        account: Account | None = None,
        folder: Path | None = None,
        record: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.environment = dict(environment) if environment is not None else None
        self.account = account
        self.folder = folder
        self.record = record
        self.stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; `Problem` if the operating system refuses."""
        with self.log.open("ab") as output:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=self.environment,
                    cwd=self.folder,
                    start_new_session=True,
                    **identity(self.account),
                )
            except OSError as error:
                raise Problem(f"{self.name} could not be started: {error}") from error
        self._write_record()

    @property
    def pid(self) -> int:
        """The process id; only while or after it was started."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def ended(self) -> int | None:
        """Return the exit code if the process has ended (negative: the signal), None while it runs."""
        return None if self._process is None else self._process.poll()

    def stop(self, grace: float = 10.0) -> None:
        """End the process: its stop signal, then after `grace` seconds a kill of it and its descendants."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self._process.poll() is None:
                self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget_record()

    def kill(self) -> None:
        """Kill the process and all its descendants at once; return when they have ended.

        Not only its group: PostgreSQL's backends lead groups of their own.
        """
        assert self._process is not None, f"{self.name} was not started"
        if self._process.poll() is None:
            family = psutil.Process(self.pid).children(recursive=True)
            self._process.kill()
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            for process in family:
                _wait_gone(process, 10.0)
        self._process.wait()
        self._forget_record()

    def tail(self, lines: int = 15) -> str:
        """Return the last lines of the log."""
        return tail(self.log, lines)

    def _write_record(self) -> None:
        if self.record is not None:
            created = psutil.Process(self.pid).create_time()
            noted = {"name": self.name, "pid": self.pid, "created": created, "stop_signal": self.stop_signal}
            self.record.write_text(json.dumps(noted))

    def _forget_record(self) -> None:
        if self.record is not None:
            self.record.unlink(missing_ok=True)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last `lines` lines of a log file, or an empty string if there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 64 * 1024))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def end_leftover(record: Path, grace: float = 10.0) -> str | None:
    """End the process written down in `record` if it is still the same one; return its name if it was.

    A process id alone proves nothing after a restart of the machine: the time of creation must agree too.
    """
    try:
        noted = json.loads(record.read_text())
        process = psutil.Process(noted["pid"])
        name, stop_signal = str(noted["name"]), signal.Signals(noted["stop_signal"])
        same = abs(process.create_time() - noted["created"]) < 1.0 and not _gone(process)
    except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
        record.unlink(missing_ok=True)
        return None
    if same:
        end_process(process, stop_signal, grace)
    record.unlink(missing_ok=True)
    return name if same else None


def end_process(process: psutil.Process, stop_signal: signal.Signals, grace: float) -> None:
    """End a process that need not be a child of ours: its stop signal, then after `grace` seconds a kill."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(stop_signal)
        if not _wait_gone(process, grace):
            process.kill()
            _wait_gone(process, grace)


def _wait_gone(process: psutil.Process, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not _gone(process):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _gone(process: psutil.Process) -> bool:
    """Tell whether a process has ended; one that nobody waited for (a zombie) has."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
