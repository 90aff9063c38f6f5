"""A real Temporal server with its UI, from the `temporal` program of a wheel, keeping its state on disk."""

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from temporalio.common import SearchAttributeKey

from local.problem import Problem
from local.processes import Child

# How the SDK makes keys of search attributes, by the names of types the command line uses.
KEYS: dict[str, Callable[[str], SearchAttributeKey[Any]]] = {
    "Text": SearchAttributeKey.for_text,
    "Keyword": SearchAttributeKey.for_keyword,
    "Int": SearchAttributeKey.for_int,
    "Double": SearchAttributeKey.for_float,
    "Bool": SearchAttributeKey.for_bool,
    "Datetime": SearchAttributeKey.for_datetime,
    "KeywordList": SearchAttributeKey.for_keyword_list,
}

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


def search_attribute_keys(attributes: Mapping[str, str]) -> list[SearchAttributeKey[Any]]:
    """Return the SDK's typed keys of search attributes given by name and type."""
    return [KEYS[kind](name) for name, kind in attributes.items()]


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
