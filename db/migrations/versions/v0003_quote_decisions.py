"""What people decide of single quotes.

A quote that the rules of plausibility put in quarantine stays out of every figure until a person releases it. Who
decided it, when and why is kept, and found again when the quote is priced or read anew.
"""

import sqlalchemy as sa
from alembic import op

from db.types import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quote_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_quote_decision_run_id_run"),
        sa.PrimaryKeyConstraint("id", name="pk_quote_decision"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quote_decision_run_id_key", "quote_decision", ["run_id", "key"], unique=False)
