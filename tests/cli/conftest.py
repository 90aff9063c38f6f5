"""The command line as it is used: as a process of its own, against real servers."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from cli import main
from settings import ROOT
from tests.api.conftest import Site, site, temporal_of_api

__all__ = ["site", "temporal_of_api"]

COMMAND = (sys.executable, str(ROOT / "cli.py"))


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass
class Putright:
    """Runs `putright` with an environment of its own: nothing of the surroundings reaches it.

    Called, it runs in a thread of this process, which is quick; `process` is the real thing.
    """

    environment: dict[str, str]
    folder: Path

    async def __call__(self, *arguments: str, code: int | None = 0, **also: str) -> Ran:
        """Run a command to its end; it must end with ``code`` unless that is None."""
        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, {**self.environment, **also}, clear=True),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            ended = await asyncio.wait_for(asyncio.to_thread(main, arguments), 90)
        return self._checked(arguments, Ran(ended, out.getvalue(), err.getvalue()), code)

    async def process(self, *arguments: str, given: bytes = b"", code: int | None = 0, **also: str) -> Ran:
        """Run a command as a process to its end."""
        process = await self.start(*arguments, **also)
        out, err = await asyncio.wait_for(process.communicate(given), 90)
        return self._checked(arguments, Ran(process.returncode or 0, out.decode(), err.decode()), code)

    async def start(self, *arguments: str, **also: str) -> asyncio.subprocess.Process:
        """Start a command and return its process."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *COMMAND,
            *arguments,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env={**self.environment, **also},
            cwd=self.folder,
        )

    @staticmethod
    def _checked(arguments: Sequence[str], ran: Ran, code: int | None) -> Ran:
        assert "Traceback" not in ran.err, ran.err
        assert code is None or ran.code == code, f"{arguments} ended with {ran.code}:\n{ran.out}{ran.err}"
        return ran


def surroundings(home: Path) -> dict[str, str]:
    """An environment without any setting of Putright but its home."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PUTRIGHT_HOME": str(home), "COLUMNS": "200", "PYTHONWARNINGS": "default"}


@pytest.fixture
def putright(tmp_path: Path) -> Putright:
    """`putright` on a machine where nothing runs."""
    return Putright(surroundings(tmp_path / "home"), tmp_path)


@pytest.fixture
def installed(putright: Putright, site: Site) -> Putright:
    """`putright` that speaks to the installation, as its demonstration people."""
    home = Path(putright.environment["PUTRIGHT_HOME"])
    home.mkdir()
    people = [{"role": role, "name": role, "token": token} for role, token in site.tokens.items()]
    (home / "demo-tokens.json").write_text(json.dumps({"database": "", "people": people}))
    putright.environment |= {
        "PUTRIGHT_PUBLIC_URL": site.url,
        "DATABASE_URL": site.database_url,
        "TEMPORAL_ADDRESS": site.temporal.service_client.config.target_host,
    }
    return putright


@pytest.fixture
def with_database(putright: Putright, database_url: str) -> Putright:
    """`putright` with a migrated, empty database."""
    putright.environment["DATABASE_URL"] = database_url
    return putright


def write_csv(
    path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]], *, bom: bool = False
) -> Path:
    """Write a CSV file the way the sources do."""
    import csv

    with path.open("w", newline="", encoding="utf-8-sig" if bom else "utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path
