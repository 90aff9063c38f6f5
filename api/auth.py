"""Who calls: a bearer token becomes an actor here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.commands import Actor
from domain.errors import Refused
from services import access
from services.connect import Connections

bearer = HTTPBearer(auto_error=False, description="A token of a person or a system (see `putright token`).")


async def connections_of(request: Request) -> Connections:
    """The connections the application was created with."""
    found: Connections = request.app.state.connections
    return found


Site = Annotated[Connections, Depends(connections_of)]


async def caller(site: Site, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Actor:
    """The actor a bearer token stands for; 401 when there is none, or it expired or was revoked."""
    if given is None:
        raise Refused("unauthenticated", "a bearer token is needed")
    return await access.actor_for(site, given.credentials)


Caller = Annotated[Actor, Depends(caller)]


def one_of(*roles: str) -> Callable[..., Any]:
    """A dependency that lets through only callers with one of ``roles``."""

    async def check(actor: Caller) -> Actor:
        if not set(roles).intersection(actor.roles):
            raise Refused("not_your_role", f"this takes one of the roles {', '.join(sorted(roles))}")
        return actor

    return check
