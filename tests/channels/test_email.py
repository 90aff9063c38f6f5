"""E-mail against a real SMTP server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from channels.email import EmailChannel, MailConfig
from domain.messages import ChannelName
from domain.ports import DeliveryFailed
from tests.channels.catchers import catching_mail, client_tls, message, refusing_port

MAIL = message(ChannelName.EMAIL, "li.wei@example.cn")


def channel(port: int, **changes: object) -> EmailChannel:
    """A channel to 127.0.0.1."""
    return EmailChannel(MailConfig("127.0.0.1", "投诉中心 <care@putright.example>", port, **changes))


async def test_a_chinese_mail_arrives_whole_with_correct_headers():
    async with catching_mail() as catcher:
        receipt = await channel(catcher.port).send(MAIL)
    assert receipt == "OK queued as 42" or receipt == "queued as 42"
    (mail,) = catcher.mails
    assert mail["subject"] == MAIL.subject
    assert mail["to"] == "li.wei@example.cn"
    assert mail["from"].addresses[0].display_name == "投诉中心"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == MAIL.body
    assert abs(parsedate_to_datetime(mail["date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert catcher.envelopes[0].mail_from == "care@putright.example"
    assert catcher.envelopes[0].rcpt_tos == ["li.wei@example.cn"]
    headers = catcher.envelopes[0].content.partition(b"\r\n\r\n")[0]
    assert headers.isascii()


async def test_every_try_has_the_same_message_id_and_every_message_another():
    other = replace(MAIL, key="密钥 with anything <in> it.")
    async with catching_mail() as catcher:
        for one in (MAIL, MAIL, other):
            await channel(catcher.port).send(one)
    first, again, second = (mail["message-id"] for mail in catcher.mails)
    assert first == again == "<C-2024-1_12_p1_email@putright.example>"
    assert second != first
    assert {mail["references"] for mail in catcher.mails} == {"<complaint-C-2024-1@putright.example>"}


async def test_a_subject_cannot_smuggle_in_a_header():
    async with catching_mail() as catcher:
        await channel(catcher.port).send(replace(MAIL, subject="Hello\r\nBcc: everybody@example.com"))
    assert catcher.mails[0]["bcc"] is None
    assert catcher.mails[0]["subject"] == "Hello Bcc: everybody@example.com"


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"]
)
async def test_what_is_no_single_address_fails_for_good_without_a_connection(address):
    with pytest.raises(DeliveryFailed) as failure:
        await channel(1).send(replace(MAIL, address=address))
    assert failure.value.permanent


@pytest.mark.parametrize(
    ("recipient", "data", "permanent"),
    [
        ("550 no such mailbox", "", True),
        ("451 greylisted", "", False),
        ("", "554 looks like spam", True),
        ("", "452 disk full", False),
        ("530 log in first", "", False),
    ],
)
async def test_refusals_say_whether_trying_again_is_useless(recipient, data, permanent):
    async with catching_mail() as catcher:
        catcher.refuse_recipient, catcher.refuse_data = recipient, data
        with pytest.raises(DeliveryFailed) as failure:
            await channel(catcher.port).send(MAIL)
    assert failure.value.permanent is permanent
    assert str(failure.value) == recipient or str(failure.value) == data


async def test_a_server_that_is_down_is_tried_again():
    with refusing_port() as held, pytest.raises(DeliveryFailed) as failure:
        await channel(held.getsockname()[1]).send(MAIL)
    assert not failure.value.permanent


async def test_starttls_with_login():
    async with catching_mail(starttls=True, login=True) as catcher:
        await channel(
            catcher.port, security="starttls", tls=client_tls(), username="putright", password="right"
        ).send(MAIL)
    assert catcher.logins == ["putright"]
    assert catcher.encrypted == [True]


async def test_tls_from_the_first_byte():
    async with catching_mail(tls=True) as catcher:
        await channel(catcher.port, security="tls", tls=client_tls()).send(MAIL)
    assert len(catcher.mails) == 1


async def test_a_wrong_password_is_a_setting_not_the_messages_fault():
    async with catching_mail(starttls=True, login=True) as catcher:
        with pytest.raises(DeliveryFailed) as failure:
            await channel(
                catcher.port, security="starttls", tls=client_tls(), username="putright", password="wrong"
            ).send(MAIL)
    assert not failure.value.permanent
    assert catcher.envelopes == []


async def test_nothing_is_sent_unencrypted_when_encryption_is_asked_for():
    async with catching_mail() as catcher:
        with pytest.raises(DeliveryFailed) as failure:
            await channel(catcher.port, security="starttls", tls=client_tls()).send(MAIL)
    assert not failure.value.permanent
    assert catcher.envelopes == []


async def test_an_untrusted_certificate_is_refused():
    async with catching_mail(tls=True) as catcher:
        with pytest.raises(DeliveryFailed):
            await channel(catcher.port, security="tls").send(MAIL)
    assert catcher.envelopes == []


@pytest.mark.parametrize(("utf8", "permanent"), [(True, None), (False, True)])
async def test_an_address_in_chinese_needs_a_server_that_can(utf8, permanent):
    chinese = replace(MAIL, address="李伟@example.cn")
    async with catching_mail(utf8=utf8) as catcher:
        if permanent is None:
            await channel(catcher.port).send(chinese)
            assert catcher.envelopes[0].rcpt_tos == ["李伟@example.cn"]
        else:
            with pytest.raises(DeliveryFailed) as failure:
                await channel(catcher.port).send(chinese)
            assert failure.value.permanent


def test_a_sender_that_is_no_address_is_refused_at_the_start():
    with pytest.raises(ValueError, match="not an e-mail sender"):
        EmailChannel(MailConfig("127.0.0.1", "Putright"))
