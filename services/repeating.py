"""Idempotency keys: the first answer to a request is kept and given again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.errors import Refused
from services.connect import Connections
from storage.errors import KeyReused
from storage.stores import idempotency


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer: status and JSON body."""

    status: int
    body: Any


async def claim(connections: Connections, caller: str, key: str, request_hash: bytes) -> Kept | None:
    """The answer this key was given before, or None: then the request is to be worked on.

    None is also said when the first attempt never came to its answer; whoever works on the request makes
    sure that doing it twice is harmless. Raises Refused("key_reused") for another request under the key.
    """
    try:
        found = await idempotency.claim(connections.database, caller, key, request_hash)
    except KeyReused as error:
        raise Refused("key_reused", str(error), fields={"Idempotency-Key": "use a new one"}) from error
    return None if found is None or found.status is None else Kept(found.status, found.response)


async def note(connections: Connections, caller: str, key: str, value: str) -> str:
    """Note something under a claimed key before it is used; returns what was noted first.

    So every attempt at a request works with the same value, for example the reference of a new complaint.
    """
    return await idempotency.note(connections.database, caller, key, value)


async def keep(connections: Connections, caller: str, key: str, status: int, body: Any) -> None:
    """Keep the answer for a key that was claimed; the first one kept stays."""
    await idempotency.keep(connections.database, caller, key, status, body)
