"""All tables, by noun; `metadata` is what the migrations are compared with."""

from storage.tables.access import idempotency_keys, tokens
from storage.tables.archive import archive, archive_counters
from storage.tables.base import metadata
from storage.tables.complaints import (
    attachments,
    clocks,
    complaints,
    events,
    intake_outbox,
    orders,
    superseded_events,
)
from storage.tables.directory import absences, contact_changes, customers, people, posts, units
from storage.tables.imports import import_rows, imports
from storage.tables.knowledge import knowledge
from storage.tables.ledger import ledger, payouts
from storage.tables.measures import measures
from storage.tables.messages import messages
from storage.tables.procedures import announcements, procedures, ref_counters
from storage.tables.reads import reads
from storage.tables.retention import retentions

__all__ = [
    "absences",
    "announcements",
    "archive",
    "archive_counters",
    "attachments",
    "clocks",
    "complaints",
    "contact_changes",
    "customers",
    "events",
    "idempotency_keys",
    "import_rows",
    "imports",
    "intake_outbox",
    "knowledge",
    "ledger",
    "measures",
    "messages",
    "metadata",
    "orders",
    "payouts",
    "people",
    "posts",
    "procedures",
    "reads",
    "ref_counters",
    "retentions",
    "superseded_events",
    "tokens",
    "units",
]
