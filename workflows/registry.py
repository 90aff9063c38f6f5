"""Names that processes must agree on: workflow ids, queues, activities, search attributes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from temporalio.common import SearchAttributeKey

COMPLAINT_QUEUE = "putright-complaints"
"""Workflow tasks of complaints, and the recording local activities that run beside them."""

NOTIFICATION_QUEUE = "putright-notifications"
"""Sending messages and paying out: what waits for the outside world has workers of its own if wanted, which
alone hold the secrets of mail servers and the payment system."""

UPKEEP_QUEUE = "putright-upkeep"
"""What is done for all complaints together, now and then: taking away what may not be kept any longer."""

QUEUES = (COMPLAINT_QUEUE, NOTIFICATION_QUEUE, UPKEEP_QUEUE)

RECORD = "record"
SEND_MESSAGES = "send_messages"
PAY_OUT = "pay_out"
OPEN_CASE = "open_case"
UNIT_STANDING = "unit_standing"
APPLY_RETENTION = "apply_retention"

RETENTION = "retention"
"""Name of the retention workflow, and id of its schedule."""

STATUS: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintStatus")
PROCEDURE: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintProcedure")
UNIT: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintUnit")
SEVERITY: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintSeverity")
CHANNEL: SearchAttributeKey[str] = SearchAttributeKey.for_keyword("ComplaintChannel")
NEXT_DUE: SearchAttributeKey[datetime] = SearchAttributeKey.for_datetime("ComplaintNextDue")
ROUND: SearchAttributeKey[int] = SearchAttributeKey.for_int("ComplaintRound")
BREACHED: SearchAttributeKey[bool] = SearchAttributeKey.for_bool("ComplaintBreached")

SEARCH_ATTRIBUTES: Mapping[str, str] = {
    STATUS.name: "Keyword",
    PROCEDURE.name: "Keyword",
    UNIT.name: "Keyword",
    SEVERITY.name: "Keyword",
    CHANNEL.name: "Keyword",
    NEXT_DUE.name: "Datetime",
    ROUND.name: "Int",
    BREACHED.name: "Bool",
}
"""Name to type, as the ``temporal`` command line and the operator service spell them."""


def complaint_workflow_id(ref: str) -> str:
    """The id under which a complaint runs: one complaint, one id, for ever."""
    return f"complaint:{ref}"
