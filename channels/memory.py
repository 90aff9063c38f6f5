"""Channels, an outbox and a payment system that keep everything in memory, for tests and trials."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from domain.messages import Message, MessageState, Notify, Recipient
from domain.ports import Busy, DeliveryFailed
from domain.postings import Payment, PaymentAnswer


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


class MemoryPayments:
    """A payment system as it should be: pays once for each key and answers for it as it did before.

    ``asked`` holds every payment it was asked for, ``paid`` what was paid by key.
    """

    def __init__(self, failures: int = 0, *, permanent: bool = False) -> None:
        self.failures = failures
        self.permanent = permanent
        self.asked: list[Payment] = []
        self.paid: dict[str, Decimal] = {}

    async def pay(self, payment: Payment) -> str:
        """Pay and return ``memory:`` and its place. Raises DeliveryFailed while failures are left."""
        self.asked.append(payment)
        if self.failures > 0:
            self.failures -= 1
            raise DeliveryFailed("told to fail", permanent=self.permanent)
        self.paid.setdefault(payment.key, payment.amount)
        return f"memory:{list(self.paid).index(payment.key) + 1}"


class MemoryPayouts:
    """How far payments have come, for one process."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int], PaymentAnswer] = {}
        self._held: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self.suspended: set[str] = set()
        """Accounts whose settlement is suspended."""

    async def held(self, payment: Payment) -> bool:
        """Whether it is to wait: nobody has answered it, and whom it goes to has no settlement now."""
        return payment.target in self.suspended and (payment.key, payment.attempt) not in self._answers

    async def claim(self, payment: Payment, lease: timedelta) -> PaymentAnswer | None:
        """Take the payment in hand; None: it is ours. Else what was answered. Raises Busy."""
        known = self._answers.get((payment.key, payment.attempt))
        if known is not None:
            return known
        if self._held.get(payment.key, 0.0) > time.monotonic():
            raise Busy(f"{payment.key} is in another's hands")
        self._held[payment.key] = time.monotonic() + lease.total_seconds()
        self._tries[payment.key] = self._tries.get(payment.key, 0) + 1
        return None

    async def answered(self, payment: Payment, answer: PaymentAnswer) -> None:
        """Note what the payment system said."""
        self._answers.setdefault((payment.key, payment.attempt), answer)
        self._held.pop(payment.key, None)

    async def failed(self, payment: Payment, problem: str) -> int:
        """Note a try that did not succeed and let go."""
        self._held.pop(payment.key, None)
        return self._tries[payment.key]
