"""Whose holders are all away: then whoever is named as a substitute for an approval may give it at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.commands import Approve, Asked, RefuseApproval, SendBackProposal
from domain.complaint import Complaint, Status
from domain.procedure import Procedure
from services.connect import Connections
from storage.queries import complaints as complaint_queries
from storage.queries.posts import directory

NOBODY: frozenset[str] = frozenset()


async def with_away(connections: Connections, ref: str, command: Any, asked: Asked) -> Asked:
    """``asked`` with the roles whose holders are all away, for the domain to judge an approval by.

    Other commands cost no look-up, nor do procedures without substitutes; no caller's claim is believed.
    """
    if not isinstance(command, Approve | RefuseApproval | SendBackProposal):
        return replace(asked, away=NOBODY)
    row = await complaint_queries.row(connections.database, ref)
    if row is None:
        return replace(asked, away=NOBODY)
    procedure, _ = await connections.catalogue.by_fingerprint(row.fingerprint)
    return replace(asked, away=await _away(connections, procedure))


async def away_for(connections: Connections, procedure: Procedure, complaint: Complaint) -> frozenset[str]:
    """The same for a complaint that is read, while it is at an approval."""
    return await _away(connections, procedure) if complaint.status is Status.APPROVAL else NOBODY


async def _away(connections: Connections, procedure: Procedure) -> frozenset[str]:
    """Roles whose holders there are, and none of them present; with ``:unit`` those of one unit."""
    approvals = [approval for step in procedure.steps for approval in step.approvals if approval.substitute]
    roles = {role for approval in approvals for role in approval.by}
    if not roles:
        return NOBODY
    found = await directory(
        connections.database,
        datetime.now(UTC),
        units=(),
        roles=roles,
        people=(),
        top_unit=procedure.top_unit,
    )
    present: dict[str, bool] = {}
    for post in found.posts:
        if post.role in roles:
            for word in (post.role, f"{post.role}:{post.unit}"):
                present[word] = present.get(word, False) or post.person.present
    return frozenset(word for word, anybody in present.items() if not anybody)
