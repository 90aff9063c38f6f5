"""Cases know what raised them; measures on units.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_RAISED = sa.text("parent != ''")


def upgrade() -> None:
    """Complaints that are there already were raised by nothing."""
    for name in ("parent", "consequence"):
        op.add_column(
            "complaints", sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)
        )
    op.create_index("ix_complaints_parent", "complaints", ["parent", "ref"], postgresql_where=_RAISED)
    op.create_index(
        "ix_complaints_consequence", "complaints", ["status", "breached"], postgresql_where=_RAISED
    )
    op.create_table(
        "measures",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ref", "seq", name=op.f("pk_measures")),
    )
    op.create_index("ix_measures_unit", "measures", ["unit", "at", "seq"])


def downgrade() -> None:
    """Cases no longer know what raised them."""
    op.drop_index("ix_measures_unit", table_name="measures")
    op.drop_table("measures")
    op.drop_index("ix_complaints_consequence", table_name="complaints", postgresql_where=_RAISED)
    op.drop_index("ix_complaints_parent", table_name="complaints", postgresql_where=_RAISED)
    for name in ("consequence", "parent"):
        op.drop_column("complaints", name)
