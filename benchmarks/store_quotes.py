"""A year of daily quotes into a home's database by the bulk path, against plain sqlite3 of the same rows.

`python -m benchmarks.store_quotes [--days 365]` prints seconds and the ratio; the tables and indexes are the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.observation_rows import DAYS, daily_columns
from benchmarks.processes import REMITWATCH, measure
from db.bulk import insert_plain
from db.engine import open_engine, writing
from db.tables import ObservationRow, QuoteRow, RunRow, SnapshotRow, table
from remitwatch.indicators.columns import Columns
from remitwatch.method import METHOD

_RUN, _SNAPSHOT, _QUOTE, _OBSERVATION = (table(row) for row in (RunRow, SnapshotRow, QuoteRow, ObservationRow))
_TIME = "2026-01-01T00:00:00.000000+00:00"
_PART = 50_000
Rows = Iterator[tuple[Any, ...]]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store_quotes", description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS)
    with tempfile.TemporaryDirectory(prefix="remitwatch-benchmark-") as folder:
        compare(Path(folder), daily_columns(parser.parse_args().days))


def compare(folder: Path, columns: Columns) -> Path:
    """Write the same rows both ways into two new homes and print. Returns the home of the bulk path."""
    homes = [folder / name for name in ("bulk", "plain")]
    for home in homes:
        done = measure([*REMITWATCH, "--home", home, "init", "--sandbox"])
        if done.code:
            raise RuntimeError(done.err)
    seconds = {"bulk path": _bulk(homes[0], columns), "plain sqlite3": _plain(homes[1], columns)}
    counts = [_count(home) for home in homes]
    if counts != [(len(columns), len(columns))] * 2:
        raise RuntimeError(f"rows stored: {counts}, expected {len(columns)}")
    for name, taken in seconds.items():
        print(f"{name:24} {taken:9.2f} s {taken / seconds['plain sqlite3']:6.2f}  {len(columns):,} quotes", flush=True)
    return homes[0]


def _bulk(home: Path, columns: Columns) -> float:
    engine = open_engine(f"sqlite:///{home / 'remitwatch.sqlite'}")
    started = time.perf_counter()
    with writing(engine) as connection:
        for kind, names, rows in _tables(columns):
            insert_plain(connection, kind, [kind.c[name] for name in names], rows)
    taken = time.perf_counter() - started
    engine.dispose()
    return taken


def _plain(home: Path, columns: Columns) -> float:
    with closing(sqlite3.connect(home / "remitwatch.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for kind, names, rows in _tables(columns):
            marks = ", ".join("?" * len(names))
            listed = ", ".join(f'"{name}"' for name in names)
            connection.executemany(f"INSERT INTO {kind.name} ({listed}) VALUES ({marks})", rows)  # noqa: S608
        connection.execute("COMMIT")
        return time.perf_counter() - started


def _count(home: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(home / "remitwatch.sqlite")) as connection:
        quotes, observed = (
            connection.execute(f"SELECT count(*) FROM {kind.name}").fetchone()[0]  # noqa: S608
            for kind in (_QUOTE, _OBSERVATION)
        )
        return quotes, observed


def _tables(columns: Columns) -> Iterator[tuple[Any, tuple[str, ...], Rows]]:
    """What is written: one run and answer a day, the quotes, their observations."""
    days = np.unique(columns.whole("day")).tolist()
    run = (
        "id", "source", "logical_date", "attempt", "kind", "status", "reason", "accepted", "trial", "started_at",
        "finished_at", "in_force_since", "requests", "answered", "quotes", "not_offered", "rates", "benchmarks",
        "refused", "duplicates", "rows_read", "failures", "repairs",
    )  # fmt: skip
    yield (
        _RUN,
        run,
        (
            (number, "hand_in", _date(day), 1, "collect", "ok", "", True, False, _TIME, _TIME, _TIME)
            + (0,) * 9
            + ("{}", "{}")
            for number, day in enumerate(days, 1)
        ),
    )
    snapshot = (
        "run_id", "id", "source", "method", "url", "request_body", "inquiries", "status", "headers", "fetched_at",
        "body_sha256", "body_size", "attempts",
    )  # fmt: skip
    yield (
        _SNAPSHOT,
        snapshot,
        (
            (number, "0" * 24, "hand_in", "GET", "http://127.0.0.1/", "", "[]", 200, "{}", _TIME, "0" * 64, 1, 1)
            for number in range(1, len(days) + 1)
        ),
    )
    texts = (
        "source", "basis", "sender", "receiver", "provider", "provider_type", "payment_instrument", "access_point",
        "pickup_method", "product", "service", "speed", "coverage",
    )  # fmt: skip
    fixed = {
        "snapshot_id": "0" * 24, "tier": 200, "send_currency": "USD", "receive_currency": "INR", "send_amount": "200",
        "fee": "1", "fee_model": "added", "private": False, "fetched_at": _TIME, "note": "", "provider_name": "Firm",
    }  # fmt: skip
    yield (
        _QUOTE,
        ("id", "key", "run_id", "day", "transparent", *texts, *fixed),
        _rows(columns, lambda part: _quotes(part, days, texts, tuple(fixed.values()))),
    )
    costs = ("fee_e8", "margin_e8", "total_e8")
    yield (
        _OBSERVATION,
        ("quote_id", *costs, "reference_derived", "reference_how", "flags", "method"),
        _rows(columns, lambda part: _observations(part, costs)),
    )


def _rows(columns: Columns, made: Any) -> Rows:
    for start in range(0, len(columns), _PART):
        yield from made(columns.taking(np.arange(start, min(start + _PART, len(columns)))))


def _quotes(part: Columns, days: list[int], texts: tuple[str, ...], fixed: tuple[Any, ...]) -> Rows:
    number = {day: at for at, day in enumerate(days, 1)}
    cells = [np.array(labels.names, dtype=object)[labels.codes].tolist() for labels in map(part.labels, texts)]
    yield from (
        (one, str(one), number[day], _date(day), seen, *row, *fixed)
        for one, day, seen, row in zip(
            part.whole("quote_id").tolist(),
            part.whole("day").tolist(),
            part.yes_no("transparent").tolist(),
            zip(*cells, strict=True),
            strict=True,
        )
    )


def _observations(part: Columns, costs: tuple[str, ...]) -> Rows:
    cells = [[None if np.isnan(cell) else int(cell) for cell in part.numbers(name).tolist()] for name in costs]
    for one, row in zip(part.whole("quote_id").tolist(), zip(*cells, strict=True), strict=True):
        yield (one, *row, False, "", "", METHOD)


def _date(day: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


if __name__ == "__main__":
    main()
