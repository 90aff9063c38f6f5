"""Complaints know their earliest deadline, beside what happens next by itself.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that are open get it from their clocks."""
    op.add_column("complaints", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE complaints AS c SET due_at = first.due_at FROM (SELECT ref, min(due_at) AS due_at FROM clocks "
        "WHERE stopped_at IS NULL AND due_at IS NOT NULL GROUP BY ref) AS first WHERE first.ref = c.ref"
    )


def downgrade() -> None:
    """Only the clocks know it again."""
    op.drop_column("complaints", "due_at")
