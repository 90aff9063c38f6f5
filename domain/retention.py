"""Retention: complaints whose time has come, and what was done with them (ENT-8, MFG-19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days a complaint is kept after its closing, and what is done with it then."""

    days: int
    then: Literal["anonymise", "delete"] = "anonymise"


@dataclass(frozen=True, slots=True)
class Expired:
    """A closed complaint whose time has come; ``then`` is anonymise or delete. Instants are aware."""

    ref: str
    procedure: str
    version: str
    then: str
    closed_at: datetime
    due_at: datetime


class BrokenChain(Exception):
    """The events of a complaint are not those that were recorded; a person has to look at them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some complaints in a row whose time may have come at ``now``: those behind ``after``, so many."""

    now: datetime
    after: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """What retention did: how many complaints by what was done, and where it ended.

    ``broken`` are those left alone because their events are not what was recorded; ``after`` is empty when
    nothing is left.
    """

    anonymised: int = 0
    deleted: int = 0
    broken: tuple[str, ...] = ()
    after: str = ""

    def plus(self, other: Kept) -> Kept:
        """Both together; it ends where ``other`` does."""
        return Kept(
            self.anonymised + other.anonymised,
            self.deleted + other.deleted,
            (*self.broken, *other.broken),
            other.after,
        )
