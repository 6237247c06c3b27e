"""Values into rows: what a harvest brought, as plain tuples in the order of the columns of each table."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from sqlalchemy import Column, Table

from db.table_rows import TableRows
from db.tables import BenchmarkRow, FlowRow, NotOfferedRow, QuoteRow, ReferenceRateRow, Row, SnapshotRow, table
from db.types import ExactDecimal, UtcTime, time_text
from remitwatch.benchmarks import Benchmark
from remitwatch.errors import StorageError
from remitwatch.fields import decimal_text
from remitwatch.flows import Flow
from remitwatch.periods import parse_period
from remitwatch.quotes import Inquiry, NotOffered, Quote, quote_key
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.runs import FromSnapshot, Harvest, Issue, Snapshot, record_text

RunKind = Literal["collect", "import"]
Tuple = tuple[Any, ...]


@dataclass(frozen=True)
class Kind:
    """A table whose rows stand under a run: the columns that are evidence (all but the number and the run)."""

    table: Table
    columns: tuple[Column[Any], ...]
    key: int  # where in a tuple the natural key stands

    @classmethod
    def of(cls, row: type[Row], key: str) -> Kind:
        """The kind of a row class, `key` naming the column of its natural key."""
        found = table(row)
        left_out = {"run_id"} if row is SnapshotRow else {"id", "run_id"}
        columns = tuple(column for column in found.columns if column.name not in left_out)
        return cls(found, columns, [column.name for column in columns].index(key))

    def statement(self, row: Tuple) -> Tuple:
        """What a row says: its cells without where and when it was read."""
        return tuple(
            cell
            for column, cell in zip(self.columns, row, strict=True)
            if column.name not in ("snapshot_id", "fetched_at")
        )

    def canonical(self, rows: Iterable[Tuple]) -> list[Tuple]:
        """The rows as JSON can hold them, ordered by natural key: equal for equal rows, whatever the database."""
        how = [(place, _canon(column)) for place, column in enumerate(self.columns) if _canon(column)]
        plain = []
        for row in rows:
            cells = list(row)
            for place, convert in how:
                if cells[place] is not None:
                    assert convert is not None
                    cells[place] = convert(cells[place])
            plain.append(tuple(cells))
        plain.sort(key=lambda cells: cells[self.key])
        return plain


def _canon(column: Column[Any]) -> Callable[[Any], str] | None:
    if isinstance(column.type, ExactDecimal):
        return decimal_text
    if isinstance(column.type, UtcTime):
        return time_text
    return dt.date.isoformat if column.type.python_type is dt.date else None


SNAPSHOTS = Kind.of(SnapshotRow, "id")
QUOTES = Kind.of(QuoteRow, "key")
NOT_OFFERED = Kind.of(NotOfferedRow, "key")
RATES = Kind.of(ReferenceRateRow, "key")
BENCHMARKS = Kind.of(BenchmarkRow, "key")
FLOWS = Kind.of(FlowRow, "key")
VALUES = (QUOTES, NOT_OFFERED, RATES, BENCHMARKS, FLOWS)
KINDS = (SNAPSHOTS, *VALUES)


@dataclass(frozen=True)
class Rows:
    """The rows of a harvest by kind, each natural key once; `duplicates` equal ones left out; conflicts as issues."""

    by_kind: dict[str, list[Tuple] | TableRows]
    duplicates: int
    issues: tuple[Issue, ...]

    def of(self, kind: Kind) -> list[Tuple] | TableRows:
        """The rows of one kind; those of a table of prices stay together."""
        return self.by_kind[kind.table.name]


def harvest_rows(harvest: Harvest, logical_date: dt.date, run_kind: RunKind) -> Rows:
    """The rows of everything a harvest brought. Raises StorageError for a value of a snapshot it does not hold."""
    snapshots = {snapshot.id: snapshot for snapshot in harvest.snapshots}
    source = harvest.source

    def when(record: FromSnapshot[Any]) -> dt.datetime:
        if record.snapshot not in snapshots:
            raise StorageError(f"{source}: a value names snapshot {record.snapshot}, which its run does not hold")
        return snapshots[record.snapshot].fetched_at

    made = {
        SNAPSHOTS: [_snapshot(snapshot) for snapshot in snapshots.values()],
        QUOTES: [
            _quote(source, one.snapshot, when(one), _day(one.value, logical_date, run_kind), one.value)
            for one in harvest.quotes
        ],
        NOT_OFFERED: [_not_offered(source, one.snapshot, one.value) for one in harvest.not_offered if when(one)],
        RATES: [_rate(source, one.snapshot, one.value) for one in harvest.rates if when(one)],
        BENCHMARKS: [_benchmark(source, one.snapshot, one.value) for one in harvest.benchmarks if when(one)],
        FLOWS: [_flow(source, one.snapshot, one.value) for one in harvest.flows if when(one)],
    }
    tables = [
        TableRows(QUOTES.columns, source, one.snapshot, when(one), one.value)
        for one in harvest.tables
        if len(one.value)
    ]
    together = len(tables) == 1 and not made[QUOTES]  # its keys are each there once: the reader saw to it
    if not together:
        made[QUOTES] += [row for rows in tables for row in rows.rows()]
    duplicates, issues = 0, []
    by_kind: dict[str, list[Tuple] | TableRows] = {}
    for kind, rows in made.items():
        once: dict[str, Tuple] = {}
        for row in rows:
            first = once.setdefault(row[kind.key], row)
            if first is row:
                continue
            if kind.statement(first) == kind.statement(row):
                duplicates += 1
            else:
                issues.append(_conflict(source, kind, row))
        by_kind[kind.table.name] = list(once.values())
    if together:
        by_kind[QUOTES.table.name] = tables[0]
    return Rows(by_kind, duplicates, tuple(issues))


def _conflict(source: str, kind: Kind, row: Tuple) -> Issue:
    record = {column.name: cell for column, cell in zip(kind.columns, row, strict=True) if cell not in (None, "")}
    return Issue(
        level="error",
        code="conflict",
        source=source,
        message=f"{kind.table.name} {row[kind.key]}: stated twice with different values; the first is kept",
        record=record_text(record),
        snapshot=row[0],
    )


def _day(quote: Quote, logical_date: dt.date, run_kind: RunKind) -> dt.date:
    """The day a quote counts for: the run's; of a handed-in quote its own; of a survey row the day it was observed."""
    if quote.survey is not None:
        return quote.survey.observed_on or _last_day(quote.survey.period)
    if run_kind == "import" and quote.quoted_at is not None:
        return quote.quoted_at.date()
    return logical_date


