"""Keeping files of complaints."""

from __future__ import annotations

import hashlib
import uuid

from sqlalchemy import insert

from storage.canonical import clean
from storage.engine import Database
from storage.queries.attachments import Attachment
from storage.tables import attachments

_ADD = insert(attachments).returning(attachments.c.added_at)


async def add(
    database: Database,
    ref: str,
    *,
    name: str,
    media_type: str,
    content: bytes,
    added_by: str,
    evidence: str = "",
) -> Attachment:
    """Keep a file as it is; what may come in is for the caller to judge.

    Raises sqlalchemy's IntegrityError when there is no such complaint.
    """
    kept = {
        "id": uuid.uuid4(),
        "ref": ref,
        "name": clean(name),
        "media_type": media_type,
        "evidence": evidence,
        "size": len(content),
        "sha256": hashlib.sha256(content).digest(),
        "added_by": added_by,
    }
    row = await database.first(_ADD, {**kept, "content": content})
    assert row is not None, "an insert returns its row"
    return Attachment(**kept, added_at=row.added_at)
