"""Sending: every message goes out once, whatever is down in between."""

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.notification import Delivery, NotificationActivities, Patience, SendReport
from channels import ChannelsConfig, MailConfig, channels_from
from channels.memory import MemoryChannel, MemoryOutbox
from domain.messages import ChannelName, MessageState, Notify, Recipient, SendRequest
from tests.channels.catchers import catching_mail, refusing_port
from workflows.effects import SEND_HEARTBEAT

LI = Recipient(
    "p1", "李伟", "zh", "handler", {ChannelName.EMAIL: "li@example.cn", ChannelName.SMS: "+8613800138000"}
)
ANN = Recipient("p2", "Ann", "en", "unit_head", {ChannelName.EMAIL: "ann@example.com"})
REQUEST = SendRequest("C-1", (Notify(4, "warned", ("handler", "unit_head"), clock="reply"),))


def environment(**changes: object) -> ActivityEnvironment:
    """An activity that may take five minutes."""
    env = ActivityEnvironment()
    env.info = replace(env.info, **{"start_to_close_timeout": timedelta(minutes=5), **changes})
    return env


def outbox() -> MemoryOutbox:
    return MemoryOutbox({"handler": [LI], "unit_head": [ANN]})


async def attempt(
    box: MemoryOutbox, channels: dict, patience: Patience | None = None, **info: object
) -> SendReport:
    """One try of the activity."""
    return await environment(**info).run(
        NotificationActivities(box, channels, patience).send_messages, REQUEST
    )


def states(box: MemoryOutbox) -> dict[str, str]:
    return {row.recipient + "/" + row.channel: row.state.value for row in box.rows.values()}


async def test_every_recipient_is_told_on_every_channel_of_theirs():
    box, mail, sms = outbox(), MemoryChannel(), MemoryChannel()
    report = await attempt(box, {ChannelName.EMAIL: mail, ChannelName.SMS: sms})
    assert report == SendReport(sent=3, failed=0)
    assert [message.address for message in mail.sent] == ["li@example.cn", "ann@example.com"]
    assert [message.address for message in sms.sent] == ["+8613800138000"]
    assert set(box.receipts.values()) == {"memory:1", "memory:2"}


async def test_what_a_run_carried_over_waits_until_the_run_before_can_be_sending_no_more():
    box, mail = outbox(), MemoryChannel()
    activities = NotificationActivities(box, {ChannelName.EMAIL: mail})
    carried = replace(REQUEST, carried=True)
    with pytest.raises(ApplicationError) as failure:
        await environment(attempt=1).run(activities.send_messages, carried)
    assert failure.value.type == "MessagesWaiting"
    assert failure.value.next_retry_delay >= SEND_HEARTBEAT
    assert mail.sent == []
    await environment(attempt=2).run(activities.send_messages, carried)
    assert len(mail.sent) == 2


async def test_doing_it_twice_sends_once():
    box, mail, sms = outbox(), MemoryChannel(), MemoryChannel()
    for _ in range(2):
        await attempt(box, {ChannelName.EMAIL: mail, ChannelName.SMS: sms})
    assert len(mail.sent) == 2
    assert len(sms.sent) == 1


async def test_one_failure_keeps_nobody_else_waiting_and_only_it_is_tried_again():
    box, mail, sms = outbox(), MemoryChannel(failures=1), MemoryChannel()
    with pytest.raises(ApplicationError) as failure:
        await attempt(box, {ChannelName.EMAIL: mail, ChannelName.SMS: sms})
    assert failure.value.type == "MessagesWaiting"
    assert not failure.value.non_retryable
    assert timedelta(seconds=4.5) <= failure.value.next_retry_delay <= timedelta(seconds=5.5)
    assert states(box) == {"p1/email": "pending", "p1/sms": "sent", "p2/email": "sent"}
    assert list(box.errors.values()) == ["told to fail"]
    report = await attempt(box, {ChannelName.EMAIL: mail, ChannelName.SMS: sms})
    assert report == SendReport(sent=1, failed=0)
    assert set(states(box).values()) == {"sent"}
    assert [message.key for message in mail.tried].count("C-1_4_p1_email") == 2
    assert len(sms.sent) == 1


