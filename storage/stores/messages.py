"""The outbox: one row for each message to one recipient on one channel, and how far each has come."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain import events as ev
from domain.complaint import Complaint
from domain.evolve import evolve
from domain.messages import ChannelName, Message, MessageState, Notify, Recipient
from domain.procedure import Procedure
from storage.canonical import clean
from storage.engine import Database
from storage.errors import UnknownComplaint
from storage.holders import Resolver, chosen_among, person_id, roles_among
from storage.letters import Letters, Moment, Render, Variables
from storage.prepared import Prepared
from storage.queries import messages as message_queries
from storage.queries.events import to_events
from storage.queries.posts import Directory, by_channel, directory
from storage.queries.procedures import PinnedProcedures
from storage.tables import complaints, customers, events, messages

_COMPLAINT = Prepared(
    select(
        complaints.c.fingerprint,
        complaints.c.customer_name,
        customers.c.name,
        customers.c.phone,
        customers.c.email,
        customers.c.language,
        customers.c.addresses,
    )
    .select_from(complaints.outerjoin(customers, customers.c.id == complaints.c.customer_id))
    .where(complaints.c.ref == bindparam("ref"))
)
_EVENTS = Prepared(
    select(events.c.seq, events.c.at, events.c.by, events.c.kind, events.c.data, events.c.hash)
    .where(events.c.ref == bindparam("ref"), events.c.seq <= bindparam("last"))
    .order_by(events.c.seq)
)
MOST_CLOCKS = 100
"""How many clocks one event can start and stop, at most; so far behind it they are looked for."""

_PLAN = insert(messages).on_conflict_do_nothing()
_MINE = messages.c.id == bindparam("of_id"), messages.c.state != MessageState.SENT.value
_SENT = Prepared(
    update(messages)
    .where(*_MINE)
    .values(
        state=MessageState.SENT.value,
        sent_at=func.now(),
        receipt=bindparam("new_receipt"),
        tries=messages.c.tries + 1,
        last_error="",
    )
)
_TRIED = (
    update(messages)
    .where(*_MINE)
    .values(state=bindparam("new_state"), last_error=bindparam("new_error"), tries=messages.c.tries + 1)
)
_READ = (
    update(messages)
    .where(
        messages.c.id == bindparam("of_id"),
        messages.c.recipient == bindparam("of_recipient"),
        messages.c.read_at.is_(None),
    )
    .values(read_at=func.now())
)


class PostgresOutbox:
    """Implements ``domain.ports.Outbox``.

    ``render`` and ``variables`` make the texts; ``portal_link`` gives a complaint's private page for its
    customer; ``channels`` are those this installation can send on; ``now`` is the instant at which posts
    and absences are looked up, aware.
    """

    def __init__(
        self,
        database: Database,
        *,
        render: Render,
        variables: Variables,
        portal_link: Callable[[str], str],
        channels: Collection[ChannelName] = tuple(ChannelName),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._render = render
        self._variables = variables
        self._portal_link = portal_link
        self._channels = frozenset((*channels, ChannelName.IN_APP))
        self._now = now
        self._procedures = PinnedProcedures(database)

    async def plan(self, ref: str, notices: Sequence[Notify]) -> None:
        """Look up who is meant, render the texts and store one row for each recipient and channel.

        Nothing is planned on a channel this installation does not have; whoever can be told on no other
        gets a row on their page, so that it is seen that they were meant.
        Doing it twice changes nothing. Raises UnknownComplaint, also when a notice names an event that is
        not recorded.
        """
        if not notices:
            return
        row = await self._database.first(_COMPLAINT, {"ref": ref})
        if row is None:
            raise UnknownComplaint(f"there is no complaint {ref}")
        procedure = await self._procedures.by_fingerprint(row.fingerprint)
        moments = await self._moments(ref, procedure, notices)
        here = await self._directory(procedure, moments, notices)
        letters = Letters(
            self._render, self._variables, procedure, _customer_name(row), self._portal_link(ref)
        )
        rows = []
        for notice in notices:
            moment = moments[notice.seq]
            customer = _customer(moment.complaint, row, self._channels)
            resolver = Resolver(here, moment.complaint, customer)
            for told in resolver.told(notice):
                reachable = replace(told, recipient=_reachable(told.recipient, self._channels))
                rows += letters.rows(moment, notice, reachable, resolver)
        if rows:
            await self._database.run(_PLAN, rows)

    async def pending(self, ref: str, seqs: Sequence[int]) -> list[Message]:
        """The messages of these events that are neither sent nor failed for good."""
        return await message_queries.pending(self._database, ref, seqs)

    async def sent(self, message: Message, receipt: str) -> None:
        """Note that a message went out; ``receipt`` is what the provider answered."""
        await self._database.run(
            _SENT, {"of_id": uuid.UUID(message.id), "new_receipt": clean(receipt[:2000])}
        )

    async def tried(self, message: Message, error: str, *, final: bool) -> None:
        """Note a try that did not succeed; ``final``: it will not be tried again by itself."""
        state = MessageState.FAILED if final else MessageState.PENDING
        await self._database.run(
            _TRIED,
            {"of_id": uuid.UUID(message.id), "new_state": state.value, "new_error": clean(error[:2000])},
        )

    async def _moments(
        self, ref: str, procedure: Procedure, notices: Sequence[Notify]
    ) -> Mapping[int, Moment]:
        """The events the notices are about, each with the state it led to.

        The clocks an event starts and stops are recorded right behind it, and belong to that state: a message
        about it says the deadlines that hold from now on (HOT-3).
        """
        wanted = {notice.seq for notice in notices}
        rows = await self._database.fetch(_EVENTS, {"ref": ref, "last": max(wanted) + MOST_CLOCKS})
        complaint, found, about = Complaint(), {}, 0
        for row, event in zip(rows, to_events(rows), strict=True):
            complaint = evolve(procedure, complaint, event)
            if event.seq in wanted:
                found[event.seq] = Moment(event, complaint, row.hash)
            if not isinstance(event.fact, ev.ClockStarted | ev.ClockStopped):
                about = event.seq
            elif about in found:
                found[about] = replace(found[about], complaint=complaint)
        if missing := sorted(wanted - found.keys()):
            raise UnknownComplaint(f"{ref}: the events {missing} are not recorded")
        return found

    async def _directory(
        self, procedure: Procedure, moments: Mapping[int, Moment], notices: Sequence[Notify]
    ) -> Directory:
        """The part of the directory in which the posts of these notices are found."""
        last = moments[max(moments)].complaint
        chosen = chosen_among(notices, last)
        working = (last.owner, *(order.handler for order in last.orders))
        return await directory(
            self._database,
            self._now(),
            units={order.unit for order in last.orders} | {last.unit} - {""} | chosen,
            roles=roles_among(notices),
            people={person_id(actor) for actor in working} - {""} | chosen,
            top_unit=procedure.top_unit,
        )


def _customer_name(row: Row[Any]) -> str:
    return str(row.name or row.customer_name or "")


def _reachable(recipient: Recipient, channels: Collection[ChannelName]) -> Recipient:
    """The recipient with the addresses of these channels; on their page when there is none of them."""
    usable = {name: address for name, address in recipient.addresses.items() if name in channels}
    return replace(recipient, addresses=usable or {ChannelName.IN_APP: recipient.id})


def _customer(complaint: Complaint, row: Row[Any], channels: Collection[ChannelName]) -> Recipient:
    """The customer, told by e-mail, else by SMS, else on their page."""
    known = by_channel(row.addresses or {})
    addresses = {name: address for name, address in known.items() if name in channels}
    if row.email and ChannelName.EMAIL in channels:
        addresses[ChannelName.EMAIL] = row.email
    elif row.phone and not addresses:
        addresses[ChannelName.SMS] = row.phone
    return Recipient(
        id=complaint.customer or "customer",
        name=_customer_name(row),
        language=complaint.language or row.language or "",
        post="customer",
        addresses=addresses,
    )


async def mark_read(database: Database, message_id: str, recipient: str) -> bool:
    """Note that a person has read a message of their inbox; False when it is not theirs or was read."""
    touched = await database.run(_READ, {"of_id": uuid.UUID(message_id), "of_recipient": recipient})
    return touched == 1
