"""Checking the chain: has any event of a complaint been changed, taken away or slipped in?"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.canonical import chain
from storage.engine import Database
from storage.tables import complaints, events

_CHAIN = (
    select(*(events.c[name] for name in ("seq", "at", "by", "kind", "data", "hash")))
    .where(events.c.ref == bindparam("ref"))
    .order_by(events.c.seq)
)
_HEAD = select(complaints.c.seq, complaints.c.head).where(complaints.c.ref == bindparam("ref"))


async def first_broken(database: Database, ref: str) -> int | None:
    """The sequence of the first event that is not what was recorded; None when the chain holds.

    An event missing at the end shows because the complaint's row names the last hash.
    """
    async with database.reading() as connection:
        head = (await connection.execute(_HEAD, {"ref": ref})).first()
        rows = (await connection.execute(_CHAIN, {"ref": ref})).all()
    previous, expected = b"", 1
    for row in rows:
        values = {"seq": row.seq, "at": row.at, "by": row.by, "kind": row.kind, "data": row.data}
        previous = chain(previous, ref, values)
        if row.seq != expected or row.hash != previous:
            return expected
        expected += 1
    if head is not None and (head.seq, head.head) != (expected - 1, previous):
        return min(expected, head.seq) if head.seq else 1
    return None