async def test_a_permanent_failure_is_noted_and_does_not_hold_up_the_activity():
    box, mail = outbox(), MemoryChannel(failures=1, permanent=True)
    report = await attempt(box, {ChannelName.EMAIL: mail, ChannelName.SMS: MemoryChannel()})
    assert report == SendReport(sent=2, failed=1)
    assert states(box)["p1/email"] == "failed"


async def test_a_channel_that_does_not_exist_here_fails_visibly():
    box = outbox()
    report = await attempt(box, {ChannelName.EMAIL: MemoryChannel()})
    assert report == SendReport(sent=2, failed=1)
    assert box.errors == {"C-1_4_p1_sms": "there is no sms channel here"}


async def test_the_last_try_ends_it_and_a_person_can_send_it_again():
    box, mail = outbox(), MemoryChannel(failures=6)
    channels = {ChannelName.EMAIL: mail, ChannelName.SMS: MemoryChannel()}
    patience = Patience(tries=3)
    for _ in range(2):
        with pytest.raises(ApplicationError):
            await attempt(box, channels, patience)
    assert (await attempt(box, channels, patience)).failed == 2
    failed = box.rows["C-1_4_p1_email"]
    assert (failed.state, failed.tries) == (MessageState.FAILED, 3)
    assert await attempt(box, channels, patience) == SendReport(0, 0)
    assert await Delivery(box, channels).deliver(failed, last=True) is MessageState.SENT
    assert box.rows[failed.key].state is MessageState.SENT


async def test_sending_again_by_hand_that_fails_stays_failed():
    box, mail = outbox(), MemoryChannel(failures=1)
    await box.plan("C-1", REQUEST.notices)
    message = box.rows["C-1_4_p1_email"]
    assert await Delivery(box, {ChannelName.EMAIL: mail}).deliver(message, last=True) is MessageState.FAILED


async def test_a_fault_in_a_channel_is_a_failed_try_not_the_end():
    class Broken:
        async def send(self, message):
            raise KeyError("bug")

    box = outbox()
    mail = MemoryChannel()
    with pytest.raises(ApplicationError) as failure:
        await attempt(box, {ChannelName.EMAIL: mail, ChannelName.SMS: Broken()})
    assert failure.value.type == "MessagesWaiting"
    assert len(mail.sent) == 2
    assert box.errors == {"C-1_4_p1_sms": "KeyError: 'bug'"}


class ForgetfulOutbox(MemoryOutbox):
    """An outbox whose database is down when the first sent message is to be noted."""

    down = True

    async def sent(self, message, receipt):
        if self.down:
            raise ConnectionRefusedError("no database")
        await super().sent(message, receipt)


async def test_what_was_accepted_while_the_database_was_down_is_not_sent_again():
    box = ForgetfulOutbox({"unit_head": [ANN]})
    mail = MemoryChannel()
    beats = []
    env = environment()
    env.on_heartbeat = lambda *details: beats.append(details)
    activities = NotificationActivities(box, {ChannelName.EMAIL: mail})
    with pytest.raises(ConnectionRefusedError):
        await env.run(activities.send_messages, REQUEST)
    assert beats == [({"C-1_4_p2_email": "memory:1"},)]
    box.down = False
    report = await attempt(box, {ChannelName.EMAIL: mail}, heartbeat_details=list(beats[-1]))
    assert report == SendReport(sent=1, failed=0)
    assert len(mail.sent) == 1
    assert box.receipts == {"C-1_4_p2_email": "memory:1"}


async def test_a_worker_that_stops_begins_no_further_message_and_counts_no_try():
    box, mail = outbox(), MemoryChannel()
    env = environment()
    env.worker_shutdown()
    activities = NotificationActivities(box, {ChannelName.EMAIL: mail, ChannelName.SMS: MemoryChannel()})
    with pytest.raises(ApplicationError) as failure:
        await env.run(activities.send_messages, REQUEST)
    assert failure.value.next_retry_delay == timedelta(seconds=1)
    assert mail.tried == []
    assert {row.tries for row in box.rows.values()} == {0}


async def test_a_try_that_runs_late_stops_in_time_but_always_gets_something_done():
    box, mail = outbox(), MemoryChannel()
    with pytest.raises(ApplicationError) as failure:
        await attempt(
            box,
            {ChannelName.EMAIL: mail, ChannelName.SMS: MemoryChannel()},
            start_to_close_timeout=timedelta(),
        )
    assert failure.value.next_retry_delay == timedelta(seconds=1)
    assert states(box) == {"p1/email": "sent", "p1/sms": "sent", "p2/email": "pending"}
    assert box.rows["C-1_4_p2_email"].tries == 0


