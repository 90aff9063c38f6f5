"""Customers: found again by the number of another system, by phone or by e-mail."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage.canonical import clean
from storage.engine import Database
from storage.prepared import given_as

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


_DATA = ("name", "phone", "email", "language")


# What is known already stays unless the customer is identified by a number of one's own.
def _newer(name: str) -> str:
    return f"CASE WHEN g.{name} <> '' AND (c.{name} = '' OR g.id <> '') THEN g.{name} ELSE c.{name} END"


_NEWER = ", ".join(_newer(name) for name in _DATA)
CHANGES = f"({', '.join(f'c.{name}' for name in _DATA)}) IS DISTINCT FROM ({_NEWER})"
"""SQL: whether what is given as ``g`` says more of the customer ``c`` than is known."""

FOUND = (
    f"(SELECT c.id, {CHANGES} AS changes FROM customers AS c WHERE c.id = g.id) "  # noqa: S608 - our own names
    f"UNION ALL (SELECT c.id, {CHANGES} FROM customers AS c WHERE c.phone = g.phone AND g.phone <> '' "
    "AND g.id = '' ORDER BY c.created_at, c.id LIMIT 1) "
    f"UNION ALL (SELECT c.id, {CHANGES} FROM customers AS c WHERE c.email = g.email AND g.email <> '' "
    "AND g.id = '' ORDER BY c.created_at, c.id LIMIT 1) LIMIT 1"
)
"""SQL: the customer that is meant by what is given as ``g``, by number, else phone, else e-mail."""

GIVEN = {"id": "text", "new_id": "text", **dict.fromkeys(_DATA, "text"), "nobody": "bool"}
"""The values of ``parameters`` with their types, as they are given in ``g``."""

_G = ", ".join(f"CAST(:{name} AS {kind}) AS {name}" for name, kind in GIVEN.items())
_FIND_OR_CREATE = text(
    f"WITH g AS (SELECT {_G}), found AS (SELECT known.* FROM g, LATERAL ({FOUND}) AS known), "  # noqa: S608 - our own names
    f"kept AS (UPDATE customers AS c SET {', '.join(f'{name} = {_newer(name)}' for name in _DATA)}, "
    "updated_at = now() FROM g, found WHERE c.id = found.id AND found.changes), "
    f"made AS (INSERT INTO customers (id, {', '.join(_DATA)}) SELECT new_id, {', '.join(_DATA)} FROM g "
    "WHERE NOT EXISTS (SELECT FROM found) AND NOT nobody "
    "ON CONFLICT (id) DO UPDATE SET updated_at = now() RETURNING id) "
    "SELECT id FROM found UNION ALL SELECT id FROM made"
)


ADD = (
    f"INSERT INTO customers (id, {', '.join(_DATA)}) "  # noqa: S608 - our own names
    f"SELECT DISTINCT ON (g.new_id) g.new_id, {', '.join(f'g.{name}' for name in _DATA)} "
    f"FROM newcomers AS n, jsonb_to_record(n.newcomer) AS g({given_as(GIVEN)}) "
    "ORDER BY g.new_id ON CONFLICT (id) DO UPDATE SET updated_at = now()"
)
"""SQL: adds the ``newcomer`` (JSON, see ``GIVEN``) of each of ``newcomers``; one added meanwhile stays."""


async def find_or_create(database: Database, data: CustomerData) -> str:
    """The id of the customer, who is added when not known yet; empty when nothing is known of them.

    With ``id`` given that is the key and newer data replace older; else the one with the same phone or
    e-mail, whose blanks are filled in. Two at once become one customer.
    """
    row = await database.first(_FIND_OR_CREATE, parameters(data))
    return "" if row is None else str(row.id)


def parameters(data: CustomerData) -> dict[str, Any]:
    """What is given of a customer (see ``GIVEN``); somebody of whom nothing is known is nobody."""
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
