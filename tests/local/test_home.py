"""The home folder: private, held by one process, never somebody else's, and forgotten only on request."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.home import end_leftovers, forget, held, make_home
from local.problem import Problem
from local.processes import Child


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    make_home(home)
    return home


def test_a_home_is_for_its_owner_only(home: Path) -> None:
    assert home.stat().st_mode & 0o077 == 0


def test_permissions_of_folders_that_were_there_stay(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    make_home(tmp_path / "home")
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(Problem, match="other things in it"):
        make_home(tmp_path)
    with pytest.raises(Problem, match="not a home folder"):
        forget(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_home_below_a_folder_that_is_closed_to_us_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", closed)
    with pytest.raises(Problem, match=r"may not write there \(Permission denied\)"):
        make_home(tmp_path / "locked" / "home")


def test_a_second_instance_is_told_who_runs(home: Path) -> None:
    script = f"import pathlib, local.home\nwith local.home.held(pathlib.Path({str(home)!r})): print('held')"
    with held(home):
        second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "already runs" in second.stderr
    again = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert again.stdout == "held\n"


def test_a_running_stack_is_not_forgotten(home: Path) -> None:
    script = f"from pathlib import Path; from local.home import forget; forget(Path({str(home)!r}))"
    with held(home):
        other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "already runs" in other.stderr
    assert home.exists()


def test_forgetting_removes_the_home(home: Path) -> None:
    assert forget(home) == [home]
    assert not home.exists()


def test_what_a_killed_run_left_behind_is_ended_and_nothing_else(home: Path) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    left = Child("worker", sleeper, log=home / "logs" / "worker.log", record=home / "run" / "worker.json")
    other = Child("API", sleeper, log=home / "logs" / "api.log")
    left.start()
    other.start()
    try:
        # A record of a process id that now belongs to another process must not end that process.
        stranger = (
            (home / "run" / "worker.json").read_text().replace(f'"pid": {left.pid}', f'"pid": {other.pid}')
        )
        (home / "run" / "api.json").write_text(stranger.replace('"created": ', '"created": 1'))
        assert end_leftovers(home) == ["worker"]
        assert left.ended() is not None
        assert other.ended() is None
        assert list((home / "run").iterdir()) == []
    finally:
        left.stop()
        other.stop()
