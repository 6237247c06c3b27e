"""The first schema.

Runs with what they brought: the archived answers (snapshot), the values read from them (quote, not_offered,
reference_rate, benchmark), what is derived (observation), and what a person should look at (issue)
or has decided (source_state, send_amount). Every value stands under its run and snapshot, so a run
is there whole or not at all, and each figure leads back to the answer it came from.
"""

import sqlalchemy as sa
from alembic import op

from db.types import ExactDecimal, Percent8, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "home",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_home"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("logical_date", sa.Date(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("in_force_since", UtcTime(), nullable=True),
        sa.Column("in_force_until", UtcTime(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("quotes", sa.Integer(), nullable=False),
        sa.Column("not_offered", sa.Integer(), nullable=False),
        sa.Column("rates", sa.Integer(), nullable=False),
        sa.Column("benchmarks", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Text(), nullable=False),
        sa.Column("repairs", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_why", sa.Text(), nullable=True),
        sa.Column("accepted_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("source", "logical_date", "attempt", name="uq_run_source_logical_date_attempt"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_file_sha256", "run", ["file_sha256"], unique=False)
    op.create_table(
        "send_amount",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount", ExactDecimal(), nullable=False),
        sa.Column("fixed_on", sa.Date(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.CheckConstraint("tier IN (200, 500)", name="tier"),
        sa.PrimaryKeyConstraint("sender", "currency", "tier", name="pk_send_amount"),
    )
    op.create_table(
        "source_state",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("verified_at", UtcTime(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_source_state"),
    )
    op.create_table(
        "issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("inquiry", sa.Text(), nullable=True),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_issue_run_id_run"),
        sa.PrimaryKeyConstraint("id", name="pk_issue"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_issue_run_id", "issue", ["run_id"], unique=False)
    op.create_index(
        "uq_issue_open_fingerprint",
        "issue",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "snapshot",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("request_body", sa.Text(), nullable=False),
        sa.Column("inquiries", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("body_size", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_snapshot_run_id_run"),
        sa.PrimaryKeyConstraint("run_id", "id", name="pk_snapshot"),
    )
    op.create_table(
        "benchmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("value", ExactDecimal(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "snapshot_id"],
            ["snapshot.run_id", "snapshot.id"],
            name="fk_benchmark_run_id_snapshot_id_snapshot",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_benchmark"),
        sa.UniqueConstraint("run_id", "key", name="uq_benchmark_run_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_benchmark_series_period", "benchmark", ["series", "period"], unique=False)
    op.create_table(
        "not_offered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("send_currency", sa.Text(), nullable=False),
        sa.Column("receive_currency", sa.Text(), nullable=False),
        sa.Column("send_amount", ExactDecimal(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_name", sa.Text(), nullable=True),
        sa.Column("provider_type", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "snapshot_id"],
            ["snapshot.run_id", "snapshot.id"],
            name="fk_not_offered_run_id_snapshot_id_snapshot",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_not_offered"),
        sa.UniqueConstraint("run_id", "key", name="uq_not_offered_run_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("send_currency", sa.Text(), nullable=False),
        sa.Column("receive_currency", sa.Text(), nullable=False),
        sa.Column("send_amount", ExactDecimal(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_name", sa.Text(), nullable=False),
        sa.Column("provider_type", sa.Text(), nullable=False),
        sa.Column("payment_instrument", sa.Text(), nullable=False),
        sa.Column("access_point", sa.Text(), nullable=False),
        sa.Column("pickup_method", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("speed", sa.Text(), nullable=False),
        sa.Column("coverage", sa.Text(), nullable=False),
        sa.Column("fee", ExactDecimal(), nullable=False),
        sa.Column("fee_currency", sa.Text(), nullable=True),
        sa.Column("fee_model", sa.Text(), nullable=False),
        sa.Column("rate", ExactDecimal(), nullable=True),
        sa.Column("receive_amount", ExactDecimal(), nullable=True),
        sa.Column("reference_rate", ExactDecimal(), nullable=True),
        sa.Column("transparent", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("quoted_at", UtcTime(), nullable=True),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("survey_period", sa.Text(), nullable=True),
        sa.Column("survey_row", sa.Text(), nullable=True),
        sa.Column("published_margin", ExactDecimal(), nullable=True),
        sa.Column("published_total", ExactDecimal(), nullable=True),
        sa.Column("interbank_rate", ExactDecimal(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("sender_region", sa.Text(), nullable=True),
        sa.Column("receiver_region", sa.Text(), nullable=True),
        sa.Column("receiver_income_group", sa.Text(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id", "snapshot_id"], ["snapshot.run_id", "snapshot.id"], name="fk_quote_run_id_snapshot_id_snapshot"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quote"),
        sa.UniqueConstraint("run_id", "key", name="uq_quote_run_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quote_day", "quote", ["day"], unique=False)
    op.create_index("ix_quote_sender_receiver_day", "quote", ["sender", "receiver", "day"], unique=False)
    op.create_index(
        "ix_quote_source_survey_period_run_id", "quote", ["source", "survey_period", "run_id"], unique=False
    )
    op.create_table(
        "reference_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("rate", ExactDecimal(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id", "snapshot_id"],
            ["snapshot.run_id", "snapshot.id"],
            name="fk_reference_rate_run_id_snapshot_id_snapshot",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reference_rate"),
        sa.UniqueConstraint("run_id", "key", name="uq_reference_rate_run_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reference_rate_base_quote_date", "reference_rate", ["base", "quote", "date"], unique=False)
    op.create_index("ix_reference_rate_date", "reference_rate", ["date"], unique=False)
    op.create_index("ix_reference_rate_snapshot_id", "reference_rate", ["snapshot_id"], unique=False)
    op.create_table(
        "observation",
        sa.Column("quote_id", sa.Integer(), nullable=False),
        sa.Column("fee_e8", Percent8(), nullable=False),
        sa.Column("margin_e8", Percent8(), nullable=True),
        sa.Column("total_e8", Percent8(), nullable=True),
        sa.Column("received_e8", Percent8(), nullable=True),
        sa.Column("reference_source", sa.Text(), nullable=True),
        sa.Column("reference_date", sa.Date(), nullable=True),
        sa.Column("reference_rate", ExactDecimal(), nullable=True),
        sa.Column("reference_derived", sa.Boolean(), nullable=False),
        sa.Column("reference_how", sa.Text(), nullable=False),
        sa.Column("reference_age", sa.Integer(), nullable=True),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name="fk_observation_quote_id_quote"),
        sa.PrimaryKeyConstraint("quote_id", name="pk_observation"),
    )
