"""The short way to an endpoint that is asked all the time: the same function with the same arguments.

FastAPI finds route and arguments of each request anew, walking through all dependencies; for intake and
lists that took longer than what they do. What an endpoint declares is looked through once, when the process
starts. Whatever is not plainly in order (a wrong body, no token, an odd header) goes the ordinary
way and is answered there, so there is one place for what is wrong, and the documentation knows one route.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.params import Query
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import once
from api.auth import Caller, Site
from api.once import KEY_PATTERN, LONGEST_KEY, OnceKey
from domain.commands import Actor
from services import access

Check = Callable[[Actor], Awaitable[Actor]]
_KEY = re.compile(KEY_PATTERN)
_MOST_QUERY = 4000


@dataclass
class ShortWay:
    """An endpoint, reached by ``method`` and exactly this ``path``; ``check``: its route's dependency."""

    method: str
    path: str
    endpoint: Callable[..., Awaitable[Any]]
    check: Check | None = None
    body: str = field(init=False, default="")
    _body_model: type[BaseModel] | None = field(init=False, default=None)
    _query: type[BaseModel] | None = field(init=False, default=None)
    _several: frozenset[str] = field(init=False, default=frozenset())
    _given: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        hints = get_type_hints(self.endpoint, include_extras=True)
        asked: dict[str, Any] = {}
        for name, parameter in inspect.signature(self.endpoint).parameters.items():
            hint = hints[name]
            if hint in _KNOWN:
                self._given[name] = _KNOWN[hint]
            elif isinstance(hint, type) and issubclass(hint, Request):
                self._given[name] = "request"
            elif isinstance(hint, type) and issubclass(hint, BaseModel):
                self.body, self._body_model = name, hint
            elif get_origin(hint) is Annotated and any(isinstance(m, Query) for m in get_args(hint)[1:]):
                asked[name] = (hint, parameter.default)
            else:
                raise TypeError(f"{self.endpoint.__name__}: {name} is not known here")
        if asked:
            made: type[BaseModel] = create_model("Asked", __config__=ConfigDict(extra="ignore"), **asked)
            self._query = made
            self._several = frozenset(n for n, (hint, _) in asked.items() if _is_list(hint))

    async def arguments(self, request: Request) -> dict[str, Any] | None:
        """What the endpoint is called with; None when the ordinary way has to look at the request."""
        headers = request.headers
        kind, _, token = headers.get("authorization", "").partition(" ")
        key = headers.get("idempotency-key")
        if kind.lower() != "bearer" or not token or (key is not None and not _is_key(key)):
            return None
        found: dict[str, Any] = {}
        try:
            if self._body_model is not None:
                if headers.get("content-type") != "application/json":
                    return None
                found[self.body] = self._body_model.model_validate_json(await request.body())
            if self._query is not None:
                asked = self._asked(request.scope["query_string"])
                if asked is None:
                    return None
                checked = self._query.model_validate(asked)
                found |= {name: getattr(checked, name) for name in self._query.model_fields}
        except ValidationError:
            return None
        site = request.app.state.connections
        actor = await access.actor_for(site, token)
        if self.check is not None:
            await self.check(actor)
        given: dict[str, Any] = {"site": site, "actor": actor, "request": request}
        for name, what in self._given.items():
            found[name] = await once.once(request, actor, key) if what == "once" else given[what]
        return found

    def _asked(self, query: bytes) -> dict[str, Any] | None:
        """The values by name; None when one that may come once comes twice."""
        if len(query) > _MOST_QUERY:
            return None
        asked: dict[str, Any] = {}
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
            if name in self._several:
                asked.setdefault(name, []).append(value)
            elif name in asked:
                return None
            else:
                asked[name] = value
        return asked


def _is_list(hint: Any) -> bool:
    kind = get_args(hint)[0]
    return any(get_origin(one) is list for one in (kind, *get_args(kind)))


def _is_key(key: str) -> bool:
    return 0 < len(key) <= LONGEST_KEY and _KEY.fullmatch(key) is not None


_KNOWN: Mapping[Any, str] = {Caller: "actor", Site: "site", OnceKey: "once"}


@dataclass(frozen=True, slots=True)
class _Route:
    """What is counted by: see ``api.metrics``."""

    path: str


class ShortWays:
    """ASGI middleware, inside all others: takes the short way where there is one."""

    def __init__(self, app: ASGIApp, ways: Iterable[ShortWay]) -> None:
        self._app = app
        self._ways = {(way.method, way.path): (way, _Route(way.path)) for way in ways}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        found = self._ways.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if found is None or scope.get("root_path"):
            await self._app(scope, receive, send)
            return
        way, route = found
        request = Request(scope, receive)
        try:
            arguments = await way.arguments(request)
            response = None if arguments is None else await way.endpoint(**arguments)
        except Exception as error:
            handlers = request.app.exception_handlers
            kinds = (kind for kind in type(error).__mro__ if kind in handlers and kind is not Exception)
            kind = next(kinds, None)
            if kind is None:
                raise
            response = await handlers[kind](request, error)
        if response is None:
            await self._app(scope, _again(request, receive), send)
            return
        scope["route"] = route
        await response(scope, receive, send)


def _again(request: Request, receive: Receive) -> Receive:
    """``receive`` with the body that was read already, if it was."""
    body: bytes | None = getattr(request, "_body", None)
    if body is None:
        return receive
    told = False

    async def repeated() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return repeated
