"""Alerts: what the rules find, who wants silence, what is to be told, and how far each delivery is.

An alert, what is told of it and its deliveries are written in one transaction with the evaluation that caused them: a
kill leaves all of it or nothing.
"""

import sqlalchemy as sa
from alembic import op

from db.types import ExactDecimal, UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("breaches", sa.Integer(), nullable=False),
        sa.Column("clears", sa.Integer(), nullable=False),
        sa.Column("value", ExactDecimal(), nullable=True),
        sa.Column("threshold", ExactDecimal(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("depends", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=True),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.Column("told_at", UtcTime(), nullable=True),
        sa.Column("told_day", sa.Date(), nullable=True),
        sa.Column("told_value", ExactDecimal(), nullable=True),
        sa.Column("inhibited_by", sa.Integer(), nullable=True),
        sa.Column("acked_at", UtcTime(), nullable=True),
        sa.Column("acked_by", sa.Text(), nullable=True),
        sa.Column("acked_why", sa.Text(), nullable=True),
        sa.Column("corrected_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["inhibited_by"], ["alert.id"], name="fk_alert_inhibited_by_alert"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_alert_standing",
        "alert",
        ["rule", "subject"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index("ix_alert_state", "alert", ["state"], unique=False)
    op.create_table(
        "alert_silence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert_silence"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_message"),
        sa.UniqueConstraint("key", name="uq_alert_message_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["alert_message.id"], name="fk_alert_delivery_message_id_alert_message"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert_delivery"),
        sa.UniqueConstraint("message_id", "route", name="uq_alert_delivery_message_id_route"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_delivery_state_next_at", "alert_delivery", ["state", "next_at"], unique=False)
