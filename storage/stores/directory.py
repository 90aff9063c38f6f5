"""Keeping the directory: units, people, who holds which post, who is away, contacts that will change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert

from storage.canonical import clean
from storage.engine import Database
from storage.errors import UnknownPerson, UnknownUnit
from storage.tables import absences, contact_changes, people, posts, units

_UNIT = insert(units)
_PUT_UNIT = _UNIT.on_conflict_do_update(
    index_elements=["id"],
    set_={
        name: _UNIT.excluded[name]
        for name in ("name", "kind", "parent_id", "addresses", "published", "webhook_url", "webhook_secret")
    },
)
_PERSON = insert(people)
_PUT_PERSON = _PERSON.on_conflict_do_update(
    index_elements=["id"],
    set_={
        name: _PERSON.excluded[name] for name in ("name", "language", "email", "phone", "addresses", "active")
    },
)
_HELD = (
    posts.c.person_id == bindparam("of_person"),
    posts.c.role == bindparam("of_role"),
    posts.c.unit_id.is_not_distinct_from(bindparam("of_unit")),
    or_(posts.c.valid_to.is_(None), posts.c.valid_to > bindparam("at")),
)
_KEEP_POST = update(posts).where(*_HELD).values(rank=bindparam("new_rank"))
_END_POST = (
    update(posts)
    .where(*_HELD)
    .values(valid_to=func.greatest(posts.c.valid_from, bindparam("at", type_=posts.c.valid_from.type)))
)
_ABSENCE = insert(absences)
_PUT_ABSENCE = _ABSENCE.on_conflict_do_update(
    index_elements=["person_id", "starts_at"],
    set_={"ends_at": _ABSENCE.excluded.ends_at, "reason": _ABSENCE.excluded.reason},
)
_END_ABSENCE = (
    update(absences)
    .where(
        absences.c.person_id == bindparam("of_person"),
        absences.c.starts_at < bindparam("at"),
        absences.c.ends_at > bindparam("at"),
    )
    .values(ends_at=bindparam("at"))
)
_CANCEL_ABSENCES = delete(absences).where(
    absences.c.person_id == bindparam("of_person"), absences.c.starts_at >= bindparam("at")
)
_CHANGE = insert(contact_changes)
_PUT_CHANGE = _CHANGE.on_conflict_do_update(
    index_elements=["person_id", "effective_at"],
    set_={name: _CHANGE.excluded[name] for name in ("email", "phone", "announced_by")},
)
_DISSOLVE = (
    update(units)
    .where(units.c.id == bindparam("of_id"))
    .values(active_to=func.least(func.coalesce(units.c.active_to, bindparam("at")), bindparam("at")))
)


async def put_unit(
    database: Database,
    unit_id: str,
    *,
    name: Mapping[str, str],
    kind: str = "",
    parent_id: str | None = None,
    addresses: Mapping[str, str] | None = None,
    published: Mapping[str, str] | None = None,
    webhook_url: str = "",
    webhook_secret: str = "",
    active_from: datetime | None = None,
) -> None:
    """Add a unit, or change the one with that id. ``name`` by language; ``addresses`` by channel,
    ``published`` how customers reach it (phone, email, web, address).

    ``active_from`` (aware): when a new one begins to exist, by default now.

    Raises sqlalchemy's IntegrityError when there is no such parent.
    """
    row = {
        "id": unit_id,
        "name": dict(name),
        "kind": kind,
        "parent_id": parent_id,
        "addresses": dict(addresses or {}),
        "published": dict(published or {}),
        "webhook_url": webhook_url,
        "webhook_secret": webhook_secret,
    }
    begins = {"active_from": active_from} if active_from is not None else {}
    await database.run(_PUT_UNIT, {**clean(row), **begins})


async def dissolve_unit(database: Database, unit_id: str, at: datetime) -> None:
    """Let a unit exist no longer than ``at`` (aware); its history stays. Raises UnknownUnit."""
    if await database.run(_DISSOLVE, {"of_id": unit_id, "at": at}) != 1:
        raise UnknownUnit(f"there is no unit {unit_id}")


async def put_person(
    database: Database,
    person_id: str,
    *,
    name: str,
    language: str = "",
    email: str = "",
    phone: str = "",
    addresses: Mapping[str, str] | None = None,
    active: bool = True,
) -> None:
    """Add a person, or change the one with that id. ``addresses`` by channel, beside e-mail."""
    row = {
        "id": person_id,
        "name": name,
        "language": language,
        "email": email,
        "phone": phone,
        "addresses": dict(addresses or {}),
        "active": active,
    }
    await database.run(_PUT_PERSON, clean(row))


async def put_post(
    database: Database,
    person_id: str,
    *,
    role: str,
    unit_id: str | None = None,
    rank: str = "A",
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> None:
    """Let a person hold a post, as A or as B who steps in, from an instant on (default: now) until another.

    Somebody who holds it already only gets the rank. No unit: in the whole organisation.
    Raises sqlalchemy's IntegrityError when there is no such person or unit, or the rank is neither A nor B.
    """
    post: dict[str, Any] = {"person_id": person_id, "role": role, "unit_id": unit_id, "rank": rank}
    async with database.transaction() as connection:
        if valid_from is None and valid_to is None:
            held = {"of_person": person_id, "of_role": role, "of_unit": unit_id, "new_rank": rank}
            now = (await connection.execute(func.now().select())).scalar_one()
            if (await connection.execute(_KEEP_POST, {**held, "at": now})).rowcount:
                return
        if valid_from is not None:
            post["valid_from"] = valid_from
        await connection.execute(insert(posts).on_conflict_do_nothing(), {**post, "valid_to": valid_to})


async def end_post(
    database: Database, person_id: str, *, role: str, unit_id: str | None = None, at: datetime
) -> bool:
    """Let a person hold a post no longer than ``at`` (aware); False when they do not hold it then."""
    held = {"of_person": person_id, "of_role": role, "of_unit": unit_id, "at": at}
    return await database.run(_END_POST, held) > 0


async def put_absence(
    database: Database, person_id: str, *, starts_at: datetime, ends_at: datetime, reason: str = ""
) -> None:
    """Note that a person is away from an instant up to another (aware); meanwhile B is told.

    Raises sqlalchemy's IntegrityError when there is no such person, or it ends before it starts.
    """
    row = {"person_id": person_id, "starts_at": starts_at, "ends_at": ends_at, "reason": clean(reason)}
    await database.run(_PUT_ABSENCE, row)


async def end_absences(database: Database, person_id: str, at: datetime) -> int:
    """Somebody is there again from ``at`` (aware): what they are away for then ends, what is ahead is off.

    Returns how many absences that changed.
    """
    async with database.transaction() as connection:
        values = {"of_person": person_id, "at": at}
        ended = (await connection.execute(_END_ABSENCE, values)).rowcount
        return int(ended + (await connection.execute(_CANCEL_ABSENCES, values)).rowcount)


async def announce_contact(
    database: Database,
    person_id: str,
    *,
    effective_at: datetime,
    email: str | None = None,
    phone: str | None = None,
    announced_by: str = "",
) -> None:
    """TEL-3: note how a person will be reached from ``effective_at`` (aware) on; until then the old holds.

    None leaves the e-mail or phone as it is. Raises UnknownPerson.
    """
    row = {
        "person_id": person_id,
        "effective_at": effective_at,
        "email": clean(email) if email is not None else None,
        "phone": clean(phone) if phone is not None else None,
        "announced_by": announced_by,
    }
    async with database.transaction() as connection:
        known = people.select().with_only_columns(people.c.id).where(people.c.id == person_id)
        if (await connection.execute(known)).first() is None:
            raise UnknownPerson(f"there is no person {person_id}")
        await connection.execute(_PUT_CHANGE, row)
