"""What is asked about solutions: proposing, approving, deciding, carrying out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.events import Option


@dataclass(frozen=True, slots=True)
class Propose:
    """Put one or more solutions on the table, with what the step's form asks."""

    options: tuple[Option, ...]
    grounds: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Approve:
    """Agree to the proposal."""

    approval: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefuseApproval:
    """Refuse the proposal for good."""

    reason: str
    approval: str = ""


@dataclass(frozen=True, slots=True)
class SendBackProposal:
    """Return the proposal with remarks, to be worked over."""

    remarks: str
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Accept:
    """The customer accepts one of the options."""

    option: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """The customer rejects what was offered."""

    reason: str
    demand: str = ""


@dataclass(frozen=True, slots=True)
class Fulfil:
    """What was promised has been carried out."""

    note: str = ""
