"""The ports: what activities need from the outside, implemented elsewhere and handed in by the worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.complaint import Complaint
from domain.consequence import CaseRequest
from domain.events import Event
from domain.messages import Message, Notify
from domain.postings import Payment, PaymentAnswer
from domain.retention import Expired


class StaleRecording(Exception):
    """Another, later attempt has recorded this part of the complaint; this one must give way."""


class Overtaken(Exception):
    """Another run of the complaint has recorded beyond where this one began; this one must end."""


@dataclass(frozen=True, slots=True)
class Recording:
    """New events of one complaint, and the state they lead to for the read model.

    ``run`` names the chain of workflow runs that records: the same for all attempts and continuations
    of a run, another when a closed complaint's workflow is started again.
    """

    complaint: Complaint
    events: tuple[Event, ...]
    run: str = ""


class Recorder(Protocol):
    """Keeps the events of complaints and the read model built from them."""

    async def record(self, recording: Recording) -> None:
        """Append the events and update the read model, all in one transaction.

        Doing it twice changes nothing. When other events of the same run stand at the same places, the
        later attempt wins: older ones are set aside (an attempt the workflow never confirmed); if the
        stored ones are later, raises StaleRecording. If another run recorded them, they were confirmed
        before it ended: raises Overtaken.
        """


class Outbox(Protocol):
    """Keeps the messages that are to be sent, a row each."""

    async def plan(self, ref: str, notices: Sequence[Notify]) -> None:
        """Look up who is meant, render the texts and store one row for each recipient and channel.

        Doing it twice changes nothing.
        """

    async def pending(self, ref: str, seqs: Sequence[int]) -> list[Message]:
        """The messages of these events that are neither sent nor failed for good."""

    async def sent(self, message: Message, receipt: str) -> None:
        """Note that a message went out; ``receipt`` is what the provider answered."""

    async def tried(self, message: Message, error: str, *, final: bool) -> None:
        """Note a try that did not succeed; ``final``: it will not be tried again by itself."""


class Channel(Protocol):
    """One way to send a message."""

    async def send(self, message: Message) -> str:
        """Send, and return the provider's receipt.

        Raises DeliveryFailed; its ``permanent`` says whether trying again is useless.
        """


class DeliveryFailed(Exception):
    """A message could not be handed over."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class PaymentSystem(Protocol):
    """Pays money out."""

    async def pay(self, payment: Payment) -> str:
        """Pay, once for the payment's key however often it is asked, and return the receipt.

        Raises DeliveryFailed; its ``permanent`` says whether trying again is useless.
        """


class Payouts(Protocol):
    """Keeps how far each payment has come, a row each."""

    async def claim(self, payment: Payment, lease: timedelta) -> PaymentAnswer | None:
        """Take the payment in hand for at most ``lease``; None: it is ours. Else what was answered already.

        Raises Busy while another try has it in hand.
        """

    async def held(self, payment: Payment) -> bool:
        """Whether it is to wait: nobody has answered it, and whom it goes to has no settlement now."""

    async def answered(self, payment: Payment, answer: PaymentAnswer) -> None:
        """Note what the payment system said; from now on nobody asks it again for this attempt."""

    async def failed(self, payment: Payment, problem: str) -> int:
        """Note a try that did not succeed and let go; returns how many tries there were."""


class Cases(Protocol):
    """Opens the cases of consequences."""

    async def open(self, request: CaseRequest) -> None:
        """Accept the case under its reference, once however often it is asked; its workflow follows."""


class Measures(Protocol):
    """Knows the measures that were taken on units."""

    async def standing(self, units: Sequence[str]) -> Mapping[str, str]:
        """Why each of these units gets no orders (suspended, ended); blank for one that does."""


class Busy(Exception):
    """Another try has the payment in hand just now."""


class Retention(Protocol):
    """Takes away what may not be kept any longer."""

    async def due(self, now: datetime, *, after: str = "", limit: int = 100) -> list[Expired]:
        """Closed complaints whose time has come at ``now``, in order of reference, those behind ``after``."""

    async def end(self, expired: Expired, now: datetime) -> Mapping[str, int]:
        """Anonymise or delete one, for good, in one transaction; how many rows that changed, by table.

        None changed: it was done before, or the complaint was opened again. Raises BrokenChain, and then
        nothing is changed.
        """

    async def remembered(self, *, limit: int = 100) -> list[str]:
        """References of ended complaints of which the workflow engine may still remember something."""

    async def forgotten(self, ref: str, now: datetime) -> None:
        """Note that it remembers nothing of this one any more."""


class Histories(Protocol):
    """What the workflow engine remembers of complaints."""

    async def forget(self, ref: str) -> None:
        """Delete every run of a complaint, finished ones too; doing it twice changes nothing."""
