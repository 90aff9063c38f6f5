"""Guidance: what whoever does a step is told to mind, point by point, and which points they have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from domain.errors import Refused

if TYPE_CHECKING:
    from domain.complaint import Complaint
    from domain.step import Step


@dataclass(frozen=True, slots=True)
class Guidance:
    """The points of one step, in order; ``required``: the step is not done before all of them are."""

    points: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class GuidanceTicked:
    """Somebody did what a point of the guidance says; ``note`` is what came of it."""

    step: str
    point: str
    note: str = ""
    kind: Literal["guidance_ticked"] = "guidance_ticked"


def open_points(complaint: Complaint, step: Step) -> tuple[str, ...]:
    """The points of the step that nobody has done since it was entered."""
    if step.guidance is None:
        return ()
    return tuple(point for point in step.guidance.points if point not in complaint.ticked)


def check_guided(complaint: Complaint, step: Step) -> None:
    """HOT-1, HFC-4: a step whose guidance is required is not done before every point of it is."""
    if step.guidance is None or not step.guidance.required:
        return
    left = open_points(complaint, step)
    if left:
        raise Refused(
            "guidance_open",
            f"the guidance of {step.name!r} is not completed; tick first: {', '.join(left)}",
            fields=dict.fromkeys(left, "not done yet"),
        )
