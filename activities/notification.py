"""Telling people and systems what happened: every message once, in spite of everything that can be down.

Once, with one honest exception: a provider may accept a message and the process (or the connection) die
before that is known here. Then the message goes out again under the same key, and a provider that
honours keys drops the second. Mail servers do not, so an e-mail can in that case arrive twice.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.messages import ChannelName, Message, MessageState, SendRequest
from domain.ports import Channel, DeliveryFailed, Outbox

WAITING = "MessagesWaiting"
"""Type of the failure that says: some messages are to be tried again; nothing is wrong with the others."""

HEARTBEAT_EVERY = timedelta(seconds=10)
CARRIED_PAUSE = timedelta(seconds=30)
"""After so long a try of the run before has ended, or has heard with a heartbeat that its run is gone."""
"""Less than half of the time after which the workflow has a silent try done again elsewhere."""
SHARE_OF_TIMEOUT = 0.6
"""A try starts no further message after this share of its time, so that none is cut off in the middle.

Each channel sends at least one message a try, so that there is progress however late a try begins.
"""


@dataclass(frozen=True, slots=True)
class SendReport:
    """How many messages went out in the last try, and how many failed for good in it."""

    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a message that cannot go out is tried: the pause doubles from ``first`` up to ``longest``.

    With the defaults 440 tries, which take about three days: an outage over a weekend mends itself, and
    ten minutes after it the last message is out.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=10)
    tries: int = 440

    def pause_after(self, tries: int) -> timedelta:
        """The pause before the next try when ``tries`` (1 or more) have failed."""
        doubled: timedelta = self.first * 2 ** min(tries - 1, 30)
        return min(doubled, self.longest)

    def lasts(self) -> timedelta:
        """All pauses together: the age at which a message is given up."""
        return sum((self.pause_after(tries) for tries in range(1, self.tries)), timedelta())


class Delivery:
    """Hands one message to its channel and notes what came of it; also for sending again by hand."""

    def __init__(
        self, outbox: Outbox, channels: Mapping[ChannelName, Channel], patience: Patience | None = None
    ) -> None:
        self._outbox = outbox
        self._channels = channels
        self._patience = patience or Patience()

    async def deliver(
        self, message: Message, *, last: bool = False, accepted: MutableMapping[str, str] | None = None
    ) -> MessageState:
        """Try to send one message; returns its state, after that state was stored.

        ``last``: this try is the last whatever happened before, as when a person sends a failed message
        again. ``accepted``: receipts by key of messages a provider has taken but which are not noted yet;
        such a message is only noted, and one whose noting fails is left in it.
        Raises only what the outbox raises: a message that cannot be sent is a state, not an error.
        """
        taken = {} if accepted is None else accepted
        if message.key not in taken:
            try:
                taken[message.key] = await self._handed_over(message)
            except DeliveryFailed as failure:
                final = failure.permanent or last or message.tries + 1 >= self._patience.tries
                await self._outbox.tried(message, str(failure), final=final)
                return MessageState.FAILED if final else MessageState.PENDING
        await self._outbox.sent(message, taken[message.key])
        del taken[message.key]
        return MessageState.SENT

    async def _handed_over(self, message: Message) -> str:
        channel = self._channels.get(message.channel)
        if channel is None:
            raise DeliveryFailed(f"there is no {message.channel.value} channel here", permanent=True)
        try:
            return await channel.send(message)
        except DeliveryFailed:
            raise
        except Exception as error:
            # A fault in one channel or its library must not keep the other messages from going; it is
            # noted on the row like any other failure and tried again.
            raise DeliveryFailed(f"{type(error).__name__}: {error}") from error


class NotificationActivities:
    """Handed the outbox and the channels by the worker."""

    def __init__(
        self, outbox: Outbox, channels: Mapping[ChannelName, Channel], patience: Patience | None = None
    ) -> None:
        self._outbox = outbox
        self._patience = patience or Patience()
        self._delivery = Delivery(outbox, channels, self._patience)

    @activity.defn(name="send_messages")
    async def send_messages(self, request: SendRequest) -> SendReport:
        """Plan one row for each recipient and channel, then send all that are pending.

        Ends when every message is sent or has failed for good. Until then it fails with type
        ``MessagesWaiting`` and says itself when it wants to be tried again, so its retry policy should
        limit neither attempts nor time. Channels work side by side: a slow one delays only its own.
        What a run carried over is looked at after a pause: the try it had begun may still be sending.
        """
        if request.carried and activity.info().attempt == 1:
            raise _waits(f"the run before may be sending messages of {request.ref}", CARRIED_PAUSE)
        one_try = _Try(self._delivery)
        async with one_try.seen_alive():
            await self._outbox.plan(request.ref, request.notices)
            seqs = sorted({notice.seq for notice in request.notices})
            messages = await self._outbox.pending(request.ref, seqs)
            lanes = (
                one_try.send([message for message in messages if message.channel is channel])
                for channel in dict.fromkeys(message.channel for message in messages)
            )
            ends = await asyncio.gather(*lanes, return_exceptions=True)
        one_try.remember_accepted()
        for end in ends:
            if end is not None:
                raise end
        if one_try.waiting or one_try.skipped:
            raise self._again(request.ref, one_try)
        return SendReport(one_try.sent, one_try.failed)

    def _again(self, ref: str, one_try: _Try) -> ApplicationError:
        """The failure that makes Temporal try again at the right time; expected, so it is no alarm."""
        pause = timedelta(seconds=1)
        if not one_try.skipped:
            fewest = min(message.tries for message in one_try.waiting) + 1
            # Spread over ±10 %, always the same for a complaint, so that an outage's end is no stampede.
            spread = 0.9 + 0.2 * (zlib.crc32(ref.encode()) % 1000) / 1000
            pause = self._patience.pause_after(fewest) * spread
        return _waits(
            f"{len(one_try.waiting) + one_try.skipped} messages of {ref} wait for another try", pause
        )


def _waits(reason: str, pause: timedelta) -> ApplicationError:
    return ApplicationError(
        reason, type=WAITING, next_retry_delay=pause, category=ApplicationErrorCategory.BENIGN
    )


class _Try:
    """One try of the activity: what became of the messages, and what a next try has to know."""

    def __init__(self, delivery: Delivery) -> None:
        self.sent = 0
        self.failed = 0
        self.skipped = 0
        self.waiting: list[Message] = []
        self._delivery = delivery
        info = activity.info()
        self._accepted: dict[str, str] = dict(info.heartbeat_details[0]) if info.heartbeat_details else {}
        self._clock = asyncio.get_running_loop().time
        self._started_at = self._clock()
        self._timeout = info.start_to_close_timeout

    @asynccontextmanager
    async def seen_alive(self) -> AsyncIterator[None]:
        """Heartbeat now and then, so that a killed worker is noticed soon and another one takes over.

        The usual short try ends before the first and costs the server nothing.
        """
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())
            activity.heartbeat(dict(self._accepted))

    async def send(self, messages: Sequence[Message]) -> None:
        """Send messages one after the other; raises what the outbox raises."""
        for number, message in enumerate(messages):
            if activity.is_worker_shutdown() or (number > 0 and self._is_late()):
                self.skipped += len(messages) - number
                return
            state = await self._delivery.deliver(message, accepted=self._accepted)
            if state is MessageState.SENT:
                self.sent += 1
            else:
                self._note_failure(message, state)

    def remember_accepted(self) -> None:
        """Leave the receipts that could not be noted (database down) to the next try, wherever it runs."""
        if self._accepted:
            activity.heartbeat(dict(self._accepted))

    def _note_failure(self, message: Message, state: MessageState) -> None:
        if state is MessageState.FAILED:
            self.failed += 1
        else:
            self.waiting.append(message)
        # Neither address nor reason: both may be personal. They stand on the row.
        level = activity.logger.error if state is MessageState.FAILED else activity.logger.warning
        level("message %s by %s: %s after %d tries", message.id, message.channel, state, message.tries + 1)

    def _is_late(self) -> bool:
        used = timedelta(seconds=self._clock() - self._started_at)
        return self._timeout is not None and used > self._timeout * SHARE_OF_TIMEOUT
