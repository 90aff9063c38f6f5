"""Complaints and orders know the persons they are for by name, so that these find them.

Revision: 0012, after 0011
"""

import json
import zlib
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TYPICAL = Path(__file__).parents[2].joinpath("wire_typical.json").read_bytes()
CHOSEN = "chosen:"


def upgrade() -> None:
    """Complaints and orders that are there already get the names from what was filled in."""
    for table in ("complaints", "orders"):
        column: sa.Column[list[str]] = sa.Column(
            "chosen", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        )
        op.add_column(table, column)
    _fill()
    for table in ("complaints", "orders"):
        op.create_index(
            f"ix_{table}_chosen",
            table,
            ["chosen"],
            unique=False,
            postgresql_using="gin",
            postgresql_where=sa.text("cardinality(chosen) > 0"),
        )


def downgrade() -> None:
    """Back to finding them by unit alone."""
    for table in ("orders", "complaints"):
        op.drop_index(f"ix_{table}_chosen", table_name=table)
        op.drop_column(table, "chosen")


def _fill() -> None:
    connection = op.get_bind()
    named = (
        "ARRAY(SELECT 'person:' || (c.facts ->> n.name) FROM unnest(CAST(:names AS text[])) "
        "WITH ORDINALITY AS n(name, place) WHERE c.facts ->> n.name <> '' ORDER BY n.place)"
    )
    complaints = sa.text(
        f"UPDATE complaints AS c SET chosen = {named} "  # noqa: S608 - our own SQL
        "WHERE c.fingerprint = :fingerprint AND c.redacted_at IS NULL AND c.facts ?| CAST(:names AS text[])"
    )
    orders = sa.text(
        f"UPDATE orders AS o SET chosen = {named} FROM complaints AS c "  # noqa: S608 - our own SQL
        "WHERE c.ref = o.ref AND c.fingerprint = :fingerprint AND c.redacted_at IS NULL "
        "AND o.purpose = :purpose AND c.facts ?| CAST(:names AS text[])"
    )
    for fingerprint, packed in connection.execute(sa.text("SELECT fingerprint, packed FROM procedures")):
        unpacker = zlib.decompressobj(zdict=TYPICAL)
        procedure = json.loads(unpacker.decompress(packed) + unpacker.flush())
        purposes = procedure.get("purposes", [])
        names = _fields([word for one in (*procedure["steps"], *purposes) for word in one.get("by", ())])
        if names:
            connection.execute(complaints, {"fingerprint": fingerprint, "names": names})
        for purpose in purposes:
            if names := _fields(purpose.get("by", ())):
                values = {"fingerprint": fingerprint, "names": names, "purpose": purpose["name"]}
                connection.execute(orders, values)


def _fields(words: list[str]) -> list[str]:
    found = (word.removeprefix(CHOSEN) for word in words if word.startswith(CHOSEN))
    return list(dict.fromkeys(found))
