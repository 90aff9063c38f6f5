"""Tokens: who they stand for, and giving and revoking them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.commands import Actor
from domain.errors import Refused
from domain.roles import CUSTOMER, STAFF_ROLES, SYSTEM
from services.connect import Connections
from storage.queries import tokens as token_queries
from storage.queries.tokens import TokenRow
from storage.stores import tokens as token_store

TOKEN_BYTES = 32
MAC_BYTES = 16
REQUESTS = uuid.UUID("6b1d6c38-3a53-4a3e-9d0c-52b9b3f6f2a7")
"""Makes the id of a token from that of the request for it."""
_ROLES = frozenset((*STAFF_ROLES, SYSTEM))


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token as it is given once; only its hash is kept."""

    id: uuid.UUID
    token: str
    expires_at: datetime | None


def hashed(token: str) -> bytes:
    """What is kept of a token: tokens are long and random, so a plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


async def actor_for(connections: Connections, token: str) -> Actor:
    """The actor a token stands for; Refused("unauthenticated") if unknown, expired or revoked.

    What another process revoked, or whose holder it let go, is refused within a second; the rest at once.
    """
    if token.isascii() and len(token) <= 200:
        row = await connections.tokens.get(hashed(token))
        if row is not None and (row.expires_at is None or datetime.now(UTC) < row.expires_at):
            return Actor(row.holder, tuple(row.roles), tuple(row.units))
    raise Refused("unauthenticated", "this token is unknown, expired or revoked")


async def give_token(
    connections: Connections,
    *,
    roles: Sequence[str],
    units: Sequence[str] = (),
    person: str = "",
    system: str = "",
    note: str = "",
    expires_at: datetime | None = None,
    request_id: str = "",
) -> NewToken:
    """A new token for a person or a system (exactly one of both), with some roles in some units.

    Beside at least one role it may carry offices of the stored procedures, for example a vice president's.

    The same ``request_id`` makes one token, however often it comes; who is not the first gets its id alone.
    Raises Refused with a message for each wrong field.
    """
    system = system.strip()
    wrong: dict[str, str] = {}
    if bool(person) == bool(system):
        wrong["person"] = "name a person or a system, not both"
    beside = sorted(set(roles) - _ROLES)
    offices = await connections.catalogue.offices() if beside else frozenset()
    unknown = [word for word in beside if word not in offices]
    if len(beside) == len(set(roles)):
        wrong["roles"] = f"at least one of {', '.join((*STAFF_ROLES, SYSTEM))}"
    if unknown:
        wrong["roles"] = (
            f"no role or office is called {', '.join(unknown)}; "
            f"roles are {', '.join((*STAFF_ROLES, SYSTEM))}, "
            f"offices of the stored procedures: {', '.join(sorted(offices)) or 'none'}"
        )
    if expires_at is not None and expires_at <= datetime.now(UTC):
        wrong["expires_at"] = "must be later than now"
    missing = await token_queries.missing(connections.database, person=person, units=units)
    wrong.update(dict.fromkeys(missing, "there is no such one"))
    if wrong:
        raise Refused("invalid", "some values are missing or wrong", fields=wrong)
    token = f"pr_{secrets.token_urlsafe(TOKEN_BYTES)}"
    token_id = uuid.uuid5(REQUESTS, request_id) if request_id else uuid.uuid4()
    added = await token_store.add(
        connections.database,
        id=token_id,
        hash=hashed(token),
        person_id=person or None,
        system=system or None,
        roles=list(roles),
        units=list(units),
        note=note,
        expires_at=expires_at,
    )
    return NewToken(token_id, token if added else "", expires_at)


async def tokens(connections: Connections) -> list[TokenRow]:
    """Every token that was given, the newest first; never the tokens themselves."""
    return await token_queries.all_tokens(connections.database)


async def revoke_token(connections: Connections, token_id: uuid.UUID) -> None:
    """End a token at once; ending it twice changes nothing. Refused("not_found") when there is none."""
    if not await token_store.revoke(connections.database, token_id):
        raise Refused("not_found", "there is no such token")
    connections.tokens.forget()


class Links:
    """A customer's private links: derived from the reference and a secret key, so nothing is stored."""

    def __init__(self, key: str, base: str = "/portal") -> None:
        """``key`` is secret; ``base`` the address before the token."""
        self._key = key.encode()
        self._base = base

    def url(self, ref: str) -> str:
        """The private link of a complaint."""
        return f"{self._base}/{self.token(ref)}"

    def token(self, ref: str) -> str:
        """The link token of a complaint."""
        mac = hmac.digest(self._key, f"portal:{ref}".encode(), "sha256")[:MAC_BYTES]
        return f"{ref}.{mac.hex()}"

    def ref(self, token: str) -> str:
        """The complaint a link token is for; Refused("not_found") for one that was not made here."""
        ref, _, _ = token.rpartition(".")
        if not ref or not token.isascii() or not hmac.compare_digest(self.token(ref), token):
            raise Refused("not_found", "this link leads nowhere")
        return ref


def customer_actor(customer_id: str) -> Actor:
    """The customer of a complaint, who came by their link."""
    return Actor(f"customer:{customer_id}" if customer_id else "customer", (CUSTOMER,))
