"""The knowledge base.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _document(name: str) -> "sa.Column[dict[str, str]]":
    return sa.Column(
        name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
    )


def upgrade() -> None:
    """Entries, searched by their words."""
    op.create_table(
        "knowledge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        _document("about"),
        _document("title"),
        _document("content"),
        sa.Column("search", postgresql.TSVECTOR(), server_default=sa.text("''"), nullable=False),
        sa.Column("from_ref", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("published_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("retired_why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge")),
    )
    op.create_index("ix_knowledge_procedure", "knowledge", ["procedure", "published_at"], unique=False)
    op.create_index(
        "ix_knowledge_search", "knowledge", ["search"], unique=False, postgresql_using="gin"
    )


def downgrade() -> None:
    """Without a knowledge base."""
    op.drop_index("ix_knowledge_search", table_name="knowledge", postgresql_using="gin")
    op.drop_index("ix_knowledge_procedure", table_name="knowledge")
    op.drop_table("knowledge")
