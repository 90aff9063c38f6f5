"""Files of complaints."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from storage.engine import Database
from storage.tables import attachments


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it is listed; ``size`` in bytes, ``evidence`` its kind (see ``domain.evidence``)."""

    id: uuid.UUID
    ref: str
    name: str
    media_type: str
    evidence: str
    size: int
    sha256: bytes
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """A file with what is in it."""

    name: str
    media_type: str
    content: bytes


_OF = (
    select(*(attachments.c[name] for name in Attachment.__slots__))
    .where(attachments.c.ref == bindparam("ref"))
    .order_by(attachments.c.added_at, attachments.c.id)
)
_CONTENT = select(attachments.c.name, attachments.c.media_type, attachments.c.content).where(
    attachments.c.ref == bindparam("ref"), attachments.c.id == bindparam("id")
)
_KINDS = select(attachments.c.id, attachments.c.evidence).where(
    attachments.c.ref == bindparam("ref"),
    attachments.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
)


async def of_complaint(database: Database, ref: str) -> list[Attachment]:
    """The files of a complaint without their content, the oldest first."""
    return [Attachment(**row._asdict()) for row in await database.fetch(_OF, {"ref": ref})]


async def content(database: Database, ref: str, attachment_id: uuid.UUID) -> Content | None:
    """A file with its content; None when the complaint has none of that id."""
    row = await database.first(_CONTENT, {"ref": ref, "id": attachment_id})
    return Content(**row._asdict()) if row is not None else None


async def kinds(database: Database, ref: str, ids: Sequence[uuid.UUID]) -> dict[str, str]:
    """Those of the files that belong to the complaint, by id as text, each with its kind of evidence."""
    rows = await database.fetch(_KINDS, {"ref": ref, "ids": list(ids)})
    return {str(row.id): row.evidence for row in rows}
