"""A real Temporal server with its UI, from the `temporal` program of a wheel, keeping its state on disk."""

import shutil
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from temporalio.common import SearchAttributeIndexedValueType as ValueType
from temporalio.common import SearchAttributeKey

from local.problem import Problem
from local.processes import Child

# How the command line names the types of search attributes, and how the SDK makes keys of them.
TYPES: dict[int, tuple[str, Callable[[str], SearchAttributeKey[Any]]]] = {
    ValueType.TEXT: ("Text", SearchAttributeKey.for_text),
    ValueType.KEYWORD: ("Keyword", SearchAttributeKey.for_keyword),
    ValueType.INT: ("Int", SearchAttributeKey.for_int),
    ValueType.DOUBLE: ("Double", SearchAttributeKey.for_float),
    ValueType.BOOL: ("Bool", SearchAttributeKey.for_bool),
    ValueType.DATETIME: ("Datetime", SearchAttributeKey.for_datetime),
    ValueType.KEYWORD_LIST: ("KeywordList", SearchAttributeKey.for_keyword_list),
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


def search_attributes() -> Mapping[str, int]:
    """Return the search attributes complaints carry: name to type, from the one place that lists them."""
    if find_spec("workflows") is None or find_spec("workflows.registry") is None:
        return {}
    from workflows.registry import SEARCH_ATTRIBUTES

    return SEARCH_ATTRIBUTES


def search_attribute_keys(attributes: Mapping[str, int]) -> list[SearchAttributeKey[Any]]:
    """Return the SDK's typed keys of search attributes given by name and type."""
    return [TYPES[kind][1](name) for name, kind in attributes.items()]


def search_attribute_arguments(attributes: Mapping[str, int]) -> list[str]:
    """Return the command line arguments that register search attributes by name and type."""
    return [
        part
        for name, kind in attributes.items()
        for part in ("--search-attribute", f"{name}={TYPES[kind][0]}")
    ]


def temporal_server(
    *,
    database: Path,
    host: str,
    port: int,
    ui_port: int,
    attributes: Mapping[str, int],
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
        *search_attribute_arguments(attributes),
    ]
    return Child("Temporal", command, log=log, record=record)
