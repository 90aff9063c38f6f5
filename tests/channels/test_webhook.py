"""Webhooks against a real HTTP server, verified with the specification's own library."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from channels.targets import is_public
from channels.webhook import WebhookChannel, WebhookConfig
from domain.messages import ChannelName, Message
from domain.ports import DeliveryFailed
from tests.channels.catchers import catching_http, client_tls, message, refusing_port

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_" + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
HOOK = message(ChannelName.WEBHOOK, "", key="C-2024-1_12_partner_webhook")


def channel(port: int, **changes: object) -> WebhookChannel:
    """A channel to the local server, which needs leave to be called."""
    values = {"secret": SECRET, "url": f"http://127.0.0.1:{port}/hooks?x=1", "allow_private": True}
    return WebhookChannel(WebhookConfig(**(values | changes)))


async def test_a_webhook_carries_the_message_and_verifies():
    async with catching_http() as catcher:
        assert await channel(catcher.port).send(HOOK) == "HTTP 204"
    (request,) = catcher.requests
    assert request.path == "/hooks?x=1"
    assert request.headers["host"] == f"127.0.0.1:{catcher.port}"
    assert request.headers["webhook-id"] == HOOK.key
    assert request.headers["content-type"] == "application/json"
    assert Webhook(SECRET).verify(request.body, request.headers) == {
        "type": "complaint.warned",
        "timestamp": "2024-05-06T07:08:09+00:00",
        "data": {"ref": "C-2024-1", "seq": 12, "at": "2024-05-06T07:08:09+00:00", "clock": "reply"},
    }
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)


async def test_a_retry_has_the_same_id_and_body():
    async with catching_http() as catcher:
        catcher.answers = ["503 Service Unavailable"]
        with pytest.raises(DeliveryFailed):
            await channel(catcher.port).send(HOOK)
        await channel(catcher.port).send(HOOK)
    first, second = catcher.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    Webhook(SECRET).verify(second.body, second.headers)


async def test_while_a_secret_is_replaced_both_verify():
    async with catching_http() as catcher:
        await channel(catcher.port, secret=f"{SECRET} {OLD_SECRET}").send(HOOK)
    (request,) = catcher.requests
    for secret in (SECRET, OLD_SECRET):
        Webhook(secret).verify(request.body, request.headers)


async def test_a_receiver_with_a_secret_of_its_own_gets_that_signature():
    async def secret_of(hook: Message) -> str:
        return OLD_SECRET if hook.recipient == "unit:north" else ""

    async with catching_http() as catcher:
        for recipient in ("unit:north", "unit:south"):
            await channel(catcher.port, secret_of=secret_of).send(replace(HOOK, recipient=recipient))
    for request, secret, other in zip(
        catcher.requests, (OLD_SECRET, SECRET), (SECRET, OLD_SECRET), strict=True
    ):
        Webhook(secret).verify(request.body, request.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(other).verify(request.body, request.headers)


async def test_nothing_is_sent_unsigned():
    async def none(hook: Message) -> str:
        return ""

    async with catching_http() as catcher:
        with pytest.raises(DeliveryFailed, match="secret") as failure:
            await channel(catcher.port, secret="", secret_of=none).send(HOOK)
    assert failure.value.permanent
    assert catcher.requests == []


async def test_a_key_with_a_dot_or_chinese_becomes_an_id_that_can_be_signed():
    async with catching_http() as catcher:
        await channel(catcher.port).send(replace(HOOK, key="C.1:投诉"))
    (request,) = catcher.requests
    assert request.headers["webhook-id"].startswith("msg_")
    Webhook(SECRET).verify(request.body, request.headers)


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("400 Bad Request\n\nno such order", True),
        ("410 Gone", True),
        ("408 Request Timeout", False),
        ("409 Conflict", False),
        ("425 Too Early", False),
        ("429 Too Many Requests", False),
        ("500 Internal Server Error", False),
        ("503 Service Unavailable", False),
        ("302 Found\r\nlocation: http://127.0.0.1:1/", False),
    ],
)
async def test_answers_say_whether_trying_again_is_useless(answer, permanent):
    async with catching_http() as catcher:
        catcher.answers = [answer]
        with pytest.raises(DeliveryFailed) as failure:
            await channel(catcher.port).send(HOOK)
    assert failure.value.permanent is permanent
    assert str(failure.value).startswith(f"HTTP {answer[:3]}")
    assert len(catcher.requests) == 1
    if answer.startswith("400"):
        assert "no such order" in str(failure.value)


async def test_a_server_that_never_answers_is_given_up_for_now():
    async with catching_http() as catcher:
        catcher.answers = [None]
        with pytest.raises(DeliveryFailed, match="in time") as failure:
            await channel(catcher.port, timeout=timedelta(milliseconds=200)).send(HOOK)
    assert not failure.value.permanent


async def test_a_server_that_is_down_is_tried_again():
    with refusing_port() as held, pytest.raises(DeliveryFailed) as failure:
        await channel(held.getsockname()[1]).send(HOOK)
    assert not failure.value.permanent


async def test_the_own_network_is_out_of_reach_unless_allowed():
    async with catching_http() as catcher:
        for host in ("127.0.0.1", "localhost", "2130706433"):
            with pytest.raises(DeliveryFailed, match="public internet") as failure:
                await channel(catcher.port, url=f"http://{host}:{catcher.port}/", allow_private=False).send(
                    HOOK
                )
            assert failure.value.permanent
    assert catcher.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:25/",
        "example.com/hook",
        "http://",
        "http://a b/",
    ],
)
async def test_only_http_and_https(address):
    with pytest.raises(DeliveryFailed) as failure:
        await channel(1).send(replace(HOOK, address=address))
    assert failure.value.permanent


async def test_a_name_is_looked_up_once_and_tls_checks_the_name_not_the_address():
    asked = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.2", "127.0.0.1"]  # nobody listens on the first

    async with catching_http(tls=True) as catcher:
        url = f"https://hooks.example.test:{catcher.port}/hook"
        https = channel(1, url=url, tls=client_tls(), resolve=resolve)
        assert await https.send(HOOK) == "HTTP 204"
        assert asked == ["hooks.example.test"]
        assert catcher.requests[0].headers["host"] == f"hooks.example.test:{catcher.port}"
        with pytest.raises(DeliveryFailed) as failure:
            await https.send(replace(HOOK, address=f"https://other.example.test:{catcher.port}/"))
    assert not failure.value.permanent
    assert len(catcher.requests) == 1


async def test_a_name_that_cannot_be_looked_up_is_tried_again():
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no name server")

    with pytest.raises(DeliveryFailed) as failure:
        await channel(1, resolve=resolve).send(HOOK)
    assert not failure.value.permanent


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:0:7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("192.88.99.1", False),
        ("64:ff9b::808:808", True),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!"]
)
def test_a_weak_or_malformed_secret_is_refused_at_the_start(secret):
    with pytest.raises(ValueError, match="secret"):
        WebhookChannel(WebhookConfig(secret=secret))


def test_the_secret_is_not_shown():
    assert "MfKQ" not in repr(WebhookConfig(secret=SECRET))
