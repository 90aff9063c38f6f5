"""Who calls: a bearer token becomes an actor here and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from domain.commands import Actor
from domain.errors import Refused
from services import access
from services.connect import Connections


async def connections_of(request: Request) -> Connections:
    """The connections the application was created with."""
    found: Connections = request.app.state.connections
    return found


Site = Annotated[Connections, Depends(connections_of)]


class _Bearer(HTTPBearer):
    """Security scheme and dependency in one: every dependency of a dependency costs a request time."""

    async def __call__(self, request: Request) -> Actor:  # type: ignore[override] # not the header: who it is
        """The actor a bearer token stands for; 401 when there is none, or it expired or was revoked."""
        given = await super().__call__(request)
        if given is None:
            raise Refused("unauthenticated", "a bearer token is needed")
        return await access.actor_for(await connections_of(request), given.credentials)


caller = _Bearer(
    auto_error=False,
    scheme_name="HTTPBearer",
    description="A token of a person or a system (see `putright token`).",
)
Caller = Annotated[Actor, Security(caller)]


def renewed(request: Request) -> Callable[[], Awaitable[Actor]]:
    """Who the token of a request stands for by now, as often as it is asked: for answers that stay open."""
    credentials = request.headers.get("authorization", "").partition(" ")[2]

    async def now() -> Actor:
        return await access.actor_for(await connections_of(request), credentials)

    return now


def one_of(*roles: str) -> Callable[..., Any]:
    """A dependency that lets through only callers with one of ``roles``."""

    async def check(actor: Caller) -> Actor:
        if not set(roles).intersection(actor.roles):
            raise Refused("not_your_role", f"this takes one of the roles {', '.join(sorted(roles))}")
        return actor

    return check
