"""Customers: found again by the number of another system, by phone or by e-mail."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage.canonical import clean
from storage.engine import Database

_NAMESPACE = uuid.UUID("0a3c5b0e-53c5-5b4e-8a9a-4b1f9d6a7c21")
_FILLING = re.compile(r"[\s()/.\-\u2010-\u2015]")


@dataclass(frozen=True, slots=True)
class CustomerData:
    """What is known of a customer; whatever is not known is empty.

    ``id`` is the customer's number in a system of one's own, if that is to be the key.
    """

    id: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""


# What is known already stays unless the customer is identified by a number of one's own.
def _newer(name: str) -> str:
    given = f"CAST(:{name} AS text)"
    replaces = f"{given} <> '' AND (c.{name} = '' OR CAST(:id AS text) <> '')"
    return f"CASE WHEN {replaces} THEN {given} ELSE c.{name} END"


_DATA = ("name", "phone", "email", "language")


def found_or_made(condition: str = "true") -> str:
    """SQL of the common table expressions ``found`` and ``made``: one of them has the customer's id.

    Nothing is found or made for ``:nobody``, nor changed or made unless ``condition`` (SQL) holds.
    """
    return (
        "found AS ((SELECT id FROM customers WHERE id = :id) "  # noqa: S608 - names of our own columns
        "UNION ALL (SELECT id FROM customers WHERE phone = :phone AND phone <> '' "
        "AND CAST(:id AS text) = '' ORDER BY created_at, id LIMIT 1) "
        "UNION ALL (SELECT id FROM customers WHERE email = :email AND email <> '' "
        "AND CAST(:id AS text) = '' ORDER BY created_at, id LIMIT 1) LIMIT 1), "
        f"kept AS (UPDATE customers AS c SET {', '.join(f'{name} = {_newer(name)}' for name in _DATA)}, "
        f"updated_at = now() FROM found WHERE c.id = found.id AND {condition} "
        f"AND ({', '.join(f'c.{name}' for name in _DATA)}) "
        f"IS DISTINCT FROM ({', '.join(_newer(name) for name in _DATA)})), "
        "made AS (INSERT INTO customers (id, name, phone, email, language) "
        "SELECT :new_id, :name, :phone, :email, :language "
        f"WHERE NOT EXISTS (SELECT 1 FROM found) AND NOT CAST(:nobody AS boolean) AND {condition} "
        "ON CONFLICT (id) DO UPDATE SET updated_at = now() RETURNING id)"
    )


_FIND_OR_CREATE = text(f"WITH {found_or_made()} SELECT id FROM found UNION ALL SELECT id FROM made")  # noqa: S608


async def find_or_create(database: Database, data: CustomerData) -> str:
    """The id of the customer, who is added when not known yet; empty when nothing is known of them.

    With ``id`` given that is the key and newer data replace older; else the one with the same phone or
    e-mail, whose blanks are filled in. Two at once become one customer.
    """
    row = await database.first(_FIND_OR_CREATE, parameters(data))
    return "" if row is None else str(row.id)


def parameters(data: CustomerData) -> dict[str, Any]:
    """The values of ``found_or_made``; somebody of whom nothing is known is nobody."""
    values = {
        "id": clean(data.id.strip()),
        "name": clean(data.name.strip()),
        "phone": clean(phone_key(data.phone)),
        "email": clean(data.email.strip().lower()),
        "language": data.language,
    }
    # The same for all who come at once with the same phone; a name alone tells nobody apart.
    same = values["phone"] or values["email"]
    new = uuid.uuid5(_NAMESPACE, same) if same else uuid.uuid4()
    nobody = not (values["id"] or same or values["name"])
    return {**values, "new_id": values["id"] or new.hex, "nobody": nobody}


def phone_key(phone: str) -> str:
    """A phone number without what people write between its digits."""
    return _FILLING.sub("", phone)
