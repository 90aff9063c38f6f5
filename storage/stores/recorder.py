"""Recording: events appended and the read model updated in one transaction, once, whoever tries again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import Clock
from domain.complaint import Complaint, Order
from domain.errors import CorruptHistory
from domain.events import Archived, Event, ProcedureMoved
from domain.messages import MessageState
from domain.ports import Overtaken, Recording, StaleRecording
from storage.canonical import chain, event_row
from storage.engine import Database
from storage.errors import RecordingGap, UnknownComplaint, UnknownVersion
from storage.prepared import Prepared
from storage.stores import archive, ledger, measures, readmodel
from storage.tables import clocks, complaints, events, messages, orders, procedures, superseded_events

_LOCK = (
    select(complaints.c.seq, complaints.c.head, complaints.c.run, complaints.c.redacted_at)
    .where(complaints.c.ref == text(":ref"))
    .with_for_update()
)
_STORED = (
    select(events.c.seq, events.c.at, events.c.hash)
    .where(events.c.ref == text(":ref"), events.c.seq >= text(":seq"))
    .order_by(events.c.seq)
)
_REMEMBERED = 2000
_MORE = (ProcedureMoved, Archived)
"""What is recorded by more than the one statement, in the same transaction."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What this process knows to be stored of a complaint."""

    seq: int
    hash: bytes
    orders: tuple[Order, ...] = ()
    clocks: tuple[Clock, ...] = ()


_NOTHING = _Head(0, b"")


