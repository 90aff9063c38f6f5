"""Publishing announcements."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert

from storage.canonical import clean
from storage.engine import Database
from storage.tables import announcements

_PUBLISH = insert(announcements)


async def publish(
    database: Database,
    *,
    procedure: str,
    title: str,
    wording: Mapping[str, str],
    valid_from: datetime,
    valid_to: datetime | None = None,
    category: str = "",
    published_by: str = "",
) -> uuid.UUID:
    """Announce something for the complaints of a procedure, and of one category if it is named.

    ``wording`` is the text by language; instants are aware. Returns the announcement's id.
    """
    new = uuid.uuid4()
    await database.run(
        _PUBLISH,
        {
            "id": new,
            "procedure": procedure,
            "category": category,
            "title": clean(title),
            "wording": clean(dict(wording)),
            "valid_from": valid_from,
            "valid_to": valid_to,
            "published_by": published_by,
        },
    )
    return new
