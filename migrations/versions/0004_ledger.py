"""A ledger that is only ever added to, and payments.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema forwards."""
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("undoes", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("posting", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reverses", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("ref", "seq", "hash", "undoes", name=op.f("uq_ledger_ref_seq_hash_undoes")),
    )
    op.create_index("ix_ledger_source_month", "ledger", ["source", "month", "id"], unique=False)
    op.create_index("ix_ledger_target_month", "ledger", ["target", "month", "id"], unique=False)
    op.create_table(
        "payouts",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("posting", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("receipt", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("problem", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ref", "posting", name=op.f("pk_payouts")),
    )
    op.create_index(
        "ix_payouts_unpaid", "payouts", ["state", "at"], postgresql_where=sa.text("state != 'paid'")
    )
    op.execute(
        "CREATE FUNCTION ledger_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'the ledger is only ever added to: post a reversal instead' "
        "USING ERRCODE = 'restrict_violation'; END$$"
    )
    op.execute(
        "CREATE TRIGGER ledger_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to()"
    )


def downgrade() -> None:
    """Change it back; the books are lost with their table."""
    op.drop_index("ix_payouts_unpaid", table_name="payouts", postgresql_where=sa.text("state != 'paid'"))
    op.drop_table("payouts")
    op.drop_index("ix_ledger_target_month", table_name="ledger")
    op.drop_index("ix_ledger_source_month", table_name="ledger")
    op.drop_table("ledger")
    op.execute("DROP FUNCTION ledger_is_only_added_to()")
