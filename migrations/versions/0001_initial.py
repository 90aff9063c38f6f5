"""Everything from the first table on.

Revision: 0001, after nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema forwards."""
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "wording", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_procedure", "announcements", ["procedure", "valid_from"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("email", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "addresses",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index(
        "ix_customers_email", "customers", ["email"], unique=False, postgresql_where=sa.text("email != ''")
    )
    op.create_index(
        "ix_customers_phone", "customers", ["phone"], unique=False, postgresql_where=sa.text("phone != ''")
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("duplicates", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("email", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "addresses",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "procedures",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_procedures")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_procedures_fingerprint")),
    )
    op.create_index("uq_procedures_active", "procedures", ["name"], unique=True, postgresql_where="active")
    op.create_table(
        "ref_counters",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_ref_counters")),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "name", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("active_from", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("active_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "addresses",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("webhook_url", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("webhook_secret", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    op.create_index("ix_units_parent_id", "units", ["parent_id"], unique=False)
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_absences_order")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
        sa.UniqueConstraint("person_id", "starts_at", name=op.f("uq_absences_person_id_starts_at")),
    )
    op.create_table(
        "complaints",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("customer_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("customer_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("summary", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "form", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("draw", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("step", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("round", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("category", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("severity", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("unit", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("owner", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("major", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("repeat_of", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("repeat_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("approved", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_attempt", sa.SmallInteger(), nullable=True),
        sa.Column("callback_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("head", sa.LargeBinary(), server_default=sa.text("''"), nullable=False),
        sa.Column("run", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["fingerprint"], ["procedures.fingerprint"], name=op.f("fk_complaints_fingerprint_procedures")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_complaints")),
    )
    op.create_index(
        "ix_complaints_breached_page",
        "complaints",
        ["opened_at", "ref"],
        unique=False,
        postgresql_where=sa.text("breached > 0"),
    )
    op.create_index(
        "ix_complaints_callback", "complaints", ["callback_at"], unique=False, postgresql_where="callback_due"
    )
    op.create_index(
        "ix_complaints_category_page", "complaints", ["category", "opened_at", "ref"], unique=False
    )
    op.create_index(
        "ix_complaints_channel_page", "complaints", ["channel", "opened_at", "ref"], unique=False
    )
    op.create_index(
        "ix_complaints_customer_id_page", "complaints", ["customer_id", "opened_at", "ref"], unique=False
    )
    op.create_index(
        "ix_complaints_due",
        "complaints",
        ["next_due", "ref"],
        unique=False,
        postgresql_where=sa.text("next_due IS NOT NULL"),
    )
    op.create_index("ix_complaints_fingerprint", "complaints", ["fingerprint"], unique=False)
    op.create_index("ix_complaints_kind_page", "complaints", ["kind", "opened_at", "ref"], unique=False)
    op.create_index("ix_complaints_owner_page", "complaints", ["owner", "opened_at", "ref"], unique=False)
    op.create_index("ix_complaints_page", "complaints", ["opened_at", "ref"], unique=False)
    op.create_index(
        "ix_complaints_procedure_page", "complaints", ["procedure", "opened_at", "ref"], unique=False
    )
    op.create_index("ix_complaints_search", "complaints", ["search"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_complaints_severity_page", "complaints", ["severity", "opened_at", "ref"], unique=False
    )
    op.create_index("ix_complaints_status_page", "complaints", ["status", "opened_at", "ref"], unique=False)
    op.create_index("ix_complaints_unit_page", "complaints", ["unit", "opened_at", "ref"], unique=False)
    op.create_table(
        "contact_changes",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "announced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("announced_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_contact_changes_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_changes")),
        sa.UniqueConstraint(
            "person_id", "effective_at", name=op.f("uq_contact_changes_person_id_effective_at")
        ),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Text(), server_default=sa.text("'A'"), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rank IN ('A', 'B')", name=op.f("ck_posts_rank")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_posts_person_id_people")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_posts_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint(
            "unit_id",
            "role",
            "person_id",
            "valid_from",
            name=op.f("uq_posts_unit_id_role_person_id_valid_from"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_posts_person_id", "posts", ["person_id"], unique=False)
    op.create_index("ix_posts_role", "posts", ["role", "unit_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (system IS NULL)", name=op.f("ck_tokens_holder")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_attachments_ref_complaints")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_ref", "attachments", ["ref"], unique=False)
    op.create_table(
        "clocks",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_clocks_ref_complaints")),
        sa.PrimaryKeyConstraint("ref", "clock_id", name=op.f("pk_clocks")),
    )
    op.create_index(
        "ix_clocks_breached_at",
        "clocks",
        ["breached_at"],
        unique=False,
        postgresql_where=sa.text("breached_at IS NOT NULL"),
    )
    op.create_index(
        "ix_clocks_running",
        "clocks",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_table(
        "events",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_events_ref_complaints")),
        sa.PrimaryKeyConstraint("ref", "seq", name=op.f("pk_events")),
    )
    op.create_index("ix_events_kind_at", "events", ["kind", "at"], unique=False)
    op.create_table(
        "import_rows",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id_imports")),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_import_rows_ref_complaints")),
        sa.PrimaryKeyConstraint("source", "source_id", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_ref", "import_rows", ["ref"], unique=False)
    op.create_table(
        "intake_outbox",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column(
            "payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_intake_outbox_ref_complaints")),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_intake_outbox")),
    )
    op.create_index(
        "ix_intake_outbox_unstarted",
        "intake_outbox",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("started_at IS NULL"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("post", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("stand_in", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("receipt", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_messages_ref_complaints")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_messages_key")),
    )
    op.create_index(
        "ix_messages_inbox",
        "messages",
        ["recipient", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("channel = 'in_app'"),
    )
    op.create_index(
        "ix_messages_unsent",
        "messages",
        ["state", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state != 'sent'"),
    )
    op.create_index(
        "uq_messages_once",
        "messages",
        ["ref", "seq", "template", "recipient", "channel"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "orders",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("handler", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("outcome", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("result", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("superior", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_orders_ref_complaints")),
        sa.PrimaryKeyConstraint("ref", "order_id", name=op.f("pk_orders")),
    )
    op.create_index(
        "ix_orders_open",
        "orders",
        ["unit", "due"],
        unique=False,
        postgresql_where=sa.text("state IN ('dispatched', 'taken')"),
    )
    op.create_index("ix_orders_unit_page", "orders", ["unit", "at", "ref"], unique=False)
    op.create_table(
        "superseded_events",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "superseded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["ref"], ["complaints.ref"], name=op.f("fk_superseded_events_ref_complaints")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_superseded_events")),
    )
    op.create_index("ix_superseded_events_ref", "superseded_events", ["ref", "seq"], unique=False)


def downgrade() -> None:
    """Undo `upgrade`."""
    op.drop_index("ix_superseded_events_ref", table_name="superseded_events")
    op.drop_table("superseded_events")
    op.drop_index("ix_orders_unit_page", table_name="orders")
    op.drop_index(
        "ix_orders_open", table_name="orders", postgresql_where=sa.text("state IN ('dispatched', 'taken')")
    )
    op.drop_table("orders")
    op.drop_index(
        "uq_messages_once", table_name="messages", postgresql_where=sa.text("superseded_at IS NULL")
    )
    op.drop_index("ix_messages_unsent", table_name="messages", postgresql_where=sa.text("state != 'sent'"))
    op.drop_index("ix_messages_inbox", table_name="messages", postgresql_where=sa.text("channel = 'in_app'"))
    op.drop_table("messages")
    op.drop_index(
        "ix_intake_outbox_unstarted",
        table_name="intake_outbox",
        postgresql_where=sa.text("started_at IS NULL"),
    )
    op.drop_table("intake_outbox")
    op.drop_index("ix_import_rows_ref", table_name="import_rows")
    op.drop_table("import_rows")
    op.drop_index("ix_events_kind_at", table_name="events")
    op.drop_table("events")
    op.drop_index("ix_clocks_running", table_name="clocks", postgresql_where=sa.text("stopped_at IS NULL"))
    op.drop_index(
        "ix_clocks_breached_at", table_name="clocks", postgresql_where=sa.text("breached_at IS NOT NULL")
    )
    op.drop_table("clocks")
    op.drop_index("ix_attachments_ref", table_name="attachments")
    op.drop_table("attachments")
    op.drop_table("tokens")
    op.drop_index("ix_posts_role", table_name="posts")
    op.drop_index("ix_posts_person_id", table_name="posts")
    op.drop_table("posts")
    op.drop_table("contact_changes")
    op.drop_index("ix_complaints_unit_page", table_name="complaints")
    op.drop_index("ix_complaints_status_page", table_name="complaints")
    op.drop_index("ix_complaints_severity_page", table_name="complaints")
    op.drop_index("ix_complaints_search", table_name="complaints", postgresql_using="gin")
    op.drop_index("ix_complaints_procedure_page", table_name="complaints")
    op.drop_index("ix_complaints_page", table_name="complaints")
    op.drop_index("ix_complaints_owner_page", table_name="complaints")
    op.drop_index("ix_complaints_kind_page", table_name="complaints")
    op.drop_index("ix_complaints_fingerprint", table_name="complaints")
    op.drop_index(
        "ix_complaints_due", table_name="complaints", postgresql_where=sa.text("next_due IS NOT NULL")
    )
    op.drop_index("ix_complaints_customer_id_page", table_name="complaints")
    op.drop_index("ix_complaints_channel_page", table_name="complaints")
    op.drop_index("ix_complaints_category_page", table_name="complaints")
    op.drop_index("ix_complaints_callback", table_name="complaints", postgresql_where="callback_due")
    op.drop_index(
        "ix_complaints_breached_page", table_name="complaints", postgresql_where=sa.text("breached > 0")
    )
    op.drop_table("complaints")
    op.drop_table("absences")
    op.drop_index("ix_units_parent_id", table_name="units")
    op.drop_table("units")
    op.drop_table("ref_counters")
    op.drop_index("uq_procedures_active", table_name="procedures", postgresql_where="active")
    op.drop_table("procedures")
    op.drop_table("people")
    op.drop_table("imports")
    op.drop_index("ix_idempotency_keys_created_at", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_customers_phone", table_name="customers", postgresql_where=sa.text("phone != ''"))
    op.drop_index("ix_customers_email", table_name="customers", postgresql_where=sa.text("email != ''"))
    op.drop_table("customers")
    op.drop_index("ix_announcements_procedure", table_name="announcements")
    op.drop_table("announcements")
