"""Retention notes when the histories of a complaint are deleted too, so that none is left by a dying worker.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was done before it is not known: their histories are deleted once more, which changes nothing."""
    op.add_column("retentions", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_retentions_remembered",
        "retentions",
        ["ref"],
        unique=False,
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )


def downgrade() -> None:
    """Back to deleting them without noting it."""
    op.drop_index("ix_retentions_remembered", table_name="retentions")
    op.drop_column("retentions", "forgotten_at")
