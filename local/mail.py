"""A mail server that delivers nothing: it keeps every message as a file and shows them on a page."""

import argparse
import asyncio
import email
import email.policy
import re
import secrets
from datetime import UTC, datetime
from email.message import EmailMessage
from html import escape
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 system-ui,sans-serif;margin:2rem;max-width:70rem}}
table{{border-collapse:collapse;width:100%}}
td,th{{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #ccc}}pre{{white-space:pre-wrap}}</style>
<h1>{title}</h1>{body}</html>"""
LINK = re.compile(r"(https?://[^\s<>\"']+)")
HEADS = ("From", "To", "Date")
SHOWN = 500
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class KeepingHandler:
    """Accepts every message and writes it to `folder` as an .eml file named by its time of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep one message; the answer is SMTP's."""
        content = envelope.original_content or b""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}.eml"
        draft = self.folder / f".{name}"
        draft.write_bytes(b"X-Envelope-To: " + ", ".join(envelope.rcpt_tos).encode() + b"\r\n" + content)
        draft.rename(self.folder / name)
        return "250 Message kept"


def read_mail(path: Path) -> EmailMessage:
    """Parse one kept message."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def summary(path: Path) -> dict[str, str]:
    """Return what a list shows of a message: its name, arrival (UTC), sender, receivers and subject."""
    message = read_mail(path)
    arrived = datetime.strptime(path.name[:22], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    return {
        "name": path.name,
        "arrived_at": arrived.isoformat(),
        "from": str(message["From"] or ""),
        "to": str(message["X-Envelope-To"] or message["To"] or ""),
        "subject": str(message["Subject"] or ""),
    }


def mail_pages(folder: Path) -> Starlette:
    """Return the pages that show the messages kept in `folder`, newest first."""

    def kept() -> list[Path]:
        return sorted(folder.glob("*.eml"), reverse=True)

    def find(request: Request) -> Path:
        wanted = request.path_params["name"]
        for path in kept():
            if path.name == wanted:
                return path
        raise HTTPException(404, "There is no such message.")

    async def list_page(_request: Request) -> Response:
        rows = "".join(_row(summary(path)) for path in kept()[:SHOWN])
        head = "<tr><th>Arrived (UTC)</th><th>To</th><th>Subject</th></tr>"
        body = f"<table>{head}{rows}</table>" if rows else "<p>No mail yet.</p>"
        return _page("Caught mail", body)

    async def list_json(_request: Request) -> Response:
        return JSONResponse([summary(path) for path in kept()])

    async def one_page(request: Request) -> Response:
        path = find(request)
        message = read_mail(path)
        part = message.get_body(("plain", "html"))
        text = part.get_content() if part else ""
        heads = "".join(f"<div><b>{key}:</b> {escape(str(message[key] or ''))}</div>" for key in HEADS)
        links = f'<p><a href="/mails/{path.name}/raw">As it was sent</a> · <a href="/">All mail</a></p>'
        return _page(str(message["Subject"] or "(none)"), f"{heads}<pre>{_linked(text)}</pre>{links}")

    async def one_raw(request: Request) -> Response:
        return PlainTextResponse(find(request).read_bytes(), headers=HEADERS)

    return Starlette(
        routes=[
            Route("/", list_page),
            Route("/mails.json", list_json),
            Route("/mails/{name}", one_page),
            Route("/mails/{name}/raw", one_raw),
        ]
    )


def _linked(text: str) -> str:
    """The text as HTML, its addresses as links: most mails to customers have one to their page."""
    parts = LINK.split(text)
    return "".join(
        f'<a href="{escape(part)}">{escape(part)}</a>' if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _row(mail: dict[str, str]) -> str:
    shown = {key: escape(value) for key, value in mail.items()}
    link = f'<a href="/mails/{shown["name"]}">{shown["subject"] or "(none)"}</a>'
    arrived = shown["arrived_at"][:19].replace("T", " ")
    return f"<tr><td>{arrived}</td><td>{shown['to']}</td><td>{link}</td></tr>"


def _page(title: str, body: str) -> Response:
    return HTMLResponse(PAGE.format(title=escape(title), body=body), headers=HEADERS)


async def serve(folder: Path, host: str, smtp_port: int, http_port: int) -> None:
    """Serve SMTP and the pages until the process is asked to stop."""
    loop = asyncio.get_running_loop()
    handler = KeepingHandler(folder)
    smtp = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True), host=host, port=smtp_port
    )
    pages = uvicorn.Server(uvicorn.Config(mail_pages(folder), host=host, port=http_port, log_level="warning"))
    async with smtp:
        await pages.serve()


def main() -> None:
    """Run the catcher: `python -m local.mail --folder … --smtp-port … --http-port …`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.folder, given.host, given.smtp_port, given.http_port))


if __name__ == "__main__":
    main()
