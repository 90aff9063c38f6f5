"""The customer's forms: what each asks, what was typed into it, and the command it becomes."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from domain.commands import COMMANDS
from domain.errors import Refused
from services.portal import VERBS

LONGEST = 5_000
"""Characters of one field."""
LARGEST_FORM = 256 * 1024
"""Bytes of one form: every field at its longest, with each character written as several."""
_MOST_FIELDS = 20
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; ``name`` is that of the command it fills."""

    name: str
    required: bool = False
    rows: int = 3


FORMS: Mapping[str, tuple[Field, ...]] = {
    "accept": (Field("option"), Field("comment")),
    "reject": (Field("reason", required=True, rows=4), Field("demand")),
    "add_information": (Field("text", required=True, rows=5),),
    "withdraw": (Field("reason"),),
    "reopen": (Field("reason", required=True, rows=4),),
}
"""The form of every verb a customer has."""

assert set(FORMS) == set(VERBS)

_MIND_THE_STATE = ("accept", "reject")
"""What is decided about the solutions that were read must not meet others that came meanwhile."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A form as it came: ``typed`` by field, ``key`` of the page it stood on, ``seq`` seen there."""

    verb: str
    typed: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    seq: int | None = None

    def command(self) -> Any:
        """The command asked for."""
        return COMMANDS[self.verb](**{name: value.strip() for name, value in self.typed.items()})

    def request_id(self, token: str) -> str:
        """One id for the same form with the same content, however often it is sent.

        The content is part of it: what was corrected before it was sent again is another request.
        """
        parts = (token, self.verb, self.key, str(self.seq), *(f"{k}={v}" for k, v in self.typed.items()))
        return f"page:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def new_key() -> str:
    """The key of a form that is shown for the first time."""
    return uuid.uuid4().hex


def read_form(verb: str, body: bytes) -> Posted:
    """What a form-encoded body says; fields that are missing are blank, others are left out.

    Raises Refused: ``not_found`` for a verb that is no customer's, ``too_large``.
    """
    if verb not in FORMS:
        raise Refused("not_found", "there is no such form")
    try:
        found = dict(parse_qsl(body.decode("ascii", "replace"), True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise Refused("too_large", f"a form has at most {_MOST_FIELDS} fields") from error
    typed = {one.name: found.get(one.name, "").replace("\r\n", "\n") for one in FORMS[verb]}
    seq = found.get("seq", "")
    minded = verb in _MIND_THE_STATE and re.fullmatch(r"[0-9]{1,9}", seq)
    return Posted(verb, typed, found.get("key", "")[:64] or new_key(), int(seq) if minded else None)


def mistakes(posted: Posted) -> dict[str, str]:
    """What is wrong with the fields, by field: ``needed``, ``too_long`` or ``characters``."""
    wrong: dict[str, str] = {}
    for one in FORMS[posted.verb]:
        value = posted.typed[one.name]
        if _UNSTORABLE.search(value):
            wrong[one.name] = "characters"
        elif len(value) > LONGEST:
            wrong[one.name] = "too_long"
        elif one.required and not value.strip():
            wrong[one.name] = "needed"
    return wrong
