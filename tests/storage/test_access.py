"""Tokens that expire and are revoked, and requests that may be repeated."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from storage.engine import Database
from storage.errors import KeyReused
from storage.queries import tokens as token_queries
from storage.stores import directory, idempotency, tokens
from storage.stores.idempotency import Claim

HASH = sha256(b"token").digest()
NOW = datetime.now(UTC)


async def give(database: Database, **changes: Any) -> uuid.UUID:
    await directory.put_person(database, "anna", name="Anna")
    given: dict[str, Any] = {
        "hash": HASH,
        "person_id": "anna",
        "system": None,
        "roles": ["handler"],
        "units": ["network"],
    }
    return await tokens.add(database, **{**given, **changes})


async def test_a_token_stands_for_its_holder_until_revoked(database: Database) -> None:
    token = await give(database, expires_at=NOW + timedelta(hours=1))
    row = await token_queries.by_hash(database, HASH)
    assert row is not None
    assert (row.id, row.holder, row.roles, row.units) == (token, "person:anna", ["handler"], ["network"])
    assert await token_queries.by_hash(database, sha256(b"other").digest()) is None
    assert await tokens.revoke(database, token)
    assert await tokens.revoke(database, token)
    assert not await tokens.revoke(database, uuid.uuid4())
    assert await token_queries.by_hash(database, HASH) is None
    (listed,) = await token_queries.all_tokens(database)
    assert listed.revoked_at is not None


async def test_an_expired_token_and_one_of_somebody_who_left_stand_for_nobody(database: Database) -> None:
    await give(database, expires_at=NOW - timedelta(seconds=1))
    assert await token_queries.by_hash(database, HASH) is None
    left = sha256(b"left").digest()
    await give(database, hash=left)
    await directory.put_person(database, "anna", name="Anna", active=False)
    assert await token_queries.by_hash(database, left) is None


async def test_a_token_belongs_to_a_person_or_a_system(database: Database) -> None:
    await give(database, person_id=None, system="crm")
    row = await token_queries.by_hash(database, HASH)
    assert row is not None
    assert row.holder == "system:crm"
    for person, system in (("anna", "crm"), (None, None), ("nobody", None)):
        with pytest.raises(IntegrityError):
            await give(database, hash=b"x", person_id=person, system=system)


async def test_use_is_noted_coarsely(database: Database) -> None:
    token = await give(database)
    await tokens.touch(database, token)
    (first,) = await token_queries.all_tokens(database)
    await tokens.touch(database, token)
    (second,) = await token_queries.all_tokens(database)
    assert first.last_used_at is not None
    assert second.last_used_at == first.last_used_at


async def test_names_the_directory_does_not_have(database: Database) -> None:
    await directory.put_person(database, "anna", name="Anna")
    await directory.put_unit(database, "network", name={"en": "Network"})
    assert await token_queries.missing(database, person="anna", units=["network"]) == []
    assert await token_queries.missing(database, person="", units=[]) == []
    assert await token_queries.missing(database, person="nobody", units=["network", "none"]) == [
        "person",
        "units",
    ]


ASKED = Claim("anna", "k", b"request")


async def test_a_repeated_request_gets_the_first_answer(database: Database) -> None:
    assert await idempotency.claim(database, ASKED) is None
    pending = await idempotency.claim(database, ASKED)
    assert pending is not None
    assert pending.status is None
    await idempotency.keep(database, ASKED, 201, {"ref": "SML-1\x00"})
    await idempotency.keep(database, ASKED, 500, {})
    kept = await idempotency.claim(database, ASKED)
    assert kept is not None
    assert (kept.status, kept.response) == (201, {"ref": "SML-1\ufffd"})
    assert await idempotency.claim(database, replace(ASKED, caller="bert")) is None


async def test_a_key_is_for_one_request(database: Database) -> None:
    await idempotency.claim(database, ASKED)
    another = replace(ASKED, request_hash=b"another")
    for ask in (idempotency.claim, idempotency.kept):
        with pytest.raises(KeyReused):
            await ask(database, another)
    assert not await idempotency.answer(database, another, 200, {})


async def test_an_answer_may_be_kept_without_claiming_before(database: Database) -> None:
    assert await idempotency.kept(database, ASKED) is None
    assert await idempotency.answer(database, ASKED, 422, {"code": "form"})
    assert not await idempotency.answer(database, ASKED, 201, {})
    kept = await idempotency.kept(database, ASKED)
    assert kept is not None
    assert (kept.status, kept.response) == (422, {"code": "form"})


async def test_a_request_that_was_claimed_and_never_answered_can_be_answered(database: Database) -> None:
    await idempotency.claim(database, ASKED)
    assert await idempotency.answer(database, ASKED, 201, {})
    assert not await idempotency.answer(database, ASKED, 201, {})


async def test_of_many_at_once_one_is_the_first(database: Database) -> None:
    answers = await asyncio.gather(*(idempotency.claim(database, ASKED) for _ in range(8)))
    assert [answer is None for answer in answers].count(True) == 1
    kept = await asyncio.gather(*(idempotency.answer(database, ASKED, 201, n) for n in range(8)))
    assert kept.count(True) == 1


async def test_old_keys_are_forgotten(database: Database) -> None:
    await idempotency.claim(database, ASKED)
    assert await idempotency.forget(database, timedelta(days=1)) == 0
    assert await idempotency.forget(database, timedelta(days=-1)) == 1
    assert await idempotency.claim(database, replace(ASKED, request_hash=b"another")) is None