@cache
def _last_day(period: str) -> dt.date:
    last = parse_period(period).last_day
    assert last is not None  # a quarter ends
    return last


def clean(text: str) -> str:
    """Text that every database takes: PostgreSQL refuses the NUL character, so it becomes the replacement character."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _snapshot(snapshot: Snapshot) -> Tuple:
    inquiries = [inquiry.model_dump(mode="json") for inquiry in snapshot.inquiries]
    return (
        snapshot.id,
        snapshot.source,
        snapshot.method,
        clean(snapshot.url),
        clean(snapshot.request_body),
        _json(inquiries),
        snapshot.status,
        _json(snapshot.headers),
        snapshot.fetched_at,
        snapshot.body_sha256,
        snapshot.body_size,
        snapshot.attempts,
    )


def _asked(inquiry: Inquiry) -> Tuple:
    corridor = inquiry.corridor
    return (
        corridor.sender,
        corridor.receiver,
        corridor.send_currency,
        corridor.receive_currency,
        inquiry.send_amount,
        inquiry.tier,
    )


def _joined(codes: Sequence[str]) -> str:
    return "+".join(codes)


def _quote(source: str, snapshot: str, fetched_at: dt.datetime, day: dt.date, quote: Quote) -> Tuple:
    provider, survey = quote.provider, quote.survey
    return (
        snapshot,
        clean(quote_key(quote)),
        source,
        quote.basis.value,
        *_asked(quote.inquiry),
        provider.key,
        clean(provider.name),
        _joined(provider.types),
        _joined(quote.payment_instrument),
        _joined(quote.access_point),
        quote.pickup_method.value,
        clean(quote.product),
        clean(quote.service.key),
        quote.speed.value,
        quote.coverage.value,
        quote.fee,
        quote.fee_currency,
        quote.fee_model.value,
        quote.rate,
        quote.receive_amount,
        quote.reference_rate,
        quote.transparent,
        quote.private,
        quote.quoted_at,
        fetched_at,
        day,
        clean(quote.note),
        *(
            (None,) * 10
            if survey is None
            else (
                survey.period,
                clean(survey.row),
                survey.fx_margin_pct,
                survey.total_cost_pct,
                survey.interbank_rate,
                survey.observed_on,
                survey.sender_region,
                survey.receiver_region,
                survey.receiver_income_group,
                _json(survey.labels),
            )
        ),
    )


def _not_offered(source: str, snapshot: str, answer: NotOffered) -> Tuple:
    provider, asked = answer.provider, answer.inquiry
    corridor = asked.corridor
    pair = f"{corridor.send_currency}-{corridor.receive_currency}"
    amount = decimal_text(asked.send_amount.normalize())
    who = provider.key if provider else ""
    return (
        snapshot,
        clean("|".join((snapshot, corridor.key, pair, amount, who, answer.why))),
        source,
        *_asked(asked),
        provider.key if provider else None,
        clean(provider.name) if provider else None,
        _joined(provider.types) if provider else None,
        clean(answer.why),
    )


def _rate(source: str, snapshot: str, rate: ReferenceRate) -> Tuple:
    key = f"{rate.base}|{rate.quote}|{rate.date}"
    if rate.scope is RateScope.RESPONSE:  # holds for its own answer only
        key += f"|{snapshot}"
    return (
        snapshot,
        key,
        source,
        rate.base,
        rate.quote,
        rate.date,
        rate.rate,
        rate.scope.value,
        rate.published_at,
    )


def _benchmark(source: str, snapshot: str, figure: Benchmark) -> Tuple:
    key = "|".join((figure.series, figure.scope, figure.sender or "", figure.receiver or "", figure.period))
    return (
        snapshot,
        clean(key),
        source,
        clean(figure.series),
        figure.scope,
        figure.sender,
        figure.receiver,
        figure.period,
        figure.value,
    )


def _flow(source: str, snapshot: str, flow: Flow) -> Tuple:
    key = "|".join((flow.series, flow.sender, flow.receiver, str(flow.year)))
    return (snapshot, clean(key), source, clean(flow.series), flow.sender, flow.receiver, flow.year, flow.value)
