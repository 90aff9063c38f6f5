"""The read model of a complaint: which columns follow from its state, and the statement that writes them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import text

from domain.clocks import Clock
from domain.complaint import Complaint, Order
from domain.timekeeping import first_deadline, next_due
from storage.canonical import clean, instant_text
from storage.prepared import Prepared
from storage.stores.ledger import LEDGER, PAYOUT, PAYOUT_AGAIN
from storage.stores.measures import MEASURE

COMPLAINT: Mapping[str, str] = {
    "status": "text", "step": "text", "round": "int", "kind": "text", "category": "text",
    "severity": "text", "unit": "text", "owner": "text", "facts": "jsonb", "opened_at": "timestamptz",
    "closed_at": "timestamptz", "closing_reason": "text", "next_due": "timestamptz", "due_at": "timestamptz",
    "breached": "int", "complained_of": "text[]", "chosen": "text[]", "major": "bool",
    "repeat_of": "text", "repeat_reason": "text", "flags": "text[]", "approved": "text[]",
    "held_at": "timestamptz", "callback_attempt": "smallint", "callback_at": "timestamptz",
    "callback_due": "bool", "seq": "int", "head": "bytea", "run": "text",
}  # fmt: skip
EVENT: Mapping[str, str] = {
    "seq": "int", "at": "timestamptz", "by": "text", "kind": "text", "data": "jsonb", "hash": "bytea",
}  # fmt: skip
ORDER: Mapping[str, str] = {
    "order_id": "text", "unit": "text", "unit_kind": "text", "purpose": "text", "round": "int",
    "state": "text", "handler": "text", "note": "text", "outcome": "text", "result": "text",
    "superior": "bool", "chosen": "text[]", "at": "timestamptz", "due": "timestamptz",
}  # fmt: skip
CLOCK: Mapping[str, str] = {
    "clock_id": "text", "rule": "text", "order_id": "text", "round": "int", "started_at": "timestamptz",
    "due_at": "timestamptz", "paused_at": "timestamptz", "stopped_at": "timestamptz", "met": "bool",
    "breached_at": "timestamptz",
}  # fmt: skip
"""Columns that are written, with the types PostgreSQL reads them as from JSON."""


class Extra(NamedTuple):
    """A table only some complaints need: its columns, and the clause for rows that are there already."""

    columns: Mapping[str, str]
    again: str = ""


EXTRAS: Mapping[str, Extra] = {
    "ledger": Extra(LEDGER),
    "payouts": Extra(PAYOUT, PAYOUT_AGAIN),
    "measures": Extra(MEASURE),
}
"""What a recording writes besides, in the same statement, when there is anything of it."""


def complaint_row(complaint: Complaint, head: bytes, run: str) -> dict[str, Any]:
    """The columns of ``complaints`` that follow from the state; ``head`` is the hash of its last event.

    ``run`` is the chain of workflow runs that recorded it.
    """
    callback = complaint.callback
    return {
        "status": complaint.status.value,
        "step": complaint.step,
        "round": complaint.round,
        "kind": complaint.facts.get("kind", ""),
        "category": complaint.facts.get("category", ""),
        "severity": complaint.facts.get("severity", ""),
        "unit": complaint.unit,
        "owner": complaint.owner,
        "facts": dict(complaint.facts),
        "opened_at": complaint.opened_at,
        "closed_at": complaint.closed_at,
        "closing_reason": complaint.closing_reason,
        "next_due": next_due(complaint),
        "due_at": first_deadline(complaint),
        "breached": complaint.breaches,
        "major": complaint.major,
        "repeat_of": complaint.repeat_of,
        "repeat_reason": complaint.repeat_reason,
        "flags": complaint.flags,
        "complained_of": complaint.complained_of,
        "chosen": complaint.chosen,
        "approved": complaint.approved,
        "held_at": complaint.held_at,
        "callback_attempt": callback.attempt if callback else None,
        "callback_at": callback.at if callback else None,
        "callback_due": callback.due if callback else False,
        "seq": complaint.seq,
        "head": bytea(head),
        "run": run,
    }


def order_row(order: Order, complaint: Complaint) -> dict[str, Any]:
    """The row of one order; it is due when the first of its running clocks is."""
    dues = [c.due_at for c in complaint.running() if c.order == order.id and c.due_at is not None]
    return {
        "order_id": order.id,
        "unit": order.unit,
        "unit_kind": order.unit_kind,
        "purpose": order.purpose,
        "round": order.round,
        "state": order.state.value,
        "handler": order.handler,
        "note": order.note,
        "outcome": order.outcome,
        "result": order.result,
        "superior": order.superior,
        "chosen": order.chosen,
        "at": order.at,
        "due": min(dues, default=None),
    }


def clock_row(clock: Clock) -> dict[str, Any]:
    """The row of one clock."""
    return {
        "clock_id": clock.id,
        "rule": clock.rule,
        "order_id": clock.order,
        "round": clock.round,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "paused_at": clock.paused_at,
        "stopped_at": clock.stopped_at,
        "met": clock.met,
        "breached_at": clock.breached_at,
    }


def bytea(value: bytes) -> str:
    """Bytes as PostgreSQL reads them from text."""
    return "\\x" + value.hex()


def to_json(value: Any) -> str:
    """JSON of rows: instants in UTC, and nothing in it that PostgreSQL refuses in text."""
    return json.dumps(clean_rows(value), ensure_ascii=False, separators=(",", ":"), default=_plain)


def clean_rows(value: Any) -> Any:
    """``value`` cleaned if need be; looking for what has to be cleaned is the quicker part."""
    draft = json.dumps(value, ensure_ascii=True, default=_plain)
    return clean(json.loads(draft)) if "\\u0000" in draft or "\\ud" in draft else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a row")


def _record(columns: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def _names(columns: Collection[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in columns)


def _upsert(table: str, columns: Mapping[str, str]) -> str:
    key = next(iter(columns))
    rest = [name for name in columns if name != key]
    return (
        f"INSERT INTO {table} AS kept (ref, {_names(columns)}) "  # noqa: S608 - names of our own columns
        f"SELECT head.ref, {_names(columns, 'given.')} "
        f"FROM head, jsonb_to_recordset(CAST(:{table} AS jsonb)) AS given({_record(columns)}) "
        f'ON CONFLICT (ref, "{key}") DO UPDATE SET '
        + ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
        + f" WHERE ({_names(rest, 'kept.')}) IS DISTINCT FROM ({_names(rest, 'excluded.')})"
    )


def _insert(table: str, extra: Extra) -> str:
    return (
        f"x_{table} AS (INSERT INTO {table} (ref, {_names(extra.columns)}) "  # noqa: S608 - our own names
        f"SELECT head.ref, {_names(extra.columns, 'given.')} "
        f"FROM head, jsonb_to_recordset(CAST(:{table} AS jsonb)) AS given({_record(extra.columns)}) "
        f"{extra.again}), "
    )


@lru_cache
def append_statement(extras: tuple[str, ...] = ()) -> Prepared:
    """One statement for a whole recording; it answers with a row, or with none when the head has moved.

    Parameters: ref; seen_seq and seen_head, which must still be the complaint's; state, events, orders,
    clocks, and each of ``extras`` (of ``EXTRAS``), as JSON; payload for those who listen.
    """
    assignments = ", ".join(f'"{name}" = given."{name}"' for name in COMPLAINT)
    more = "".join(_insert(name, EXTRAS[name]) for name in extras)
    statement = text(
        f"WITH head AS (UPDATE complaints AS kept SET {assignments}, updated_at = now() "  # noqa: S608
        f"FROM jsonb_to_record(CAST(:state AS jsonb)) AS given({_record(COMPLAINT)}) "
        "WHERE kept.ref = :ref AND kept.seq = :seen_seq AND kept.head = :seen_head "
        "AND kept.redacted_at IS NULL RETURNING kept.ref), "
        f"e AS (INSERT INTO events (ref, {_names(EVENT)}) SELECT head.ref, {_names(EVENT, 'given.')} "
        f"FROM head, jsonb_to_recordset(CAST(:events AS jsonb)) AS given({_record(EVENT)})), "
        f"o AS ({_upsert('orders', ORDER)}), "
        f"{more}"
        f"c AS ({_upsert('clocks', CLOCK)}) "
        "SELECT pg_notify('complaint_events', :payload) FROM head"
    )
    return Prepared(statement)
