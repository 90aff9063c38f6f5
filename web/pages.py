"""Rendering: templates filled in, and the headers every page is sent with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from domain.errors import Refused
from services.connect import is_database_down
from services.errors import RETRY_AFTER, Unavailable
from web import texts

_HERE = Path(__file__).parent
_STYLE = (_HERE / "static" / "pages.css").read_bytes()
_STYLE_VERSION = hashlib.sha256(_STYLE).hexdigest()[:12]

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""The address of a page is a secret: it is not kept, not passed on, not found by a search."""

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

log = structlog.get_logger("web")
router = APIRouter(include_in_schema=False)


def root_of(request: Request) -> str:
    """What stands before every path of this installation: blank unless a proxy adds something."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def asked_language(request: Request) -> str:
    """The language asked for in the address; blank if none is, or one there are no texts in."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in texts.LANGUAGES else ""


def page(
    request: Request,
    template: str,
    language: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page from a template. In it ``t(key, …)`` gives texts, and ``root`` stands before each address."""

    def t(key: str, **values: object) -> str:
        return texts.text(language, key, **values)

    root = root_of(request)
    shown = _templates.get_template(template).render(
        t=t,
        language=language,
        languages=texts.LANGUAGES,
        tags=texts.TAGS,
        root=root,
        style=f"{root}/static/pages.css?v={_STYLE_VERSION}",
        **context,
    )
    return HTMLResponse(shown, status, {**HEADERS, **(headers or {})})


def status_page(request: Request, status: int, *, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """A page that says in plain words what is the matter, without any complaint on it.

    A form that could not be taken because something is down is on it, to be sent again as it is.
    """
    language = texts.spoken(asked_language(request), *request.headers.get("accept-language", "").split(","))
    return page(
        request,
        "problem.html",
        language,
        status=status,
        headers=headers,
        code=status,
        here=request.url.path,
        posted=getattr(request.state, "posted", None) if status == 503 else None,
    )


def failure_page(request: Request, error: Exception) -> HTMLResponse:
    """The page for what could not be answered otherwise."""
    if isinstance(error, Refused) and error.code in ("not_found", "too_large"):
        return status_page(request, 404 if error.code == "not_found" else 413)
    if isinstance(error, Unavailable):
        return status_page(request, 503, headers={"Retry-After": str(error.retry_after)})
    if is_database_down(error):
        log.warning("database away", page=getattr(request.scope.get("route"), "path", ""), error=str(error))
        return status_page(request, 503, headers={"Retry-After": str(RETRY_AFTER)})
    log.error("unexpected error", page=getattr(request.scope.get("route"), "path", ""), exc_info=error)
    return status_page(request, 500)


@router.get("/static/pages.css")
async def style() -> Response:
    """The one style sheet; its address changes with it."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_STYLE, media_type="text/css", headers=headers)


@router.get("/")
async def front(request: Request) -> Response:
    """Whoever comes without a link finds the description of the API."""
    return RedirectResponse(f"{root_of(request)}/docs", 307)
