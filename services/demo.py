"""The demonstration: every shipped procedure with its organisation, and one person of each role to act as."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from procedures.loader import PACKS, load_pack, packs
from procedures.organisation import DEMONSTRATION, Organisation, Person, load_shipped
from services.access import give_token
from services.connect import Connections
from storage.engine import Database
from storage.errors import VersionTaken
from storage.queries import announcements as announcement_queries
from storage.queries import procedures as procedure_queries
from storage.queries import tokens as token_queries
from storage.stores import announcements as announcement_store
from storage.stores import directory as directory_store
from storage.stores import procedures as procedure_store
from storage.stores import tokens as token_store

NOTE = "demonstration"


class Given(NamedTuple):
    """A person of the demonstration and a token to act as that person."""

    role: str
    name: str
    token: str
    person: str


ANNOUNCED_FOR = "telecom-si"
ANNOUNCEMENT = {
    "en": "The gateway in the north answers slowly today. It is being repaired; nobody has to do anything.",
    "zh": "今日北区网关响应缓慢，正在抢修，您无需任何操作。",
}


async def load_procedures(database: Database) -> None:
    """Store the shipped procedures and open new complaints by each version that was not stored before.

    A version that is stored stays as it is: also when somebody has since put another one into use.
    """
    stored = {(one.name, one.version) for one in await procedure_queries.versions(database)}
    for name in packs():
        procedure = load_pack(name)
        if (procedure.name, procedure.version) in stored:
            continue
        source = (PACKS / f"{name}.yaml").read_text(encoding="utf-8")
        # Two may load at once; whoever comes second finds the same content stored.
        with contextlib.suppress(VersionTaken):
            await procedure_store.add(database, procedure, source=source)


async def load_demo(url: str) -> list[Given]:
    """Load procedures, organisations and an announcement; returns one person per role with a new token.

    Doing it twice changes nothing but the tokens: those given before end, because only their hashes are
    kept and so they cannot be told again. ``url`` is a SQLAlchemy asyncpg URL of a migrated database.
    """
    database = Database.at(url, pool_size=2)
    try:
        await load_procedures(database)
        await load_organisations(database)
        await _announcement(database)
        connections = Connections(database, {})
        await _revoke_tokens(connections)
        return await give_tokens(connections, load_shipped()[DEMONSTRATION].people)
    finally:
        await database.close()


async def staff(url: str, names: Collection[str]) -> list[Given]:
    """Everybody who acts in some of the shipped organisations, each with a new token; older ones work on."""
    database = Database.at(url, pool_size=2)
    try:
        chosen = (one for name, one in load_shipped().items() if name in names and name != DEMONSTRATION)
        people = [person for organisation in chosen for person in organisation.people if person.acts_as]
        return await give_tokens(Connections(database, {}), people)
    finally:
        await database.close()


async def load_organisations(database: Database, names: Collection[str] | None = None) -> None:
    """Put the units and people of the shipped organisations, of ``names`` or of all, into the directory.

    Doing it twice changes nothing.
    """
    await put_organisations(
        database, [one for name, one in load_shipped().items() if names is None or name in names]
    )


async def put_organisations(database: Database, chosen: Sequence[Organisation]) -> None:
    """Put the units and people of some organisations; people may work in units of another of them."""
    for organisation in chosen:
        for unit in organisation.units:
            await directory_store.put_unit(
                database,
                unit.id,
                name=unit.name,
                kind=unit.kind,
                parent_id=unit.parent or None,
                addresses=unit.addresses,
                published=unit.published,
            )
    for organisation in chosen:
        for person in organisation.people:
            await directory_store.put_person(
                database,
                person.id,
                name=person.name,
                language=person.language,
                email=person.email,
                phone=person.phone,
                addresses=person.addresses,
            )
            for post in person.posts:
                await directory_store.put_post(
                    database, person.id, role=post.role, unit_id=post.unit or None, rank=post.rank
                )


async def _announcement(database: Database) -> None:
    now = datetime.now(UTC)
    if await announcement_queries.matching(database, ANNOUNCED_FOR, "", now):
        return
    await announcement_store.publish(
        database,
        procedure=ANNOUNCED_FOR,
        category="",
        title="Gateway in the north",
        wording=ANNOUNCEMENT,
        valid_from=now,
        valid_to=now + timedelta(days=90),
        published_by="person:demo-supervisor",
    )


async def give_tokens(connections: Connections, people: Iterable[Person]) -> list[Given]:
    """A new token for each of some people of the shipped organisations, with their roles and units."""
    given = []
    for person in people:
        token = await give_token(
            connections, roles=person.acts_as, units=person.units, person=person.id, note=NOTE
        )
        given.append(Given(person.acts_as[0], person.name, token.token, person.id))
    return given


async def _revoke_tokens(connections: Connections) -> None:
    for old in await token_queries.all_tokens(connections.database):
        if old.note == NOTE and old.revoked_at is None:
            await token_store.revoke(connections.database, old.id)
