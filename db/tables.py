"""The tables. They only store: what goes in was validated by the words, what comes out is turned back into them.

Every list of codes (payment instruments ...) is one text joined by `+`, in the order of the words.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, MetaData, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from db.types import ExactDecimal, Percent8, UtcTime

# Before any table: constraints without a name cannot be altered later.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


def _of_a_snapshot() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["run_id", "snapshot_id"], ["snapshot.run_id", "snapshot.id"])


class HomeRow(Row, table=True):
    """What kind of home this is, and when it was made."""

    __tablename__ = "home"
    key: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)


class RunRow(Row, table=True):
    """One attempt at one source. `in_force_since` is when its values were last accepted, `in_force_until`
    when a person took them out again."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("source", "logical_date", "attempt"),
        Index("ix_run_file_sha256", "file_sha256"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    source: str = Field(sa_type=Text)
    logical_date: date
    attempt: int
    kind: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text, default="")
    accepted: bool = False
    trial: bool = False
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(sa_type=UtcTime, default=None)
    in_force_since: datetime | None = Field(sa_type=UtcTime, default=None)
    in_force_until: datetime | None = Field(sa_type=UtcTime, default=None)
    requests: int = 0
    answered: int = 0
    quotes: int = 0
    not_offered: int = 0
    rates: int = 0
    benchmarks: int = 0
    flows: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    refused: int = 0
    duplicates: int = 0
    rows_read: int = 0
    failures: str = Field(sa_type=Text, default="{}")
    repairs: str = Field(sa_type=Text, default="{}")
    file_name: str | None = Field(sa_type=Text, default=None)
    file_sha256: str | None = Field(sa_type=Text, default=None)
    digest: str | None = Field(sa_type=Text, default=None)
    accepted_by: str | None = Field(sa_type=Text, default=None)
    accepted_why: str | None = Field(sa_type=Text, default=None)
    accepted_at: datetime | None = Field(sa_type=UtcTime, default=None)
    reconciliation: str | None = Field(sa_type=Text, default=None)


class SnapshotRow(Row, table=True):
    """One archived answer of a run. One answer at one instant may stand in two runs: the run is in the key."""

    __tablename__ = "snapshot"
    run_id: int = Field(primary_key=True, foreign_key="run.id")
    id: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    url: str = Field(sa_type=Text)
    request_body: str = Field(sa_type=Text)
    inquiries: str = Field(sa_type=Text)
    status: int
    headers: str = Field(sa_type=Text)
    fetched_at: datetime = Field(sa_type=UtcTime)
    body_sha256: str = Field(sa_type=Text)
    body_size: int
    attempts: int


class QuoteRow(Row, table=True):
    """One price as published. `key` is its natural key in the run, `service` the service's, `day` its day."""

    __tablename__ = "quote"
    __table_args__ = (
        Index("uq_quote_run_id_key", "run_id", "key", unique=True),  # an index can be made after a bulk, see db/bulk.py
        _of_a_snapshot(),
        Index("ix_quote_day", "day"),
        Index("ix_quote_sender_receiver_day", "sender", "receiver", "day"),
        Index("ix_quote_source_survey_period_run_id", "source", "survey_period", "run_id"),
        {"sqlite_autoincrement": True},  # an id that was published is never given to another quote
    )
    id: int = Field(primary_key=True)
    run_id: int
    snapshot_id: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    basis: str = Field(sa_type=Text)
    sender: str = Field(sa_type=Text)
    receiver: str = Field(sa_type=Text)
    send_currency: str = Field(sa_type=Text)
    receive_currency: str = Field(sa_type=Text)
    send_amount: Decimal = Field(sa_type=ExactDecimal)
    tier: int | None
    provider: str = Field(sa_type=Text)
    provider_name: str = Field(sa_type=Text)
    provider_type: str = Field(sa_type=Text)
    payment_instrument: str = Field(sa_type=Text)
    access_point: str = Field(sa_type=Text)
    pickup_method: str = Field(sa_type=Text)
    product: str = Field(sa_type=Text)
    service: str = Field(sa_type=Text)
    speed: str = Field(sa_type=Text)
    coverage: str = Field(sa_type=Text)
    fee: Decimal = Field(sa_type=ExactDecimal)
    fee_currency: str | None = Field(sa_type=Text)
    fee_model: str = Field(sa_type=Text)
    rate: Decimal | None = Field(sa_type=ExactDecimal)
    receive_amount: Decimal | None = Field(sa_type=ExactDecimal)
    reference_rate: Decimal | None = Field(sa_type=ExactDecimal)
    transparent: bool
    private: bool
    quoted_at: datetime | None = Field(sa_type=UtcTime)
    fetched_at: datetime = Field(sa_type=UtcTime)
    day: date
    note: str = Field(sa_type=Text)
    survey_period: str | None = Field(sa_type=Text)
    survey_row: str | None = Field(sa_type=Text)
    published_margin: Decimal | None = Field(sa_type=ExactDecimal)
    published_total: Decimal | None = Field(sa_type=ExactDecimal)
    interbank_rate: Decimal | None = Field(sa_type=ExactDecimal)
    observed_on: date | None
    sender_region: str | None = Field(sa_type=Text)
    receiver_region: str | None = Field(sa_type=Text)
    receiver_income_group: str | None = Field(sa_type=Text)
    labels: str | None = Field(sa_type=Text)


