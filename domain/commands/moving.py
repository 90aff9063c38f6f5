"""Going on by another version of the procedure."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.asking import LOOKED_UP
from domain.procedure import Procedure


@dataclass(frozen=True, slots=True)
class MoveProcedure:
    """Handle the open complaint by another version of its procedure from now on.

    ``to`` is that version's rules, looked up by whoever takes the command.
    """

    version: str
    reason: str
    to: Procedure | None = field(default=None, metadata=LOOKED_UP)