class HangingChannel(MemoryChannel):
    """A channel whose provider does not answer until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def send(self, message):
        await self.go.wait()
        return await super().send(message)


async def test_a_try_whose_provider_hangs_shows_that_it_is_alive(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("activities.notification.HEARTBEAT_EVERY", timedelta(milliseconds=1))
    mail = HangingChannel()
    beats = []

    def beat(*details: object) -> None:
        beats.append(details)
        if len(beats) == 3:
            mail.go.set()

    env = environment()
    env.on_heartbeat = beat
    channels = {ChannelName.EMAIL: mail, ChannelName.SMS: MemoryChannel()}
    assert (await env.run(NotificationActivities(outbox(), channels).send_messages, REQUEST)).sent == 3
    assert len(beats) >= 3


def test_patience_grows_to_its_cap_and_lasts_about_three_days():
    patience = Patience()
    assert [patience.pause_after(n).total_seconds() for n in (1, 2, 3, 7, 8, 400)] == [
        5,
        10,
        20,
        320,
        600,
        600,
    ]
    assert timedelta(days=3) <= patience.lasts() <= timedelta(days=3, hours=1)


@workflow.defn(name="TellingForTest")
class Telling:
    """Runs the activity once, the way complaints do."""

    @workflow.run
    async def run(self, request: SendRequest) -> SendReport:
        return await workflow.execute_activity(
            "send_messages",
            request,
            result_type=SendReport,
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=50)),
        )


@asynccontextmanager
async def telling(
    client: Client, activities: NotificationActivities
) -> AsyncIterator[WorkflowHandle[Telling, SendReport]]:
    """A workflow that tells `REQUEST`, and its worker, on a real Temporal server."""
    name = f"send-messages-{uuid.uuid4()}"
    async with Worker(
        client,
        task_queue=name,
        workflows=[Telling],
        activities=[activities.send_messages],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield await client.start_workflow(Telling.run, REQUEST, id=name, task_queue=name)


@pytest.fixture
def refusing() -> Iterator[socket.socket]:
    """Where a mail server will be, but is not yet."""
    with refusing_port() as held:
        yield held


class CountingOutbox(MemoryOutbox):
    """Sets `reached` when that many tries have failed."""

    def __init__(self, tries: int) -> None:
        super().__init__({"handler": [LI], "unit_head": [ANN]})
        self.left = tries
        self.reached = asyncio.Event()

    async def tried(self, message, error, *, final):
        await super().tried(message, error, final=final)
        self.left -= 1
        if self.left == 0:
            self.reached.set()


async def test_mail_server_down_then_up_on_a_real_temporal_each_goes_out_once(
    temporal_client: Client, refusing: socket.socket
):
    box = CountingOutbox(5)
    mail = MailConfig("127.0.0.1", "care@putright.example", refusing.getsockname()[1])
    sms = MemoryChannel(failures=1)
    channels = {**channels_from(ChannelsConfig(mail=mail)), ChannelName.SMS: sms}
    patience = Patience(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=200))
    async with telling(temporal_client, NotificationActivities(box, channels, patience)) as handle:
        await box.reached.wait()
        assert {row.state for row in box.rows.values() if row.channel == "email"} == {MessageState.PENDING}
        async with catching_mail(on=refusing) as catcher:
            await handle.result()
    assert sorted(mail["to"] for mail in catcher.mails) == ["ann@example.com", "li@example.cn"]
    assert len({mail["message-id"] for mail in catcher.mails}) == 2
    assert len(sms.sent) == 1
    assert set(states(box).values()) == {"sent"}


async def test_the_server_keeps_what_was_accepted_for_the_next_try(temporal_client: Client):
    class OnceForgetful(ForgetfulOutbox):
        async def sent(self, message, receipt):
            try:
                await super().sent(message, receipt)
            finally:
                self.down = False

    box = OnceForgetful({"unit_head": [ANN]})
    mail = MemoryChannel()
    async with telling(temporal_client, NotificationActivities(box, {ChannelName.EMAIL: mail})) as handle:
        assert await handle.result() == SendReport(sent=1, failed=0)
    assert len(mail.sent) == 1
    assert box.receipts == {"C-1_4_p2_email": "memory:1"}
