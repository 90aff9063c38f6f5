"""Keeping the directory: units, people, posts, absences, contacts that change after notice (TEL-3, BNK-2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.commands import Actor
from domain.contacts import check_announced
from domain.errors import Refused
from domain.messages import PUBLISHED
from domain.procedure import Procedure
from domain.roles import ADMINISTRATOR, STAFF_ROLES
from procedures.organisation import ONLY_TOLD
from services import directory
from services.connect import Connections
from services.directory import PersonDetail, UnitDetail
from storage.queries import directory as queries
from storage.queries.directory import PersonRow
from storage.stores import directory as store

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit as it is put; ``published`` says how customers reach it, by phone, email, web, address.

    ``webhook_secret`` None: stays as it is. ``active_from`` counts for a new one.
    """

    name: Mapping[str, str]
    kind: str = ""
    parent_id: str | None = None
    addresses: Mapping[str, str] | None = None
    published: Mapping[str, str] | None = None
    webhook_url: str = ""
    webhook_secret: str | None = None
    active_from: datetime | None = None


async def put_unit(connections: Connections, unit_id: str, new: NewUnit) -> UnitDetail:
    """Add a unit, or change the one with that id.

    Raises Refused("invalid") with a message for each wrong field: a parent that is not there, is dissolved,
    or lies below the unit itself.
    """
    database = connections.database
    wrong = _wrong_id(unit_id)
    if not any(text.strip() for text in new.name.values()):
        wrong["name"] = "a name in at least one language"
    if unknown := sorted(set(new.published or ()) - set(PUBLISHED)):
        wrong["published"] = f"customers reach a unit by {', '.join(PUBLISHED)}, not by {', '.join(unknown)}"
    if new.parent_id is not None:
        wrong |= await _wrong_parent(connections, unit_id, new.parent_id)
    _raise(wrong)
    secret = new.webhook_secret
    if secret is None:
        secret = await queries.secret_of(database, unit_id)
    await store.put_unit(
        database,
        unit_id,
        name=new.name,
        kind=new.kind,
        parent_id=new.parent_id,
        addresses=new.addresses,
        published=new.published,
        webhook_url=new.webhook_url,
        webhook_secret=secret,
        active_from=new.active_from,
    )
    return await directory.unit(connections, unit_id)


async def _wrong_parent(connections: Connections, unit_id: str, parent_id: str) -> dict[str, str]:
    parent = await queries.unit(connections.database, parent_id)
    if parent is None:
        return {"parent_id": f"there is no unit {parent_id!r}"}
    if parent.active_to is not None and parent.active_to <= datetime.now(UTC):
        return {"parent_id": f"the unit {parent_id!r} is dissolved"}
    if unit_id in await queries.with_those_above(connections.database, {parent_id}):
        return {"parent_id": f"{parent_id!r} lies below {unit_id!r} itself"}
    return {}


