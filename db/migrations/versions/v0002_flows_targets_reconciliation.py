"""Flows, national targets, and what an import found.

Flows (what migrants send from one country to another in a year) weigh the weighted average; they stand under a run and
a snapshot like every other value. National targets are what an operator added to the official ones. A run of an
imported survey keeps its reconciliation: rows read, stored, refused and repaired, and how far the identities hold.
"""

import sqlalchemy as sa
from alembic import op

from db.types import ExactDecimal, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("flows", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("run", sa.Column("reconciliation", sa.Text(), nullable=True))
    op.create_table(
        "flow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("value", ExactDecimal(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "snapshot_id"],
            ["snapshot.run_id", "snapshot.id"],
            name="fk_flow_run_id_snapshot_id_snapshot",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flow"),
        sa.UniqueConstraint("run_id", "key", name="uq_flow_run_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_flow_series_year", "flow", ["series", "year"], unique=False)
    op.create_table(
        "target",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("value", ExactDecimal(), nullable=False),
        sa.Column("deadline", sa.Integer(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=True),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_target"),
    )
