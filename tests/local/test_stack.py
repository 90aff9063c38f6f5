"""`putright up`, as a person uses it: one table, data that stays, an end that leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from local.place import state_folder
from local.ports import free_port
from settings import ROOT
from tests.servers import new_run_folder, remove_run_folder

PORTS = ("API", "POSTGRES", "TEMPORAL", "TEMPORAL_UI", "MAIL_SMTP", "MAIL_HTTP")
# About 5 s on an idle machine; the promise is 10 s, the rest is for the tests that run beside this one.
SECOND_START_SECONDS = 40
IN_A_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
OUTSIDE = ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "SMTP_HOST")


class Laptop:
    """One home folder and set of ports, on which the stack is started and stopped."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.ports = {name: free_port() for name in PORTS}
        kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
        ports = {f"PUTRIGHT_{name}_PORT": str(port) for name, port in self.ports.items()}
        self.environment = {**kept, **ports, "PUTRIGHT_HOME": str(self.home), "COLUMNS": "200"}
        self.output = folder / "output"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "local", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )

    def up(self) -> tuple[subprocess.Popen[bytes], float]:
        """Start the stack; return it once it says that it runs, and the seconds that took."""
        began = time.monotonic()
        with self.output.open("wb") as output:
            command = [sys.executable, "-m", "local", "up"]
            stack = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=output, stderr=output)
        self.until_said("Started in", stack, seconds=100)
        return stack, time.monotonic() - began

    def until_said(self, text: str, stack: subprocess.Popen[bytes], *, seconds: float) -> None:
        """Wait until the stack, which goes on running, has said something."""
        end = time.monotonic() + seconds
        while text not in self.output.read_text():
            assert stack.poll() is None, self.output.read_text()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.05)

    def tokens(self) -> list[str]:
        return re.findall(r"│ [^│]+: [^│]+ │ (\S+) +│", self.output.read_text())


@pytest.fixture(scope="module")
def laptop() -> Iterator[Laptop]:
    folder = new_run_folder()
    laptop = Laptop(folder)
    yield laptop
    done = laptop.run("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert not laptop.home.exists()
    assert not state_folder(laptop.home).exists()
    remove_run_folder(folder)


def test_up_stop_and_up_again(laptop: Laptop) -> None:
    stack, _ = laptop.up()
    try:
        api = f"http://127.0.0.1:{laptop.ports['API']}"
        tokens = laptop.tokens()
        assert len(tokens) == len(set(tokens)) > 3
        for url in (f"{api}/health/ready", f"{api}/docs", f"http://127.0.0.1:{laptop.ports['TEMPORAL_UI']}"):
            assert httpx.get(url, trust_env=False, follow_redirects=True).status_code == 200, url
        _assert_on_loopback_only(stack.pid)
        second = laptop.run("up")
        assert second.returncode == 1
        assert f"already runs from {laptop.home} (process {stack.pid})" in second.stderr
        assert "already runs" in laptop.run("reset", "--yes").stderr
        started = psutil.Process(stack.pid).children(recursive=True)
        assert len(started) >= 5
    finally:
        stack.send_signal(signal.SIGINT)
    assert stack.wait(60) == 0
    assert [process for process in started if process.is_running()] == []

    stack, seconds = laptop.up()
    try:
        assert seconds < SECOND_START_SECONDS
        assert laptop.tokens() == tokens
    finally:
        stack.send_signal(signal.SIGTERM)
    assert stack.wait(60) == 0


def _assert_on_loopback_only(pid: int) -> None:
    stack = psutil.Process(pid)
    for process in [stack, *stack.children(recursive=True)]:
        for connection in process.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr.ip in ("127.0.0.1", "::1"), process.name()


def test_closing_the_terminal_stops_everything(laptop: Laptop) -> None:
    terminal, inside = os.openpty()
    command = [sys.executable, "-c", IN_A_TERMINAL, sys.executable, "-m", "local", "up"]
    stack = subprocess.Popen(
        command,
        cwd=ROOT,
        env=laptop.environment,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    try:
        said = b""
        while b"Started in" not in said:
            said += os.read(terminal, 4096)  # an error when it ends before
        started = psutil.Process(stack.pid).children(recursive=True)
        assert len(started) >= 5
    finally:
        os.close(terminal)
    assert stack.wait(60) == 0
    assert [process for process in started if process.is_running()] == []


def test_nothing_goes_on_when_nobody_reads_what_it_says(laptop: Laptop) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "up"]
    with subprocess.Popen(command, cwd=ROOT, env=laptop.environment, stdout=subprocess.PIPE) as stack:
        assert stack.stdout is not None
        stack.stdout.readline()  # `putright up | head -1`
        stack.stdout.close()
        assert stack.wait(60) == 141
    assert not list((laptop.home / "run").glob("*.json"))


def test_a_part_that_ends_is_started_again_and_said_so(laptop: Laptop) -> None:
    stack, _ = laptop.up()
    try:
        [worker] = [p for p in psutil.Process(stack.pid).children() if "worker.py" in " ".join(p.cmdline())]
        worker.kill()
        laptop.until_said("Started the worker again", stack, seconds=30)
        assert "The worker was ended by SIGKILL" in laptop.output.read_text()
    finally:
        stack.send_signal(signal.SIGINT)
    assert stack.wait(60) == 0


def test_what_a_killed_run_left_behind_is_ended_at_the_next_start(laptop: Laptop) -> None:
    stack, _ = laptop.up()
    left = psutil.Process(stack.pid).children(recursive=True)
    stack.kill()
    stack.wait()
    stack, _ = laptop.up()
    try:
        assert "that a killed run had left behind" in laptop.output.read_text()
        assert not [p for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    finally:
        stack.send_signal(signal.SIGINT)
    assert stack.wait(60) == 0


def test_parts_of_ones_own_that_cannot_be_used_are_named(laptop: Laptop) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    ordinary = laptop.environment
    for name, value in (("DATABASE_URL", f"postgresql://u:p@{nowhere}/x"), ("TEMPORAL_ADDRESS", nowhere)):
        laptop.environment = {**ordinary, name: value}
        try:
            done = laptop.run("up")
        finally:
            laptop.environment = ordinary
        assert done.returncode == 1
        assert name in done.stderr
        assert "Traceback" not in done.stderr
        assert not list((laptop.home / "run").glob("*.json"))


def test_a_busy_port_is_named(laptop: Laptop) -> None:
    with socket.create_server(("127.0.0.1", laptop.ports["API"])):
        refused = laptop.run("up")
    assert refused.returncode == 1
    assert (
        f"Port {laptop.ports['API']}, wanted for the API, is in use by process {os.getpid()}"
        in refused.stderr
    )
