"""Checking the chain: has any event of a complaint been changed, taken away or slipped in?"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.canonical import chain, seal
from storage.engine import Database
from storage.tables import complaints, events

_CHAIN = (
    select(*(events.c[name] for name in ("seq", "at", "by", "kind", "data", "hash", "seal")))
    .where(events.c.ref == bindparam("ref"))
    .order_by(events.c.seq)
)
_HEAD = select(complaints.c.seq, complaints.c.head).where(complaints.c.ref == bindparam("ref"))


async def first_broken(database: Database, ref: str) -> int | None:
    """The sequence of the first event that is not what was recorded; None when the chain holds.

    An event missing at the end shows because the complaint's row names the last hash. Of a redacted event the
    seal is checked, which binds what is left to the hash of what was recorded.
    """
    async with database.reading() as connection:
        head = (await connection.execute(_HEAD, {"ref": ref})).first()
        rows = (await connection.execute(_CHAIN, {"ref": ref})).all()
    previous, sealed, expected = b"", b"", 1
    for row in rows:
        values = {"seq": row.seq, "at": row.at, "by": row.by, "kind": row.kind, "data": row.data}
        if row.seal is None:
            holds = row.hash == chain(previous, ref, values)
        else:
            sealed = seal(sealed, row.hash, ref, values)
            holds = row.seal == sealed
        if row.seq != expected or not holds:
            return expected
        previous = row.hash
        expected += 1
    if head is not None and (head.seq, head.head) != (expected - 1, previous):
        return min(expected, head.seq) if head.seq else 1
    return None
