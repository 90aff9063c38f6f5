"""What no command may contain, whatever it asks: text nobody can store, and times nobody can mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from domain.errors import Refused

LONGEST_TEXT = 20_000
"""Characters; a history holds every text for months, and a longer one belongs into an attachment."""

MOST_TEXTS = 500
_SURROGATE = re.compile("[\\ud800-\\udfff]")
HORIZON = timedelta(days=3660)
"""How far ahead a promise, a visit or a hold may lie, and how far back a complaint was received."""


def check_texts(command: Any) -> None:
    """Raise Refused("text") for text that is too long or holds characters that cannot be stored."""
    for name in _names(command.__class__):
        value = getattr(command, name)
        if isinstance(value, str):
            _check_text(name, value)
        elif value:
            for count, (place, text) in enumerate(_texts(value, name), start=1):
                if count > MOST_TEXTS:
                    raise Refused("too_many", f"at most {MOST_TEXTS} values in one command")
                _check_text(place, text)


def _check_text(place: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise Refused("text", f"at most {LONGEST_TEXT} characters", fields={place: "too long"})
    if "\x00" in text or (not text.isascii() and _SURROGATE.search(text)):
        raise Refused("text", "some characters cannot be stored", fields={place: "bad characters"})


def check_ahead(at: datetime, now: datetime, field: str) -> None:
    """Raise Refused("in_the_past"), ("too_far") or ("no_zone") unless ``at`` lies sensibly ahead."""
    if at.tzinfo is None:
        raise Refused("no_zone", "a time needs its offset from UTC", fields={field: "needs an offset"})
    if at <= now:
        raise Refused("in_the_past", "this must lie ahead", fields={field: "must be later than now"})
    if at > now + HORIZON:
        raise Refused("too_far", "this lies more than ten years ahead", fields={field: "too far ahead"})


def check_behind(at: datetime, now: datetime, field: str) -> None:
    """Raise Refused("in_the_future"), ("too_far") or ("no_zone") unless ``at`` lies sensibly behind."""
    if at.tzinfo is None:
        raise Refused("no_zone", "a time needs its offset from UTC", fields={field: "needs an offset"})
    if at > now:
        raise Refused("in_the_future", "this must lie behind", fields={field: "must not be later than now"})
    if at < now - HORIZON:
        raise Refused("too_far", "this lies more than ten years back", fields={field: "too far back"})


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif is_dataclass(value):
        for name in _names(value.__class__):
            yield from _texts(getattr(value, name), _joined(place, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield place, str(key)
            yield from _texts(item, _joined(place, str(key)))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _texts(item, _joined(place, str(number)))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if not field.metadata.get("looked_up"))


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
