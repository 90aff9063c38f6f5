"""Callbacks: planned, and due."""

from __future__ import annotations

from typing import Any

from domain import events as ev
from domain.complaint import Callback, Complaint
from domain.events import Event
from domain.folding import Changes
from domain.procedure import Procedure


def _callback_scheduled(
    _: Procedure, __: Complaint, ___: Event, fact: ev.CallbackScheduled
) -> dict[str, Any]:
    return {"callback": Callback(attempt=fact.attempt, at=fact.at, due=False)}


def _callback_due(_: Procedure, complaint: Complaint, event: Event, fact: ev.CallbackDue) -> dict[str, Any]:
    at = complaint.callback.at if complaint.callback else event.at
    return {"callback": Callback(attempt=fact.attempt, at=at, due=True)}


CHANGES: Changes = {
    ev.CallbackScheduled: _callback_scheduled,
    ev.CallbackDue: _callback_due,
}
