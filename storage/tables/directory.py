"""The directory: units, the people in them and their posts, absences, announced changes; and customers."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.base import document, flag, instant, label, metadata

units = Table(
    "units",
    metadata,
    Column("id", Text, primary_key=True),
    document("name"),  # by language
    label("kind"),
    Column("parent_id", Text, ForeignKey("units.id")),
    instant("active_from", now=True),
    instant("active_to"),
    document("addresses"),  # by channel, for a unit that is told as a whole
    document("published"),  # how customers reach it: phone, email, web, address
    label("webhook_url"),
    label("webhook_secret"),
)
Index("ix_units_parent_id", units.c.parent_id)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    label("language"),
    label("email"),
    label("phone"),
    document("addresses"),  # by channel, beside e-mail
    flag("active", default=True),
)

posts = Table(
    "posts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("unit_id", Text, ForeignKey("units.id")),  # none: the post of the whole organisation
    Column("role", Text, nullable=False),
    Column("person_id", Text, ForeignKey("people.id"), nullable=False),
    Column("rank", Text, nullable=False, server_default=text("'A'")),
    instant("valid_from", now=True),
    instant("valid_to"),
    CheckConstraint("rank IN ('A', 'B')", name="rank"),
    UniqueConstraint("unit_id", "role", "person_id", "valid_from", postgresql_nulls_not_distinct=True),
)
Index("ix_posts_role", posts.c.role, posts.c.unit_id)
Index("ix_posts_person_id", posts.c.person_id)

absences = Table(
    "absences",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("person_id", Text, ForeignKey("people.id"), nullable=False),
    instant("starts_at", nullable=False),
    instant("ends_at", nullable=False),
    label("reason"),
    CheckConstraint("starts_at < ends_at", name="order"),
    UniqueConstraint("person_id", "starts_at"),
)

# TEL-3: a change of contact data is announced ahead and takes effect on its day; until then the old holds.
contact_changes = Table(
    "contact_changes",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("person_id", Text, ForeignKey("people.id"), nullable=False),
    Column("email", Text),  # NULL: stays as it is
    Column("phone", Text),
    instant("effective_at", nullable=False),
    instant("announced_at", now=True),
    label("announced_by"),
    UniqueConstraint("person_id", "effective_at"),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    label("name"),
    label("phone"),
    label("email"),
    label("language"),
    document("addresses"),
    instant("created_at", now=True),
    instant("updated_at", now=True),
)
Index("ix_customers_phone", customers.c.phone, postgresql_where=customers.c.phone != "")
Index("ix_customers_email", customers.c.email, postgresql_where=customers.c.email != "")
