"""What a unit publishes to customers.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A unit's published contact; nothing is published before somebody says so."""
    op.add_column(
        "units",
        sa.Column(
            "published",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    """Back to units without a published contact."""
    op.drop_column("units", "published")
