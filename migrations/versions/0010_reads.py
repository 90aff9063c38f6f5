"""An access log: who saw personal data of which complaints.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty log."""
    op.create_table(
        "reads",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("refs", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reads")),
    )
    op.create_index("ix_reads_reader", "reads", ["reader", "id"], unique=False)
    op.create_index("ix_reads_refs", "reads", ["refs"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    """Without a log."""
    op.drop_index("ix_reads_refs", table_name="reads", postgresql_using="gin")
    op.drop_index("ix_reads_reader", table_name="reads")
    op.drop_table("reads")
