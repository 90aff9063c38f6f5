"""How a complaint's workflow is started: by intake's relay, or by the command that comes before or after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from domain.commands import Asked, Open
from domain.complaint import Complaint
from domain.procedure import Procedure
from workflows import registry
from workflows.details import summary
from workflows.messages import Carried, Done, Start

WORKFLOW = "Complaint"

_START: TypeAdapter[Start] = TypeAdapter(Start)


def beginning(opening: Open, asked: Asked) -> Start:
    """The input of a first run."""
    return Start(opening=opening, asked=asked)


def carried_on(complaint: Complaint, answered: Mapping[str, Done]) -> Start:
    """The input of a run on a complaint that was refolded from its events.

    ``answered``: what the run before has answered, by request id, so that nothing is done twice.
    """
    return Start(carried=Carried(complaint, dict(answered)))


def to_payload(start: Start) -> dict[str, Any]:
    """A workflow input as plain JSON types, to be kept in the outbox."""
    data: dict[str, Any] = _START.dump_python(start, mode="json")
    return data


def from_payload(data: Mapping[str, Any]) -> Start:
    """The input written by ``to_payload``."""
    return _START.validate_python(data)


def start_arguments(procedure: Procedure, packed: bytes, start: Start) -> dict[str, Any]:
    """Keyword arguments of ``Client.start_workflow`` and ``WithStartWorkflowOperation``.

    Everything but the policies about ids that are in use: those differ by who starts.
    """
    if start.opening is not None:
        ref, channel, facts = start.opening.ref, start.opening.channel, start.opening.facts
    elif start.carried is not None:
        complaint = start.carried.complaint
        ref, channel, facts = complaint.ref, complaint.channel, complaint.facts
    else:
        raise ValueError("a run begins with an opening or with a complaint carried on")
    return {
        "args": [start, packed],
        "id": registry.complaint_workflow_id(ref),
        "task_queue": registry.COMPLAINT_QUEUE,
        "static_summary": summary(procedure, ref, facts.get("category", "")),
        "search_attributes": TypedSearchAttributes(
            [
                SearchAttributePair(registry.PROCEDURE, procedure.name),
                SearchAttributePair(registry.CHANNEL, channel),
            ]
        ),
    }
