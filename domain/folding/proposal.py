"""Solutions: proposed, approved, accepted or rejected by the customer."""

from __future__ import annotations

from typing import Any

from domain import events as ev
from domain.complaint import Complaint
from domain.events import Event
from domain.folding import Changes
from domain.procedure import Procedure


def _proposed(_: Procedure, complaint: Complaint, __: Event, fact: ev.Proposed) -> dict[str, Any]:
    return {
        "options": fact.options,
        "grounds": fact.grounds,
        "proposed_round": complaint.round,
        "accepted": "",
        "beyond": fact.beyond,
        "approved": (),
    }


def _approval_opened(
    _: Procedure, complaint: Complaint, __: Event, fact: ev.ApprovalOpened
) -> dict[str, Any]:
    return {"opened_approvals": (*complaint.opened_approvals, fact.approval)}


def _approved(_: Procedure, complaint: Complaint, __: Event, fact: ev.Approved) -> dict[str, Any]:
    return {"approved": (*complaint.approved, fact.approval)}


def _accepted(_: Procedure, __: Complaint, ___: Event, fact: ev.CustomerAccepted) -> dict[str, Any]:
    return {"accepted": fact.option}


def _rejected(_: Procedure, complaint: Complaint, __: Event, ___: ev.CustomerRejected) -> dict[str, Any]:
    return {"rejections": complaint.rejections + 1}


CHANGES: Changes = {
    ev.Proposed: _proposed,
    ev.ApprovalOpened: _approval_opened,
    ev.Approved: _approved,
    ev.CustomerAccepted: _accepted,
    ev.CustomerRejected: _rejected,
}