class PostgresRecorder:
    """Implements ``domain.ports.Recorder``.

    The process that recorded a complaint last knows its sequence and hash, so a recording is one statement
    and one round trip that takes effect only if both still hold. If they do not, or are not known, the
    complaint's row is locked and what is stored is compared event by event.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._heads: OrderedDict[str, _Head] = OrderedDict()

    async def record(self, recording: Recording) -> None:
        """Append the events and update the read model, all in one transaction; twice changes nothing.

        Raises StaleRecording when a later attempt stands at the same places, Overtaken when another run does
        or the complaint was anonymised, RecordingGap when events before these are missing, UnknownComplaint
        when intake never wrote the complaint, CorruptHistory when the events are not consecutive or do not
        lead to its sequence.
        """
        if not recording.events:
            return
        _check(recording)
        complaint, first = recording.complaint, recording.events[0].seq
        known = _NOTHING if first == 1 else self._heads.get(complaint.ref)
        more = any(isinstance(event.fact, _MORE) for event in recording.events)
        if known is None or known.seq != first - 1 or more:
            await self._reconcile(recording)
            return
        statement, parameters, head = _append(recording, recording.events, known)
        if await self._database.first(statement, parameters) is None:
            await self._reconcile(recording)
        else:
            self._remember(complaint, head)

    def _remember(self, complaint: Complaint, head: bytes) -> None:
        self._heads[complaint.ref] = _Head(complaint.seq, head, complaint.orders, complaint.clocks)
        self._heads.move_to_end(complaint.ref)
        if len(self._heads) > _REMEMBERED:
            self._heads.popitem(last=False)

    async def _reconcile(self, recording: Recording) -> None:
        """Compare with what is stored, set aside what an unconfirmed attempt left, append what is missing."""
        complaint = recording.complaint
        self._heads.pop(complaint.ref, None)
        async with self._database.transaction() as connection:
            base = await _base(connection, recording)
            if base is None:
                return
            missing = [event for event in recording.events if event.seq > base.seq]
            statement, parameters, head = _append(recording, missing, base)
            if (await connection.execute(statement.statement, parameters)).first() is None:
                raise CorruptHistory(f"{complaint.ref}: the last event is not the one its row names")
            for event in missing:
                if isinstance(event.fact, ProcedureMoved):
                    await _pin(connection, complaint.ref, event.fact)
                elif isinstance(event.fact, Archived):
                    await archive.number(connection, complaint.ref, event.fact, event.at)
        self._remember(complaint, head)


def _check(recording: Recording) -> None:
    seqs = [event.seq for event in recording.events]
    if seqs != list(range(seqs[0], seqs[0] + len(seqs))) or seqs[-1] != recording.complaint.seq:
        raise CorruptHistory(
            f"{recording.complaint.ref}: events {seqs} do not lead to {recording.complaint.seq}"
        )


def _append(
    recording: Recording, new: Sequence[Event], base: _Head
) -> tuple[Prepared, dict[str, Any], bytes]:
    """The append statement, its parameters, and the hash of the last event."""
    complaint = recording.complaint
    rows, hashes, previous = [], [], base.hash
    for event in new:
        row = event_row(event)
        previous = chain(previous, complaint.ref, row)
        hashes.append(previous)
        rows.append({**row, "hash": readmodel.bytea(previous)})
    changed_clocks = [clock for clock in complaint.clocks if clock not in base.clocks]
    touched = {clock.order for clock in changed_clocks}
    changed_orders = [order for order in complaint.orders if order.id in touched or order not in base.orders]
    extras = {
        "ledger": ledger.lines(list(zip(new, hashes, strict=True))),
        "payouts": ledger.payout_rows(complaint, new),
        "measures": measures.rows(new),
    }
    written = tuple(name for name, found in extras.items() if found)
    parameters = {
        **{name: readmodel.to_json(extras[name]) for name in written},
        "ref": complaint.ref,
        "seen_seq": base.seq,
        "seen_head": base.hash,
        "state": readmodel.to_json(readmodel.complaint_row(complaint, previous, recording.run)),
        "events": readmodel.to_json(rows),
        "orders": readmodel.to_json([readmodel.order_row(order, complaint) for order in changed_orders]),
        "clocks": readmodel.to_json([readmodel.clock_row(clock) for clock in changed_clocks]),
        "payload": f"{complaint.ref} {complaint.seq}",
    }
    return readmodel.append_statement(written), parameters, previous


async def _base(connection: AsyncConnection, recording: Recording) -> _Head | None:
    """Where to append: the last stored event that the new ones agree with. None: all are stored already."""
    ref, new = recording.complaint.ref, recording.events
    row = (await connection.execute(_LOCK, {"ref": ref})).first()
    if row is None:
        raise UnknownComplaint(f"there is no complaint {ref}")
    if row.redacted_at is not None:
        raise Overtaken(f"{ref}: it was anonymised, so nothing can follow")
    first = new[0].seq
    if first > row.seq + 1:
        raise RecordingGap(f"{ref}: event {first} cannot follow {row.seq}; those between are missing")
    stored = {r.seq: r for r in await connection.execute(_STORED, {"ref": ref, "seq": first - 1})}
    previous = stored[first - 1].hash if first > 1 else b""
    for event in new:
        there = stored.get(event.seq)
        if there is None:
            return _Head(event.seq - 1, previous)
        if there.hash != chain(previous, ref, event_row(event)):
            if row.run != recording.run:
                raise Overtaken(f"{ref}: another run has recorded event {event.seq} already")
            if event.at <= there.at:
                raise StaleRecording(f"{ref}: a later attempt has recorded event {event.seq}")
            await _set_aside(connection, ref, event.seq, previous)
            return _Head(event.seq - 1, previous)
        previous = there.hash
    return None


async def _set_aside(connection: AsyncConnection, ref: str, seq: int, head: bytes) -> None:
    """Move the stored events from ``seq`` on out of the way, with everything that came of them."""
    theirs = events.c.ref == ref, events.c.seq >= seq
    await ledger.undo(connection, ref, seq)
    await measures.undo(connection, ref, seq)
    kept = [column for column in events.columns if column.name in superseded_events.c]
    names = [column.name for column in kept]
    await connection.execute(insert(superseded_events).from_select(names, select(*kept).where(*theirs)))
    await connection.execute(delete(events).where(*theirs))
    await connection.execute(delete(orders).where(orders.c.ref == ref))
    await connection.execute(delete(clocks).where(clocks.c.ref == ref))
    told = messages.c.ref == ref, messages.c.seq >= seq
    await connection.execute(
        delete(messages).where(
            *told, messages.c.state == literal(MessageState.PENDING.value), messages.c.tries == 0
        )
    )
    await connection.execute(
        update(messages).where(*told, messages.c.superseded_at.is_(None)).values(superseded_at=func.now())
    )
    await connection.execute(update(complaints).where(complaints.c.ref == ref).values(seq=seq - 1, head=head))


async def _pin(connection: AsyncConnection, ref: str, fact: ProcedureMoved) -> None:
    """Pin the complaint to the version it was moved to; that version must be stored."""
    version = procedures.c.name == fact.procedure, procedures.c.version == fact.version
    fingerprint = (await connection.execute(select(procedures.c.fingerprint).where(*version))).scalar()
    if fingerprint is None:
        raise UnknownVersion(f"there is no version {fact.version} of the procedure {fact.procedure}")
    await connection.execute(
        update(complaints)
        .where(complaints.c.ref == ref)
        .values(procedure=fact.procedure, version=fact.version, fingerprint=fingerprint)
    )
