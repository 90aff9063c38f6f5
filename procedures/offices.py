"""Reading who may do or hear something: an organisation's own offices beside roles and posts."""

from __future__ import annotations

from domain.fields import CHOSEN, FieldType
from domain.roles import CUSTOMER, POSTS, STAFF_ROLES, SYSTEM
from procedures.nodes import Entry
from procedures.problems import did_you_mean
from procedures.sheet import Sheet, read_titles

BUILT_IN = frozenset((*STAFF_ROLES, *POSTS, CUSTOMER, SYSTEM, "unit", "contact"))
"""Words that mean something already, so no office can be called so."""


def read_offices(sheet: Sheet, entry: Entry | None) -> tuple[str, ...]:
    """The offices of the organisation, for example a vice president; from then on each counts as a role."""
    for key, _ in entry.table().rows.values() if entry else ():
        if key.text() in BUILT_IN:
            key.wrong(
                "name",
                f"{key.text()!r} is there in every organisation: leave it out, or choose another name",
            )
    sheet.offices = read_titles(sheet, entry, "office")
    return sheet.offices


def read_roles(
    sheet: Sheet, entry: Entry | None, *, with_owner: bool = False, with_chosen: bool = False
) -> tuple[str, ...]:
    """Roles and offices that may do something, or ``chosen:<field>``; an unknown one is a problem."""
    if entry is None:
        return ()
    known = (*(("owner",) if with_owner else ()), *STAFF_ROLES, *sheet.offices)
    for item in entry.items():
        role = item.text()
        if with_chosen and role.startswith(CHOSEN):
            sheet.chosen.append((item.place, role.removeprefix(CHOSEN), FieldType.PERSON))
        elif role and role not in known:
            hint = did_you_mean(role, known)
            item.wrong("role", f"there is no role or office {role!r}: {hint}")
    return entry.texts()


def read_posts(sheet: Sheet, entry: Entry | None, *, with_customer: bool) -> tuple[str, ...]:
    """Posts, roles and offices that are told something; nobody, or somebody unknown, is a problem."""
    if entry is None:
        return ()
    known = (*POSTS, *STAFF_ROLES, *sheet.offices, *(("customer",) if with_customer else ()))
    for item in entry.items():
        post = item.text()
        if post.startswith(CHOSEN):
            sheet.chosen.append((item.place, post.removeprefix(CHOSEN), None))
        elif post and post not in known:
            item.wrong(
                "nobody",
                f"there is no post, role or office {post!r}, so nobody would hear of it: "
                f"{did_you_mean(post, known)}",
            )
    return tuple(dict.fromkeys(entry.texts()))
