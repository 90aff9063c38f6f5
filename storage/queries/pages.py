"""Pages: a part of a list, and where the next begins. Keyset: as fast on the last page as on the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page; ``after`` is given back to get the next one, None on the last."""

    items: Sequence[Item]
    after: str | None


def place(at: datetime, *names: str) -> str:
    """Where a page ended: an instant and what tells rows of the same instant apart."""
    return "~".join((at.astimezone(UTC).isoformat(), *names))


def read_place(after: str, names: int = 1) -> tuple[datetime, list[str]]:
    """What ``place`` wrote; ValueError for anything else."""
    at, *rest = after.split("~", names)
    if len(rest) != names or "\x00" in after:
        raise ValueError("not the end of a page")
    instant = datetime.fromisoformat(at)
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return instant, rest
