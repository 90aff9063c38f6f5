"""Complaints: the row intake writes, what is folded from the events, and the events themselves."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.tables.base import document, flag, instant, label, metadata, number, words

complaints = Table(
    "complaints",
    metadata,
    Column("ref", Text, primary_key=True),
    # Written by intake; the procedure changes only when the complaint is moved to another version.
    Column("procedure", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("fingerprint", Text, ForeignKey("procedures.fingerprint"), nullable=False),
    label("channel"),
    label("language"),
    label("customer_id"),
    label("customer_name"),
    label("title"),
    label("summary"),
    document("form"),  # as filled in, personal data included
    Column("draw", SmallInteger, nullable=False, server_default=text("0")),
    # Lexemes of ref, title, summary, customer and the like; see storage.search.
    Column("search", TSVECTOR, nullable=False, server_default=text("''")),
    instant("created_at", now=True),
    # Folded from the events.
    Column("status", Text, nullable=False, server_default=text("'new'")),
    label("step"),
    number("round", 1),
    label("kind"),
    label("category"),
    label("severity"),
    label("unit"),
    label("owner"),
    document("facts"),
    instant("opened_at", now=True),
    instant("closed_at"),
    label("closing_reason"),
    instant("next_due"),
    instant("due_at"),  # the earliest deadline that runs; what is next may be its warning
    number("breached"),  # how many clocks were
    flag("major"),
    label("repeat_of"),
    label("repeat_reason"),
    label("parent"),  # the case that raised this one, as which consequence
    label("consequence"),
    words("flags"),
    words("complained_of"),  # persons, as actors' ids, who are kept from it (MFG-7)
    words("chosen"),  # persons, as actors' ids, who are named to do something
    words("approved"),  # approvals given so far at the current step
    instant("held_at"),
    Column("callback_attempt", SmallInteger),
    instant("callback_at"),
    flag("callback_due"),
    number("seq"),
    Column("head", LargeBinary, nullable=False, server_default=text("''")),  # hash of the last event
    label("run"),  # the chain of workflow runs that recorded last
    instant("redacted_at"),  # when what is personal was taken out
    instant("updated_at", now=True),
)

# Every list is sorted by (opened_at, ref), so each filter that may stand alone has an index in that order:
# whichever is most selective is walked until the page is full.
for _column in (
    "status", "procedure", "unit", "kind", "category", "severity", "channel", "owner", "customer_id",
):  # fmt: skip
    Index(f"ix_complaints_{_column}_page", complaints.c[_column], complaints.c.opened_at, complaints.c.ref)
Index("ix_complaints_page", complaints.c.opened_at, complaints.c.ref)
Index(
    "ix_complaints_breached_page",
    complaints.c.opened_at,
    complaints.c.ref,
    postgresql_where=complaints.c.breached > 0,
)
Index(
    "ix_complaints_due",
    complaints.c.next_due,
    complaints.c.ref,
    postgresql_where=complaints.c.next_due.is_not(None),
)
Index("ix_complaints_callback", complaints.c.callback_at, postgresql_where=complaints.c.callback_due)
Index(
    "ix_complaints_parent",
    complaints.c.parent,
    complaints.c.ref,
    postgresql_where=complaints.c.parent != "",
)
Index(
    "ix_complaints_consequence",
    complaints.c.status,
    complaints.c.breached,
    postgresql_where=complaints.c.parent != "",
)
Index("ix_complaints_search", complaints.c.search, postgresql_using="gin")
Index("ix_complaints_fingerprint", complaints.c.fingerprint)
Index(
    "ix_complaints_complained_of",
    complaints.c.complained_of,
    postgresql_using="gin",
    postgresql_where=text("complained_of <> '{}'"),
)
Index(
    "ix_complaints_chosen",
    complaints.c.chosen,
    postgresql_using="gin",
    postgresql_where=text("cardinality(chosen) > 0"),
)
Index(
    "ix_complaints_closed_at",
    complaints.c.closed_at,
    complaints.c.ref,
    postgresql_where=complaints.c.closed_at.is_not(None) & complaints.c.redacted_at.is_(None),
)

intake_outbox = Table(
    "intake_outbox",
    metadata,
    Column("ref", Text, ForeignKey("complaints.ref"), primary_key=True),
    document("payload"),
    instant("created_at", now=True),
    instant("claimed_until"),
    instant("started_at"),
    number("tries"),
    label("last_error"),
)
Index(
    "ix_intake_outbox_unstarted",
    intake_outbox.c.created_at,
    postgresql_where=intake_outbox.c.started_at.is_(None),
)


def _event_columns() -> list[Column[object]]:
    return [
        instant("at", nullable=False),
        Column("by", Text, nullable=False),
        Column("kind", Text, nullable=False),
        document("data"),
        Column("hash", LargeBinary, nullable=False),
    ]


events = Table(
    "events",
    metadata,
    Column("ref", Text, ForeignKey("complaints.ref"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    *_event_columns(),
    # Once redacted: hash over what it says now, the hash of what it said, and the seal before; see `verify`.
    Column("seal", LargeBinary),
)
Index("ix_events_kind_at", events.c.kind, events.c.at)

# What an attempt recorded that its workflow never confirmed; kept for the audit.
superseded_events = Table(
    "superseded_events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("ref", Text, ForeignKey("complaints.ref"), nullable=False),
    Column("seq", Integer, nullable=False),
    *_event_columns(),
    instant("superseded_at", now=True),
)
Index("ix_superseded_events_ref", superseded_events.c.ref, superseded_events.c.seq)

orders = Table(
    "orders",
    metadata,
    Column("ref", Text, ForeignKey("complaints.ref"), primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    label("unit_kind"),
    Column("purpose", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("state", Text, nullable=False),
    label("handler"),
    label("note"),
    label("outcome"),
    label("result"),
    flag("superior"),
    words("chosen"),  # persons, as actors' ids, whom it is for by name
    instant("at", nullable=False),
    instant("due"),  # earliest due instant of the order's running clocks
)
Index("ix_orders_unit_page", orders.c.unit, orders.c.at, orders.c.ref)
Index(
    "ix_orders_open",
    orders.c.unit,
    orders.c.due,
    postgresql_where=orders.c.state.in_(("dispatched", "taken")),
)
Index(
    "ix_orders_chosen",
    orders.c.chosen,
    postgresql_using="gin",
    postgresql_where=text("cardinality(chosen) > 0"),
)

clocks = Table(
    "clocks",
    metadata,
    Column("ref", Text, ForeignKey("complaints.ref"), primary_key=True),
    Column("clock_id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    label("order_id"),
    Column("round", Integer, nullable=False),
    instant("started_at", nullable=False),
    instant("due_at"),  # unknown while paused
    instant("paused_at"),
    instant("stopped_at"),
    Column("met", Boolean),  # NULL until it stopped
    instant("breached_at"),
)
Index("ix_clocks_running", clocks.c.due_at, postgresql_where=clocks.c.stopped_at.is_(None))
Index("ix_clocks_breached_at", clocks.c.breached_at, postgresql_where=clocks.c.breached_at.is_not(None))

attachments = Table(
    "attachments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ref", Text, ForeignKey("complaints.ref"), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    label("evidence"),  # what it is evidence of: photo, recording and so on; see domain.evidence
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    label("added_by"),
    instant("added_at", now=True),
)
Index("ix_attachments_ref", attachments.c.ref)
