"""Retention: complaints say when what is personal was taken out, events carry a seal, what was done is kept.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What retention writes, and the index by which it finds what is due."""
    op.add_column("complaints", sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("events", sa.Column("seal", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_complaints_closed_at",
        "complaints",
        ["closed_at", "ref"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL AND redacted_at IS NULL"),
    )
    op.create_table(
        "retentions",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column(
            "rows", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "figures", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retentions")),
    )
    op.create_index("ix_retentions_procedure", "retentions", ["procedure", "closed_at"], unique=False)


def downgrade() -> None:
    """Without retention; what was taken out stays out."""
    op.drop_index("ix_retentions_procedure", table_name="retentions")
    op.drop_table("retentions")
    op.drop_index("ix_complaints_closed_at", table_name="complaints")
    op.drop_column("events", "seal")
    op.drop_column("complaints", "redacted_at")
