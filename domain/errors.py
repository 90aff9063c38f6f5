"""The refusals of the domain: typed, coded, and saying what would be legal instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class Refused(Exception):
    """A command was not legal; nothing has changed.

    code:   stable machine-readable word, for example ``wrong_step``
    reason: one English sentence for a person
    legal:  verbs this actor may use on the complaint now
    fields: per-field messages when the input itself was wrong
    """

    code: str
    reason: str
    legal: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


class ProcedureError(ValueError):
    """A procedure cannot mean what it says; the message names the place."""


class CorruptHistory(Exception):
    """Stored events do not fold: a gap in the sequence or a fact that does not fit the state."""
