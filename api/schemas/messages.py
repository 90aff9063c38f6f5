"""Messages that were sent, and files that were added."""

from __future__ import annotations

import uuid
from datetime import datetime

from api.schemas.base import View


class MessageView(View):
    """One message to one recipient on one channel."""

    id: uuid.UUID
    seq: int
    template: str
    channel: str
    recipient: str
    recipient_name: str
    post: str
    address: str
    subject: str
    body: str
    state: str
    tries: int
    last_error: str
    created_at: datetime
    sent_at: datetime | None


class InboxMessage(View):
    """A message to the caller inside Putright."""

    id: uuid.UUID
    ref: str
    seq: int
    template: str
    subject: str
    body: str
    created_at: datetime
    read_at: datetime | None


class AttachmentView(View):
    """A file that belongs to a complaint."""

    id: uuid.UUID
    name: str
    media_type: str
    evidence: str
    size: int
    added_by: str
    added_at: datetime
