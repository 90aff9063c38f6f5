"""Complaints know the persons they are about, who are kept from them.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Complaints that are there already are about nobody."""
    op.add_column(
        "complaints",
        sa.Column(
            "complained_of", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_index(
        "ix_complaints_complained_of",
        "complaints",
        ["complained_of"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("complained_of <> '{}'"),
    )


def downgrade() -> None:
    """Back to complaints about nobody."""
    op.drop_index("ix_complaints_complained_of", table_name="complaints")
    op.drop_column("complaints", "complained_of")
