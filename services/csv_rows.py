"""Rows of CSV files as they really are: read one by one with what is wrong with them, and rejects written."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from services.import_formats import ADDED_TO_REJECTS, WrongFormat

LONGEST_FIELD = 1 << 24


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: its first line there, where it ends in bytes, and its values or what is wrong."""

    line: int
    end: int
    raw: Sequence[str]
    values: Mapping[str, str]
    problem: str = ""


class Rejects:
    """The reject file: the rows that were not taken in, as they were, with their line and the reason.

    It is written anew by every run and removed when nothing was rejected.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._file: IO[str] = path.open("w", newline="", encoding="utf-8", errors="surrogateescape")
        self._writer = csv.writer(self._file)
        self._kept = [n for n, column in enumerate(columns) if column not in ADDED_TO_REJECTS]
        self._writer.writerow([*(columns[n] for n in self._kept), *ADDED_TO_REJECTS])
        self._empty = True

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._empty:
            self._path.unlink(missing_ok=True)

    def add(self, row: Row, reason: str) -> None:
        """Keep one row. What does not fit its columns is left out: the line says where to find it."""
        self._empty = False
        cells = [row.raw[n] if n < len(row.raw) else "" for n in self._kept]
        self._writer.writerow([*cells, row.line, reason])

    def flush(self) -> None:
        """Hand what was added to the operating system."""
        self._file.flush()


def read_rows(file: IO[bytes]) -> tuple[list[str], Iterator[Row]]:
    """The columns of a CSV file and its rows, read as they are asked for.

    A byte order mark is skipped, quoted values may have several lines, empty lines are none. What is wrong
    with a row is said in it. Raises WrongFormat when there is no heading or a column comes twice.
    """
    csv.field_size_limit(LONGEST_FIELD)
    lines = _Lines(file)
    reader = csv.reader(lines)
    try:
        columns = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise WrongFormat(f"this is no CSV file: {error}") from error
    doubled = sorted({name for name in columns if name and columns.count(name) > 1})
    if doubled or not any(columns):
        raise WrongFormat(
            f"the column {', '.join(doubled)} comes twice" if doubled else "the file has no heading"
        )
    return columns, _rows(reader, lines, columns)


def _rows(reader: Any, lines: _Lines, columns: Sequence[str]) -> Iterator[Row]:
    while True:
        line = reader.line_num + 1
        try:
            raw = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, lines.read, (), {}, f"cannot be read as CSV: {error}")
            continue
        if raw:
            problem = _problem(raw, columns)
            yield Row(line, lines.read, raw, {} if problem else dict(zip(columns, raw, strict=True)), problem)


def _problem(raw: Sequence[str], columns: Sequence[str]) -> str:
    if len(raw) != len(columns):
        return f"has {len(raw)} values for {len(columns)} columns"
    if any("\x00" in value for value in raw):
        return "has a NUL character"
    if any("\udc80" <= character <= "\udcff" for value in raw if not value.isascii() for character in value):
        return "is not UTF-8"
    return ""


class _Lines:
    """The lines of a file as text, counting the bytes read. Bytes that are no UTF-8 are kept as they are."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.read = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        if not self.read:
            line = line.removeprefix(b"\xef\xbb\xbf")
        self.read += len(line)
        return line.decode("utf-8", "surrogateescape")
