"""What happens when the customer is called back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class CallbackScheduled:
    attempt: int
    at: datetime
    kind: Literal["callback_scheduled"] = "callback_scheduled"


@dataclass(frozen=True, slots=True)
class CallbackDue:
    attempt: int
    kind: Literal["callback_due"] = "callback_due"


@dataclass(frozen=True, slots=True)
class CallbackMade:
    attempt: int
    outcome: Literal["satisfied", "dissatisfied", "unreached"]
    score: int | None = None
    comment: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["callback_made"] = "callback_made"
