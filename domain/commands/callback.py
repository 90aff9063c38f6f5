"""What is asked after calling the customer back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class RecordCallback:
    """The result of calling the customer back."""

    outcome: Literal["satisfied", "dissatisfied", "unreached"]
    score: int | None = None
    comment: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