class NotOfferedRow(Row, table=True):
    """An inquiry answered without a price."""

    __tablename__ = "not_offered"
    __table_args__ = (UniqueConstraint("run_id", "key"), _of_a_snapshot(), {"sqlite_autoincrement": True})
    id: int = Field(primary_key=True)
    run_id: int
    snapshot_id: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    sender: str = Field(sa_type=Text)
    receiver: str = Field(sa_type=Text)
    send_currency: str = Field(sa_type=Text)
    receive_currency: str = Field(sa_type=Text)
    send_amount: Decimal = Field(sa_type=ExactDecimal)
    tier: int | None
    provider: str | None = Field(sa_type=Text)
    provider_name: str | None = Field(sa_type=Text)
    provider_type: str | None = Field(sa_type=Text)
    why: str = Field(sa_type=Text)


class ReferenceRateRow(Row, table=True):
    """A reference rate as published, in the direction published."""

    __tablename__ = "reference_rate"
    __table_args__ = (
        UniqueConstraint("run_id", "key"),
        _of_a_snapshot(),
        Index("ix_reference_rate_base_quote_date", "base", "quote", "date"),
        Index("ix_reference_rate_date", "date"),
        Index("ix_reference_rate_snapshot_id", "snapshot_id"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    run_id: int
    snapshot_id: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    base: str = Field(sa_type=Text)
    quote: str = Field(sa_type=Text)
    date: date
    rate: Decimal = Field(sa_type=ExactDecimal)
    scope: str = Field(sa_type=Text)
    published_at: datetime | None = Field(sa_type=UtcTime)


class BenchmarkRow(Row, table=True):
    """A figure published by others, per cent."""

    __tablename__ = "benchmark"
    __table_args__ = (
        UniqueConstraint("run_id", "key"),
        _of_a_snapshot(),
        Index("ix_benchmark_series_period", "series", "period"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    run_id: int
    snapshot_id: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    series: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    sender: str | None = Field(sa_type=Text)
    receiver: str | None = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    value: Decimal = Field(sa_type=ExactDecimal)


class FlowRow(Row, table=True):
    """What migrants send from one country to another in a year, million US dollars."""

    __tablename__ = "flow"
    __table_args__ = (
        UniqueConstraint("run_id", "key"),
        _of_a_snapshot(),
        Index("ix_flow_series_year", "series", "year"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    run_id: int
    snapshot_id: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    series: str = Field(sa_type=Text)
    sender: str = Field(sa_type=Text)
    receiver: str = Field(sa_type=Text)
    year: int
    value: Decimal = Field(sa_type=ExactDecimal)


class ObservationRow(Row, table=True):
    """A quote priced against a reference rate. Derived: may be thrown away and rebuilt. `*_e8` in 1e-8 per cent."""

    __tablename__ = "observation"
    quote_id: int = Field(primary_key=True, foreign_key="quote.id")
    fee_e8: Decimal = Field(sa_type=Percent8)
    margin_e8: Decimal | None = Field(sa_type=Percent8)
    total_e8: Decimal | None = Field(sa_type=Percent8)
    received_e8: Decimal | None = Field(sa_type=Percent8)
    reference_source: str | None = Field(sa_type=Text)
    reference_date: date | None
    reference_rate: Decimal | None = Field(sa_type=ExactDecimal)
    reference_derived: bool
    reference_how: str = Field(sa_type=Text)
    reference_age: int | None
    flags: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)


class IssueRow(Row, table=True):
    """Something a person should look at. `fingerprint` names what it is about: one open issue, counted in `seen`."""

    __tablename__ = "issue"
    __table_args__ = (
        Index(
            "uq_issue_open_fingerprint",
            "fingerprint",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_issue_run_id", "run_id"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    fingerprint: str = Field(sa_type=Text)
    level: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    source: str | None = Field(sa_type=Text)
    run_id: int | None = Field(foreign_key="run.id")
    message: str = Field(sa_type=Text)
    record: str | None = Field(sa_type=Text)
    snapshot: str | None = Field(sa_type=Text)
    inquiry: str | None = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=UtcTime)
    last_seen: datetime = Field(sa_type=UtcTime)
    seen: int
    closed_at: datetime | None = Field(sa_type=UtcTime, default=None)
    closed_by: str | None = Field(sa_type=Text, default=None)
    closed_why: str | None = Field(sa_type=Text, default=None)


class SourceStateRow(Row, table=True):
    """What an operator said about a source."""

    __tablename__ = "source_state"
    source: str = Field(primary_key=True, sa_type=Text)
    verified_at: datetime = Field(sa_type=UtcTime)
    verified_by: str = Field(sa_type=Text)


class QuoteDecisionRow(Row, table=True):
    """What a person decided of one quote in quarantine. The newest one of a quote counts, as long as it says the same
    (`said`: a hash of its price); `run_id` and `key` find it again when a reparse gives it another number."""

    __tablename__ = "quote_decision"
    __table_args__ = (Index("ix_quote_decision_run_id_key", "run_id", "key"), {"sqlite_autoincrement": True})
    id: int = Field(primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    key: str = Field(sa_type=Text)
    said: str = Field(sa_type=Text)
    released: bool
    decided_by: str = Field(sa_type=Text)
    why: str = Field(sa_type=Text)
    decided_at: datetime = Field(sa_type=UtcTime)


class SourceSwitchRow(Row, table=True):
    """A source switched off or on by an operator. The newest line of a source is in force."""

    __tablename__ = "source_switch"
    id: int = Field(primary_key=True)
    source: str = Field(sa_type=Text, index=True)
    enabled: bool
    at: datetime = Field(sa_type=UtcTime)
    who: str = Field(sa_type=Text)
    why: str = Field(sa_type=Text)


class SendAmountRow(Row, table=True):
    """A local amount fixed for a sender and tier, where the survey's own is not known. Fixed once, then kept."""

    __tablename__ = "send_amount"
    __table_args__ = (CheckConstraint("tier IN (200, 500)", name="tier"),)
    sender: str = Field(primary_key=True, sa_type=Text)
    currency: str = Field(primary_key=True, sa_type=Text)
    tier: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    amount: Decimal = Field(sa_type=ExactDecimal)
    fixed_on: date
    origin: str = Field(sa_type=Text)
    since: str = Field(sa_type=Text)


class TargetRow(Row, table=True):
    """A target that an operator added: a ministry's own."""

    __tablename__ = "target"
    code: str = Field(primary_key=True, sa_type=Text)
    owner: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    sender: str | None = Field(sa_type=Text)
    receiver: str | None = Field(sa_type=Text)
    indicator: str = Field(sa_type=Text)
    amount: int
    operator: str = Field(sa_type=Text)
    value: Decimal = Field(sa_type=ExactDecimal)
    deadline: int
    baseline: str | None = Field(sa_type=Text)
    added_at: datetime = Field(sa_type=UtcTime)
    added_by: str = Field(sa_type=Text)


class AlertRow(Row, table=True):
    """A rule's finding about a subject. One of a rule and subject at most is not closed. `inhibited_by`: the alert that
    keeps it from being told; `told_*`: when its opening was told, of which day and value."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "uq_alert_standing",
            "rule",
            "subject",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("ix_alert_state", "state"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    rule: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    severity: str = Field(sa_type=Text)
    audience: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    first_day: date
    day: date
    breaches: int
    clears: int
    value: Decimal | None = Field(sa_type=ExactDecimal)
    threshold: Decimal | None = Field(sa_type=ExactDecimal)
    facts: str = Field(sa_type=Text)
    depends: str = Field(sa_type=Text)
    opened_at: datetime | None = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(sa_type=UtcTime)
    closed_why: str | None = Field(sa_type=Text)
    told_at: datetime | None = Field(sa_type=UtcTime)
    told_day: date | None
    told_value: Decimal | None = Field(sa_type=ExactDecimal)
    inhibited_by: int | None = Field(foreign_key="alert.id")
    acked_at: datetime | None = Field(sa_type=UtcTime)
    acked_by: str | None = Field(sa_type=Text)
    acked_why: str | None = Field(sa_type=Text)
    corrected_at: datetime | None = Field(sa_type=UtcTime)


class AlertSilenceRow(Row, table=True):
    """Until when nothing is told of a rule, a subject, or both (null: any)."""

    __tablename__ = "alert_silence"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int = Field(primary_key=True)
    rule: str | None = Field(sa_type=Text)
    subject: str | None = Field(sa_type=Text)
    until: datetime = Field(sa_type=UtcTime)
    who: str = Field(sa_type=Text)
    why: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(sa_type=UtcTime, default=None)


class AlertMessageRow(Row, table=True):
    """The outbox: what is told once. `key` goes with every delivery, so that a receiver can tell a repeated one."""

    __tablename__ = "alert_message"
    __table_args__ = (UniqueConstraint("key"), {"sqlite_autoincrement": True})
    id: int = Field(primary_key=True)
    key: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    audience: str = Field(sa_type=Text)
    severity: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=UtcTime)
    content: str = Field(sa_type=Text)


class AlertDeliveryRow(Row, table=True):
    """One message on one route: `waiting` until it is `sent`, or `dead` after the last attempt."""

    __tablename__ = "alert_delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "route"),
        Index("ix_alert_delivery_state_next_at", "state", "next_at"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    message_id: int = Field(foreign_key="alert_message.id")
    route: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    attempts: int
    next_at: datetime = Field(sa_type=UtcTime)
    last_error: str | None = Field(sa_type=Text, default=None)
    sent_at: datetime | None = Field(sa_type=UtcTime, default=None)


def table(row: type[Row]) -> Table:
    """The SQLAlchemy table behind a row class."""
    found = Row.metadata.tables[str(row.__tablename__)]
    assert isinstance(found, Table)
    return found
