"""The form in which events are hashed and stored: equal events give equal bytes, on every machine."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

import wire
from domain.events import Event


def clean(value: Any) -> Any:
    """``value`` (plain JSON types) without what PostgreSQL cannot store in text.

    A NUL character and half a surrogate pair become the replacement character: a message that
    slipped through must not keep a complaint from being recorded.
    """
    if isinstance(value, str):
        if value.isprintable() and value.isascii():  # what most texts are: nothing to replace
            return value
        if "\x00" in value:
            value = value.replace("\x00", "\ufffd")
        return (
            value if _encodable(value) else value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        )
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def storable_json(value: Any) -> str:
    """JSON of plain types and instants that PostgreSQL takes: ``clean``, where there is anything to clean."""
    try:
        text = to_json(value)
    except ValueError:  # half a surrogate pair
        return to_json(clean(value)).decode()
    return (to_json(clean(value)) if b"\\u0000" in text else text).decode()


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def event_row(event: Event) -> dict[str, Any]:
    """The columns of an event without its hash: seq, at (aware), by, kind, data (without ``kind``)."""
    data = clean(wire.fact_to_data(event.fact))
    kind = data.pop("kind")
    return {"seq": event.seq, "at": event.at, "by": clean(event.by), "kind": kind, "data": data}


def chain(previous: bytes, ref: str, row: dict[str, Any]) -> bytes:
    """SHA-256 over the hash of the event before (empty for the first) and the canonical JSON of this one."""
    return hashlib.sha256(previous + _canonical(ref, row)).digest()


def seal(previous: bytes, recorded: bytes, ref: str, row: dict[str, Any]) -> bytes:
    """SHA-256 that binds a redacted event to the hash it was recorded with and to the redacted one before.

    What was taken out can no longer be hashed, so the chain of hashes alone would prove nothing any more.
    """
    return hashlib.sha256(previous + recorded + _canonical(ref, row)).digest()


def _canonical(ref: str, row: dict[str, Any]) -> bytes:
    text = json.dumps(
        [ref, row["seq"], instant_text(row["at"]), row["by"], row["kind"], row["data"]],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return text.encode()


def instant_text(at: datetime) -> str:
    """An instant in UTC to the microsecond, which is what PostgreSQL keeps."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
