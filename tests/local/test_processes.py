"""Children are ended by their own id: gracefully, then by force, and their words are kept."""

import signal
import sys
from pathlib import Path

import pytest

from local.problem import Problem
from local.processes import Child

STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
)


def test_a_child_ends_at_its_stop_signal_and_its_log_is_kept(tmp_path: Path) -> None:
    child = Child(
        "clerk", [sys.executable, "-c", "print('x' * 9, flush=True); input()"], log=tmp_path / "log"
    )
    child.start()
    child.stop()
    assert child.ended() is not None


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    child = Child("clerk", [sys.executable, "-c", STUBBORN], log=tmp_path / "log")
    child.start()
    while "up" not in child.tail():
        assert child.ended() is None
    child.stop(grace=0.1)
    assert child.ended() == -signal.SIGKILL


def test_a_program_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="clerk could not be started"):
        Child("clerk", [tmp_path / "none"], log=tmp_path / "log").start()
