"""Chat and SMS through apprise, against a real HTTP server."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.chat import AppriseChannel
from domain.messages import ChannelName
from domain.ports import DeliveryFailed
from tests.channels.catchers import catching_http, message

SMS = message(ChannelName.SMS, "+86 138-0013-8000", key="C-2024-1_12_c9_sms")


async def test_an_sms_reaches_the_gateway_with_number_key_and_text():
    async with catching_http() as catcher:
        template = f"json://127.0.0.1:{catcher.port}/send?:to={{phone}}&+Idempotency-Key={{key}}"
        assert await AppriseChannel([template]).send(SMS)
    (request,) = catcher.requests
    payload = json.loads(request.body)
    assert payload["to"] == "+8613800138000"
    assert payload["title"] == SMS.subject
    assert payload["message"] == SMS.body
    assert request.headers["idempotency-key"] == SMS.key


async def test_the_number_may_stand_in_the_path():
    async with catching_http() as catcher:
        await AppriseChannel([f"json://127.0.0.1:{catcher.port}/to/{{phone}}"]).send(SMS)
    assert catcher.requests[0].path.replace("%2B", "+") == "/to/+8613800138000"


async def test_a_gateway_that_fails_is_replaced_by_the_next():
    async with catching_http() as broken, catching_http() as working:
        broken.answers = ["500 Internal Server Error"]
        both = [f"json://127.0.0.1:{one.port}/{{phone}}" for one in (broken, working)]
        await AppriseChannel(both).send(SMS)
        await AppriseChannel(both).send(SMS)
    assert (len(broken.requests), len(working.requests)) == (2, 1)


async def test_a_failure_is_tried_again_and_says_why():
    async with catching_http() as catcher:
        catcher.answers = ["503 Service Unavailable"]
        with pytest.raises(DeliveryFailed, match="503") as failure:
            await AppriseChannel([f"json://127.0.0.1:{catcher.port}/{{phone}}"]).send(SMS)
    assert not failure.value.permanent


async def test_a_gateway_that_never_answers_is_given_up_for_now():
    async with catching_http() as catcher:
        catcher.answers = [None]
        gateway = AppriseChannel([f"json://127.0.0.1:{catcher.port}/{{phone}}?rto=0.3"], timedelta(seconds=5))
        with pytest.raises(DeliveryFailed) as failure:
            await gateway.send(SMS)
    assert not failure.value.permanent


@pytest.mark.parametrize("address", ["", "nobody", "138@evil.example/", "+86\r\n138", "1"])
async def test_what_is_no_number_fails_for_good_without_a_request(address):
    async with catching_http() as catcher:
        with pytest.raises(DeliveryFailed) as failure:
            await AppriseChannel([f"json://127.0.0.1:{catcher.port}/{{phone}}"]).send(
                replace(SMS, address=address)
            )
    assert failure.value.permanent
    assert catcher.requests == []


async def test_an_address_cannot_change_where_a_message_goes():
    async with catching_http() as catcher:
        await AppriseChannel([f"json://127.0.0.1:{catcher.port}/room?:to={{address}}"]).send(
            replace(SMS, channel=ChannelName.CHAT, address="x&:message=&method=PUT#@evil.example/")
        )
    (request,) = catcher.requests
    assert request.path == "/room"
    assert json.loads(request.body)["to"] == "x&:message=&method=PUT#@evil.example/"


@pytest.mark.parametrize("templates", [[], ["nonsense://x"], ["not a url"]])
def test_an_unusable_template_is_refused_at_the_start(templates):
    with pytest.raises(ValueError, match="gateway"):
        AppriseChannel(templates)


def test_credentials_are_not_shown_when_a_template_is_refused():
    with pytest.raises(ValueError) as refusal:
        AppriseChannel(["nonsense://user:hunter2@host"])
    assert "hunter2" not in str(refusal.value)
