"""A real Temporal server with its UI, from the `temporal` program of a wheel, keeping its state on disk."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from local.problem import Problem
from local.processes import Child

# Without these two SQLite syncs on every write and the server is 2.5 times slower; with them a crash of
# the process loses nothing, and only a power cut may lose the last moments.
SQLITE_PRAGMAS = ("journal_mode=wal", "synchronous=1")


def temporal_binary() -> Path:
    """Return the `temporal` program installed beside this Python; `Problem` if there is none."""
    beside = Path(sys.executable).parent / "temporal"
    if beside.exists():
        return beside
    found = shutil.which("temporal")
    if found is None:
        raise Problem("The `temporal` program is not installed. Run `make env`, or set TEMPORAL_ADDRESS.")
    return Path(found)


def temporal_server(
    *,
    database: Path,
    host: str,
    port: int,
    ui_port: int,
    attributes: Mapping[str, str],
    log: Path,
    record: Path | None = None,
    namespace: str = "default",
) -> Child:
    """Return the (not yet started) server: gRPC on `port`, UI on `ui_port`, state in the file `database`."""
    command: list[str | Path] = [
        *(temporal_binary(), "server", "start-dev", "--namespace", namespace),
        *("--ip", host, "--port", str(port), "--ui-port", str(ui_port)),
        *("--db-filename", database, "--log-level", "warn", "--log-format", "json"),
        *(part for pragma in SQLITE_PRAGMAS for part in ("--sqlite-pragma", pragma)),
        *(part for name, kind in attributes.items() for part in ("--search-attribute", f"{name}={kind}")),
    ]
    return Child("Temporal", command, log=log, record=record)
