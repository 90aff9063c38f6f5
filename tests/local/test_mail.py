"""The mail catcher keeps every message as a file and shows it without trusting its content."""

import asyncio
import smtplib
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from aiosmtpd.smtp import SMTP

from local.mail import KeepingHandler, mail_pages


@pytest.fixture
async def caught(tmp_path: Path) -> httpx.AsyncClient:
    """A client of the pages, after one message was caught."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "desk@example.org",
        "an@example.org",
        "投诉 <b>已受理</b>",
    )
    message.set_content(
        '您的投诉 <script>alert(1)</script> 已受理。\nhttp://127.0.0.1:8080/portal/A-1.x?lang=zh&a="b"\n'
    )
    loop = asyncio.get_running_loop()
    handler = KeepingHandler(tmp_path)
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await asyncio.to_thread(_send, port, message)
    transport = httpx.ASGITransport(app=mail_pages(tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://mail") as client:
        yield client


def _send(port: int, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(message)


async def test_the_list_says_what_came(caught: httpx.AsyncClient) -> None:
    [mail] = (await caught.get("/mails.json")).json()
    assert (mail["to"], mail["subject"]) == ("an@example.org", "投诉 <b>已受理</b>")
    page = (await caught.get("/")).text
    assert "投诉 &lt;b&gt;已受理&lt;/b&gt;" in page


async def test_a_message_is_shown_as_text_and_as_it_was_sent(caught: httpx.AsyncClient) -> None:
    [mail] = (await caught.get("/mails.json")).json()
    page = await caught.get(f"/mails/{mail['name']}")
    assert "您的投诉 &lt;script&gt;" in page.text
    assert '<a href="http://127.0.0.1:8080/portal/A-1.x?lang=zh&amp;a=">' in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert b"desk@example.org" in (await caught.get(f"/mails/{mail['name']}/raw")).content


async def test_only_kept_messages_can_be_read(caught: httpx.AsyncClient) -> None:
    assert (await caught.get("/mails/..%2fsecret")).status_code == 404
