"""The numbered archive.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Archives by keeper, and the counters their numbers come from."""
    op.create_table(
        "archive",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["complaints.ref"], name=op.f("fk_archive_ref_complaints")),
        sa.PrimaryKeyConstraint("ref", "keeper", name=op.f("pk_archive")),
        sa.UniqueConstraint(
            "procedure", "keeper", "year", "number", name=op.f("uq_archive_procedure_keeper_year_number")
        ),
    )
    op.create_table(
        "archive_counters",
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("procedure", "keeper", "year", name=op.f("pk_archive_counters")),
    )


def downgrade() -> None:
    """Without archives; the complaints themselves stay."""
    op.drop_table("archive_counters")
    op.drop_table("archive")
