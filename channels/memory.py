"""Channels and an outbox that keep everything in memory, for tests and trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.messages import Message, MessageState, Notify, Recipient
from domain.ports import DeliveryFailed


class MemoryChannel:
    """Keeps what was sent in ``sent``; fails first as often as it was told to.

    ``tried`` holds every message it was handed, also the ones it refused, in order.
    """

    def __init__(self, failures: int = 0, *, permanent: bool = False) -> None:
        self.failures = failures
        self.permanent = permanent
        self.tried: list[Message] = []
        self.sent: list[Message] = []

    async def send(self, message: Message) -> str:
        """Keep the message and return ``memory:`` and its place.

        Raises DeliveryFailed while failures are left.
        """
        self.tried.append(message)
        if self.failures > 0:
            self.failures -= 1
            raise DeliveryFailed("told to fail", permanent=self.permanent)
        self.sent.append(message)
        return f"memory:{len(self.sent)}"


class MemoryOutbox:
    """An outbox for one process; ``holders`` says who holds which post, role or is the customer.

    ``rows`` holds all messages by key in the order of planning, ``receipts`` and ``errors`` what became
    of them.
    """

    def __init__(self, holders: Mapping[str, Sequence[Recipient]]) -> None:
        self.holders = holders
        self.rows: dict[str, Message] = {}
        self.receipts: dict[str, str] = {}
        self.errors: dict[str, str] = {}

    async def plan(self, ref: str, notices: Sequence[Notify]) -> None:
        """One row for each notice, recipient and channel; what is planned already stays as it is."""
        for notice in notices:
            for post in notice.to:
                for person in self.holders.get(post, ()):
                    self._plan_for(ref, notice, person)

    def _plan_for(self, ref: str, notice: Notify, person: Recipient) -> None:
        for channel, address in person.addresses.items():
            key = f"{ref}_{notice.seq}_{person.id}_{channel.value}"
            if key in self.rows:
                continue
            self.rows[key] = Message(
                id=str(len(self.rows) + 1),
                key=key,
                ref=ref,
                seq=notice.seq,
                template=notice.template,
                channel=channel,
                recipient=person.id,
                address=address,
                subject=f"{ref}: {notice.template}",
                body=f"{person.name}: {notice.template}",
                data={"order": notice.order, "clock": notice.clock},
            )

    async def pending(self, ref: str, seqs: Sequence[int]) -> list[Message]:
        """The messages of these events that are neither sent nor failed for good."""
        return [
            row
            for row in self.rows.values()
            if row.ref == ref and row.seq in seqs and row.state is MessageState.PENDING
        ]

    async def sent(self, message: Message, receipt: str) -> None:
        """Note that a message went out."""
        self._note(message, MessageState.SENT)
        self.receipts[message.key] = receipt

    async def tried(self, message: Message, error: str, *, final: bool) -> None:
        """Note a try that did not succeed."""
        self._note(message, MessageState.FAILED if final else MessageState.PENDING)
        self.errors[message.key] = error

    def _note(self, message: Message, state: MessageState) -> None:
        row = self.rows[message.key]
        self.rows[message.key] = replace(row, state=state, tries=row.tries + 1)
