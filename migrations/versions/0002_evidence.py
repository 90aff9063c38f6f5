"""Attachments say what they are evidence of.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files that are there already count by what they are."""
    op.add_column(
        "attachments", sa.Column("evidence", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.execute(
        "UPDATE attachments SET evidence = CASE WHEN media_type LIKE 'image/%' THEN 'photo' "
        "WHEN media_type LIKE 'audio/%' OR media_type LIKE 'video/%' THEN 'recording' ELSE 'document' END"
    )


def downgrade() -> None:
    """Back to files without a kind."""
    op.drop_column("attachments", "evidence")
