"""The ledger, which is only ever added to, and how far each payment has come."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.base import flag, instant, label, metadata, number

# The database itself refuses to change, delete or truncate (see the migration). No reference to complaints:
# the books outlive a complaint that is deleted at the end of its retention, and hold nothing personal.
ledger = Table(
    "ledger",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("ref", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # of the event that caused it
    # An attempt whose events were set aside is undone by the same line the other way round.
    flag("undoes"),
    Column("posting", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("month", Text, nullable=False),
    label("order_id"),
    label("reverses"),
    label("by"),
    instant("at", nullable=False),
    UniqueConstraint("ref", "seq", "hash", "undoes"),
)
Index("ix_ledger_source_month", ledger.c.source, ledger.c.month, ledger.c.id)
Index("ix_ledger_target_month", ledger.c.target, ledger.c.month, ledger.c.id)

payouts = Table(
    "payouts",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("posting", Text, primary_key=True),
    # Follows from the events of the complaint.
    Column("seq", Integer, nullable=False),
    Column("entry", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("state", Text, nullable=False),
    number("attempt", 1),
    instant("at", nullable=False),
    # Kept by those who try to pay.
    label("answer"),  # paid or failed as soon as it is known, before the complaint has recorded it
    label("receipt"),
    label("problem"),
    number("tries"),
    instant("claimed_until"),
)
Index("ix_payouts_unpaid", payouts.c.state, payouts.c.at, postgresql_where=text("state != 'paid'"))
