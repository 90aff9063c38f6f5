"""Requests that may be repeated: the same request under the same key gets the first answer again."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.auth import Caller, Site
from api.problems import language, refused, status_of
from domain.errors import Refused
from services import repeating
from services.connect import Connections

REPLAYED = {"Idempotent-Replayed": "true"}

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Any word unique to this request; with it the request may be sent again safely.",
        examples=["5f1c7f6e-8d7c-4a57-a0a2-6b8f6b1d9f10"],
    ),
]


@dataclass
class Once:
    """One request that may come more than once."""

    site: Connections
    caller: str
    key: str
    request_hash: bytes
    request_id: str
    language: str

    async def answer(
        self,
        work: Callable[[], Awaitable[BaseModel]],
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> JSONResponse:
        """Do ``work`` and answer with its result; a repetition gets the stored first answer.

        What a person did wrong is an answer like any other and is kept; that something was down is not, so
        the same request can be tried again.
        """
        if not self.key:
            return JSONResponse((await work()).model_dump(mode="json"), status)
        kept = await repeating.claim(self.site, self.caller, self.key, self.request_hash)
        if kept is not None:
            return JSONResponse(
                kept.body, kept.status, {**REPLAYED, **(headers or {})}, _media_type(kept.status)
            )
        try:
            body: Any = (await work()).model_dump(mode="json")
        except Refused as refusal:
            status = status_of(refusal)
            answer = refused(refusal, self.language)
            body = json.loads(bytes(answer.body))
            await repeating.keep(self.site, self.caller, self.key, status, body)
            return answer
        await repeating.keep(self.site, self.caller, self.key, status, body)
        return JSONResponse(body, status)

    def add(self, *parts: str | bytes) -> None:
        """Count what a form brought as part of the request."""
        for part in parts:
            data = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
            self.request_hash = hashlib.sha256(self.request_hash + hashlib.sha256(data).digest()).digest()

    async def noted(self, make: Callable[[], Awaitable[str]]) -> str:
        """A value every attempt at this request shares; the first one made is it."""
        value = await make()
        return await repeating.note(self.site, self.caller, self.key, value) if self.key else value


def _media_type(status: int) -> str:
    return "application/json" if status < 400 else "application/problem+json"


async def _once(request: Request, site: Connections, caller: str, key: str | None) -> Once:
    form = request.headers.get("content-type", "").startswith("multipart/")
    body = b"" if form else await request.body()  # of a form, what matters is hashed by its route
    told = hashlib.sha256(b"\n".join((request.method.encode(), request.url.path.encode(), body))).digest()
    request_id = f"{caller}:{key}" if key else str(uuid.uuid4())
    return Once(site, caller, key or "", told, request_id, language(request))


async def once(request: Request, site: Site, actor: Caller, key: Key = None) -> Once:
    """The dependency: reads the key and what identifies the request of this caller."""
    return await _once(request, site, actor.id, key)


async def link_once(request: Request, site: Site, token: str, key: Key = None) -> Once:
    """The same for a customer, who is known by their link."""
    return await _once(request, site, f"link:{hashlib.sha256(token.encode()).hexdigest()[:32]}", key)


OnceKey = Annotated[Once, Depends(once)]
LinkOnce = Annotated[Once, Depends(link_once)]