async def dissolve_unit(connections: Connections, unit_id: str, at: datetime | None) -> UnitDetail:
    """Let a unit exist no longer than ``at`` (aware; now, if left out); its history stays.

    From then on it gets no orders. Raises Refused: not_found; has_units, while others still hang below it.
    """
    found = await directory.unit(connections, unit_id)
    ends = max(at or datetime.now(UTC), found.active_from)
    below = await queries.units_below(connections.database, unit_id, ends)
    if below:
        raise Refused(
            "has_units", f"units below it are still there: {', '.join(below)}; dissolve or move them"
        )
    await store.dissolve_unit(connections.database, unit_id, ends)
    return await directory.unit(connections, unit_id)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person as they are put; ``addresses`` by channel, beside e-mail."""

    name: str
    language: str = ""
    email: str = ""
    phone: str = ""
    addresses: Mapping[str, str] | None = None
    active: bool = True


async def put_person(connections: Connections, person_id: str, new: NewPerson, by: Actor) -> PersonDetail:
    """Add a person, or change the one with that id; one who is not active any more has no access from now on.

    Raises Refused: invalid; too_soon when e-mail or phone would change without the notice that is due.
    """
    wrong = _wrong_id(person_id)
    if not new.name.strip():
        wrong["name"] = "a name"
    _raise(wrong)
    before = await queries.person(connections.database, person_id)
    changed = before is not None and (before.email, before.phone) != (new.email, new.phone)
    now = datetime.now(UTC)
    if before is not None and changed:
        check_announced(now, await _asking_notice(connections, before), now)
    await store.put_person(
        connections.database,
        person_id,
        name=new.name,
        language=new.language,
        email=new.email,
        phone=new.phone,
        addresses=new.addresses,
        active=new.active,
    )
    if changed:  # what was announced earlier must not hold instead
        await store.announce_contact(
            connections.database,
            person_id,
            effective_at=now,
            email=new.email,
            phone=new.phone,
            announced_by=by.id,
        )
    connections.tokens.forget()
    return await directory.person(connections, person_id)


async def announce_contact(
    connections: Connections,
    person_id: str,
    by: Actor,
    *,
    effective_at: datetime,
    email: str | None = None,
    phone: str | None = None,
) -> PersonDetail:
    """TEL-3: announce how somebody is reached from ``effective_at`` (aware) on; the old holds until then.

    Raises Refused: not_found; invalid when nothing changes; too_soon, with the first possible instant.
    """
    _only_own(by, person_id)
    person = await directory.person(connections, person_id)
    if email is None and phone is None:
        _raise({"email": "say the new e-mail, the new phone, or both"})
    check_announced(effective_at, await _asking_notice(connections, person), datetime.now(UTC))
    await store.announce_contact(
        connections.database,
        person_id,
        effective_at=effective_at,
        email=email,
        phone=phone,
        announced_by=by.id,
    )
    return await directory.person(connections, person_id)


async def _asking_notice(connections: Connections, person: PersonRow | PersonDetail) -> list[Procedure]:
    """The procedures in use that ask notice of this person: those whose organisation they have a post in."""
    in_use = [p for p in await connections.catalogue.in_use() if p.contact_notice is not None]
    if not in_use:
        return []
    units = {post.unit_id for post in person.posts if post.unit_id}
    above = await queries.with_those_above(connections.database, units)
    return [procedure for procedure in in_use if procedure.top_unit in above]


async def put_post(
    connections: Connections,
    person_id: str,
    *,
    role: str,
    unit_id: str | None,
    rank: str,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> PersonDetail:
    """Let somebody hold a post as A, or as B who steps in when no A is there; no unit: everywhere.

    Raises Refused: not_found, invalid, no_such_unit, dissolved.
    """
    await directory.person(connections, person_id)
    known = (*STAFF_ROLES, *ONLY_TOLD, *sorted(await connections.catalogue.offices()))
    wrong = {} if role in known else {"role": f"one of {', '.join(known)}"}
    if valid_to is not None and valid_to <= (valid_from or datetime.now(UTC)):
        wrong["valid_to"] = "later than it begins"
    _raise(wrong)
    await directory.place_of_unit(connections, unit_id or "")
    await store.put_post(
        connections.database,
        person_id,
        role=role,
        unit_id=unit_id,
        rank=rank,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return await directory.person(connections, person_id)


async def end_post(
    connections: Connections, person_id: str, *, role: str, unit_id: str | None, at: datetime | None
) -> PersonDetail:
    """Let somebody hold a post no longer than ``at`` (aware; now, if left out).

    Raises Refused("not_found") when there is no such person, or they do not hold it then.
    """
    found = await directory.person(connections, person_id)
    ended = await store.end_post(
        connections.database, person_id, role=role, unit_id=unit_id, at=at or datetime.now(UTC)
    )
    if not ended:
        held = (
            ", ".join(f"{p.role} in {p.unit_id or 'the whole organisation'}" for p in found.posts) or "none"
        )
        raise Refused("not_found", f"{person_id} does not hold this post then; they hold: {held}")
    return await directory.person(connections, person_id)


async def put_absence(
    connections: Connections,
    person_id: str,
    by: Actor,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
) -> PersonDetail:
    """BNK-2: note that somebody is away from an instant up to another (aware); meanwhile B is told.

    Raises Refused: not_found, invalid.
    """
    _only_own(by, person_id)
    await directory.person(connections, person_id)
    wrong = {} if starts_at < ends_at else {"ends_at": "later than starts_at"}
    if ends_at <= datetime.now(UTC):
        wrong["ends_at"] = "later than now"
    _raise(wrong)
    await store.put_absence(
        connections.database, person_id, starts_at=starts_at, ends_at=ends_at, reason=reason
    )
    return await directory.person(connections, person_id)


async def end_absences(
    connections: Connections, person_id: str, by: Actor, at: datetime | None
) -> PersonDetail:
    """Somebody is back from ``at`` (aware; now, if left out): they are told again, none is ahead."""
    _only_own(by, person_id)
    await directory.person(connections, person_id)
    await store.end_absences(connections.database, person_id, at or datetime.now(UTC))
    return await directory.person(connections, person_id)


def _only_own(by: Actor, person_id: str) -> None:
    """Raise Refused("not_your_role") unless it is the caller's own, or an administrator asks."""
    if ADMINISTRATOR not in by.roles and by.id != f"person:{person_id}":
        raise Refused(
            "not_your_role", "absences and contacts are kept by whose they are, or by administrators"
        )


def _wrong_id(one: str) -> dict[str, str]:
    if _ID.fullmatch(one):
        return {}
    return {"id": "up to 40 lower-case letters, digits and hyphens, such as north-desk"}


def _raise(wrong: Mapping[str, str]) -> None:
    if wrong:
        raise Refused("invalid", "some values are missing or wrong", fields=wrong)
