"""What is asked about the cases a complaint leads to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RaiseConsequence:
    """Raise one of the procedure's consequences by hand, for example a rectification order.

    ``unit``: whom it is about, when that is another than the procedure says.
    """

    consequence: str
    note: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class RecordCase:
    """The case of a consequence that was raised is there."""

    ref: str
