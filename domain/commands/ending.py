"""What ends a complaint or opens it again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open a closed complaint again; starts a new round."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The customer withdraws the complaint."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """End the complaint by hand with one of the procedure's reasons.

    ``way`` names who the customer is referred to, where the reason refers to somebody outside.
    """

    reason: str
    note: str = ""
    way: str = ""
