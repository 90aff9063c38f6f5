"""Every error answer of the API, in one place: problem details (RFC 9457) with a stable code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.commands import COMMANDS
from domain.errors import Refused
from domain.spelling import did_you_mean
from services.connect import DATABASE_ERRORS, is_database_down
from services.errors import RETRY_AFTER, Unavailable
from services.portal import VERBS

MEDIA_TYPE = "application/problem+json"

_STATUS: Mapping[str, int] = {
    "unauthenticated": 401,
    "not_your_role": 403,
    "not_your_unit": 403,
    "not_found": 404,
    "too_large": 413,
    "media_type": 415,
    # The input itself is wrong, whatever the state of the complaint.
    **dict.fromkeys(
        (
            "invalid",
            "form",
            "missing",
            "vocabulary",
            "outcome",
            "malformed",
            "key_reused",
            "in_the_past",
            "limit",
            "out_of_range",
            "time",
            "text",
            "too_far",
            "no_zone",
            "in_the_future",
            "amount",
            "currency",
            "score",
            "too_many",
            "too_soon",
            "doubled",
            "not_reached",
            "itself",
            "no_such_option",
            "no_such_flag",
            "no_such_mark",
            "no_such_file",
            "evidence",
            "no_such_purpose",
            "no_such_post",
            "no_such_reason",
            "no_such_remedy",
            "no_such_unit",
            "no_such_person",
            "no_such_procedure",
            "dissolved",
            "procedure",
            "version_taken",
        ),
        422,
    ),
}
"""Code to status; every other refusal is about the state of the complaint: 409."""

_TITLES: Mapping[int, Mapping[str, str]] = {
    400: {"en": "The request could not be read", "zh": "无法读取该请求"},
    401: {"en": "Who are you?", "zh": "请先表明身份"},
    403: {"en": "Not for you", "zh": "您无权执行此操作"},
    404: {"en": "There is no such thing here", "zh": "没有这项内容"},
    405: {"en": "That cannot be done here", "zh": "此处不支持该方法"},
    409: {"en": "Not now", "zh": "当前状态下不允许"},
    413: {"en": "Too large", "zh": "内容过大"},
    415: {"en": "Not this kind of content", "zh": "不支持的内容类型"},
    422: {"en": "The request is not complete or not right", "zh": "请求不完整或有误"},
    500: {"en": "Something went wrong here", "zh": "服务器内部错误"},
    503: {"en": "Not available at the moment", "zh": "暂时不可用"},
}

_COMMAND = re.compile(r"/api/v1/(complaints|portal)/[^/]+/([^/]{1,100})")

log = structlog.get_logger("api")


class Problem(BaseModel):
    """What went wrong: ``code``, ``fields``, ``legal`` for programs, ``title`` and ``detail`` for people."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not now"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["wrong_step"], description="Stable word for programs.")
    detail: str = Field(examples=["the complaint is at 'verify', which is not a decide step"])
    legal: list[str] = Field(default=[], description="Verbs you may use on this complaint now.")
    fields: dict[str, str] = Field(default={}, description="What is wrong, field by field.")


def _described(status: int, *, retry: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "model": Problem,
        "description": _TITLES[status]["en"],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if retry:
        answer["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return answer


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI descriptions of the problem answers of a route; 400, 401, 422 and 503 can happen anywhere."""
    every = sorted({400, 401, 422, 503, *statuses})
    return {status: _described(status, retry=status == 503) for status in every}


def language(request: Request) -> str:
    """The language the caller prefers of those there are texts in: ``zh`` or ``en``."""
    wanted = request.headers.get("accept-language", "").lower().split(",")
    return next((tag.strip()[:2] for tag in wanted if tag.strip()[:2] in ("en", "zh")), "en")


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    language: str = "en",
    legal: Sequence[str] = (),
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem answer."""
    title = _TITLES.get(status, _TITLES[500]).get(language, "")
    body = Problem(
        type="about:blank",
        title=title,
        status=status,
        code=code,
        detail=_printable(detail),
        legal=list(legal),
        fields={_printable(name): _printable(text) for name, text in (fields or {}).items()},
    )
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def status_of(refusal: Refused) -> int:
    """The HTTP status for a refusal of the domain or of a service."""
    return _STATUS.get(refusal.code, 409)


def refused(refusal: Refused, language: str = "en") -> JSONResponse:
    """The answer for a refusal."""
    status = status_of(refusal)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return problem(
        status,
        refusal.code,
        refusal.reason,
        language=language,
        legal=refusal.legal,
        fields=refusal.fields,
        headers=headers,
    )


def install(app: FastAPI) -> None:
    """Answer every error of the application with problem details."""

    @app.exception_handler(Refused)
    async def _refused(request: Request, error: Refused) -> JSONResponse:
        return refused(error, language(request))

    @app.exception_handler(Unavailable)
    async def _unavailable(request: Request, error: Unavailable) -> JSONResponse:
        headers = {"Retry-After": str(error.retry_after)}
        return problem(503, error.what, error.reason, language=language(request), headers=headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        fields = dict(_wrong(found) for found in error.errors())
        return problem(
            422, "invalid", "some values are missing or wrong", language=language(request), fields=fields
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404 and (hint := _no_such_verb(request)):
            return problem(404, "no_such_verb", hint, language=language(request))
        code = {400: "unreadable", 404: "not_found", 405: "method"}.get(error.status_code, "http")
        return problem(
            error.status_code,
            code,
            str(error.detail),
            language=language(request),
            headers=error.headers,
        )

    async def _maybe_away(request: Request, error: Exception) -> JSONResponse:
        """Not left to the handler of unexpected errors, after which the connection is closed."""
        if not is_database_down(error):
            raise error
        log.warning("database away", route=_route(request), error=str(error))
        headers = {"Retry-After": str(RETRY_AFTER)}
        return problem(
            503, "database", "the database does not answer", language=language(request), headers=headers
        )

    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _maybe_away)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected error", route=_route(request), method=request.method, exc_info=error)
        return problem(500, "internal", "an unexpected error was logged", language=language(request))


def _no_such_verb(request: Request) -> str:
    """What to say of a command there is not, with the nearest there is; empty for any other address."""
    asked = _COMMAND.fullmatch(request.url.path) if request.method == "POST" else None
    if asked is None:
        return ""
    known = VERBS if asked[1] == "portal" else COMMANDS
    return f"there is no verb {asked[2]!r}: {did_you_mean(asked[2], sorted(known))}"


def _route(request: Request) -> str:
    """The route as it is declared: addresses themselves hold customers' private links and are not logged."""
    return str(getattr(request.scope.get("route"), "path", "none"))


def _wrong(found: Mapping[str, Any]) -> tuple[str, str]:
    """What a check of pydantic found: where, and what would be right."""
    where = _place(found["loc"])
    if found["type"] == "json_invalid":
        return "body", f"not JSON: {found['ctx']['error']} (character {found['loc'][-1]})"
    if where == "body" and found["type"] in ("model_attributes_type", "missing"):
        return where, "a JSON object is needed, sent with Content-Type: application/json"
    return where, str(found["msg"])


def _place(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location if part not in ("body", "query", "path")) or "body"


def _printable(text: str) -> str:
    """Half a surrogate pair, echoed from the input, cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
