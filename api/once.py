"""Requests that may be repeated: the same request under the same key gets the first answer again."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from pydantic_core import to_json

from api.auth import Caller, connections_of
from api.problems import MEDIA_TYPE, language, refused
from domain.errors import Refused
from services import repeating
from services.connect import Connections
from services.errors import Unavailable
from services.repeating import Claim, Kept

REPLAYED = {"Idempotent-Replayed": "true"}
KEY_PATTERN = r"^[\x21-\x7e]+$"
LONGEST_KEY = 200

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=KEY_PATTERN,
        description="Any word unique to this request; with it the request may be sent again safely.",
        examples=["5f1c7f6e-8d7c-4a57-a0a2-6b8f6b1d9f10"],
    ),
]


class _Nothing(BaseModel):
    """What is kept of an answer without content."""


@dataclass
class Once:
    """One request that may come more than once."""

    site: Connections
    caller: str
    key: str | None
    request_hash: bytes
    request_id: str
    language: str

    async def answer(
        self,
        view: type[BaseModel],
        work: Callable[[], Awaitable[object]],
        *,
        status: int = 200,
        told_once: Sequence[str] = (),
    ) -> Response:
        """Do ``work`` and answer with what it returns, shown as ``view``; a repetition gets the first answer.

        ``told_once``: secrets in the answer, which are kept nowhere and stand empty in a repeated one.

        What a person did wrong is an answer like any other and is kept; that something was down is not, so
        the same request can be tried again.
        """
        claim = self.claim
        if claim is None:
            return JSONResponse(_shown(view, await work()), status)
        kept = await repeating.claim(self.site, claim)
        if kept is not None:
            return _given(kept)
        try:
            body = _shown(view, await work())
        except Refused as refusal:
            answer = refused(refusal, self.language)
            await repeating.keep(self.site, claim, answer.status_code, json.loads(bytes(answer.body)))
            return answer
        except Unavailable:
            await repeating.release(self.site, claim)
            raise
        await repeating.keep(self.site, claim, status, {**body, **dict.fromkeys(told_once, "")})
        return JSONResponse(body, status)

    async def done(self, work: Callable[[], Awaitable[None]]) -> Response:
        """As ``answer``, where there is nothing to tell but that it is done."""

        async def told() -> object:
            await work()
            return {}

        given = await self.answer(_Nothing, told, status=204)
        if given.status_code != 204:
            return given
        return Response(status_code=204, headers=REPLAYED if "idempotent-replayed" in given.headers else None)

    async def answer_kept(self, work: Callable[[Claim | None], Awaitable[Kept]]) -> Response:
        """As ``answer``, where ``work`` itself keeps its answer with what it does, in one transaction."""
        claim = self.claim
        try:
            kept = await work(claim)
        except Refused as refusal:
            if claim is None or refusal.code == "key_reused":
                raise
            answer = refused(refusal, self.language)
            kept = await repeating.answer(
                self.site, claim, answer.status_code, json.loads(bytes(answer.body))
            )
        return _given(kept)

    @property
    def claim(self) -> Claim | None:
        """The request as it is known again; None when it came without a key."""
        return Claim(self.caller, self.key, self.request_hash) if self.key else None

    def add(self, *parts: str | bytes) -> None:
        """Count what a form brought as part of the request."""
        for part in parts:
            data = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
            self.request_hash = hashlib.sha256(self.request_hash + hashlib.sha256(data).digest()).digest()


def _shown(view: type[BaseModel], found: object) -> dict[str, Any]:
    return view.model_validate(found).model_dump(mode="json")


def _given(kept: Kept) -> Response:
    media_type = "application/json" if kept.status < 400 else MEDIA_TYPE
    return Response(to_json(kept.body), kept.status, REPLAYED if kept.again else None, media_type)


async def _once(request: Request, caller: str, key: str | None) -> Once:
    form = request.headers.get("content-type", "").startswith("multipart/")
    body = b"" if form else await request.body()  # of a form, what matters is hashed by its route
    path = request.scope["path"]  # what `request.url` makes of it takes longer than all else here
    told = hashlib.sha256(b"\n".join((request.method.encode(), path.encode(), body))).digest()
    request_id = f"{caller}:{key}" if key else str(uuid.uuid4())
    return Once(await connections_of(request), caller, key, told, request_id, language(request))


async def once(request: Request, actor: Caller, key: Key = None) -> Once:
    """The dependency: reads the key and what identifies the request of this caller."""
    return await _once(request, actor.id, key)


async def link_once(request: Request, token: str, key: Key = None) -> Once:
    """The same for a customer, who is known by their link."""
    return await _once(request, f"link:{hashlib.sha256(token.encode()).hexdigest()[:32]}", key)


OnceKey = Annotated[Once, Depends(once)]
LinkOnce = Annotated[Once, Depends(link_once)]
