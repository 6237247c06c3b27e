"""The indicators of a whole survey from memory, against other engines, and the command cold and warm.

`python -m benchmarks.indicators [--rows 254000] [--repeat 5] [--home DIR]` makes a survey of full size in memory,
computes the same indicator set (see benchmarks.engines) by remitwatch, polars, duckdb (where installed) and, on two
quarters scaled up, pandas groupby.apply on texts; checks that all figures agree to 1e-8; prints seconds and ratios.
With `--home DIR` (a home with figures) it also runs `remitwatch indicators` there with an empty cache and again.

`--daily` does the same for the figures of the last day of a year of daily quotes (2.6 million), and with
`--daily --store` writes them into a new database by the bulk path and by plain sqlite3, one after the other.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engines import Engine, apply_engine, differences, duckdb_engine, ours, polars_engine, table_of
from benchmarks.observation_rows import DAYS, FIRST_DAY, SURVEY_ROWS, daily_columns, survey_columns
from benchmarks.processes import REMITWATCH, measure
from remitwatch.indicators import Observations, indicators

_SAMPLED_QUARTERS = 2


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.indicators", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=SURVEY_ROWS)
    parser.add_argument("--repeat", type=int, default=5, help="so many rounds; the medians are compared")
    parser.add_argument("--home", type=Path, help="a home whose figures are asked for, cold and warm")
    parser.add_argument("--daily", action="store_true", help="a year of daily quotes instead of the survey")
    parser.add_argument("--days", type=int, default=DAYS, help="so many days of quotes")
    parser.add_argument("--store", action="store_true", help="with --daily: write them into a database, too")
    given = parser.parse_args()
    if given.daily:
        daily(given.days, given.repeat)
        if given.store:
            from benchmarks.store_quotes import compare

            with tempfile.TemporaryDirectory(prefix="remitwatch-benchmark-") as folder:
                home = compare(Path(folder), daily_columns(given.days))
                commands(home)
    else:
        survey(given.rows, given.repeat)
    if given.home is not None:
        commands(given.home)


def survey(rows: int, rounds: int) -> None:
    """Measure the set over a survey and print. Raises RuntimeError when figures differ."""
    columns = survey_columns(rows)
    table = table_of(columns)
    started = time.perf_counter()
    observations = Observations(columns)
    first = ours(observations)
    quarters = sorted(table["survey_period"].unique())
    print(f"{rows:,} rows, {len(quarters)} quarters; ready in {_since(started):.2f} s", flush=True)
    engines = [first]
    for name, make in (("polars", polars_engine), ("duckdb", duckdb_engine)):
        if importlib.util.find_spec(name) is not None:
            engines.append(make(table))
        else:
            print(f"{name}: not installed (the extra `bench`)")
    seconds = _rounds([(engine.name, engine.run) for engine in engines], rounds)
    expected = first.figures(first.run())
    for engine in engines[1:]:
        _same(expected, engine, engine.figures(engine.run()))
    few = quarters[-_SAMPLED_QUARTERS:]
    sample = table[table["survey_period"].isin(few)]
    naive = apply_engine(sample)
    started = time.perf_counter()
    result = naive.run()
    seconds[naive.name] = _since(started) * len(table) / len(sample)
    _same({key: value for key, value in expected.items() if key[1] in few}, naive, naive.figures(result))
    print(f"{len(expected):,} figures, the same by all engines to 1e-8")
    _print(seconds, first.name, {naive.name: f"  from {len(sample):,} rows"})
    started = time.perf_counter()
    as_rows = indicators(
        observations,
        period="2011-Q1..2025-Q3",
        scope=("world", "region", "corridor"),
        basis="survey",
        as_of=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        codes=("average_total_cost", "smart"),
    )
    print(f"as {len(as_rows):,} rows of `indicators`: {_since(started):.2f} s")


def daily(days: int, rounds: int) -> None:
    """Measure the figures of the last day, the last month and of every week of daily quotes, and print."""
    started = time.perf_counter()
    columns = daily_columns(days)
    print(f"{len(columns):,} quotes of {days} days made in {_since(started):.1f} s", flush=True)
    started = time.perf_counter()
    observations = Observations(columns)
    panel = observations.panel(observations.bases(200)[0], 200)
    print(f"ready in {_since(started):.2f} s: {len(panel):,} count", flush=True)
    last = FIRST_DAY + dt.timedelta(days=days - 1)
    now = dt.datetime.combine(last, dt.time(18), tzinfo=dt.UTC)
    wanted: dict[str, str] = {"latest": "latest", "last day": last.isoformat(), "last month": f"{last:%Y-%m}"}
    wanted["every month"] = f"{FIRST_DAY:%Y-%m}..{last:%Y-%m}"

    def run(period: str) -> Callable[[], Any]:
        return lambda: indicators(
            observations, period=period, scope=("world", "corridor"), codes=("average_total_cost", "smart"), as_of=now
        )

    seconds = _rounds([(name, run(period)) for name, period in wanted.items()], rounds)
    _print(seconds, "latest", {})


def commands(home: Path) -> None:
    """`remitwatch indicators` in a home with an empty cache, and twice more."""
    asked: dict[str, list[str]] = {
        "latest": [],
        "latest by corridor": ["--scope", "corridor"],
        "every quarter": ["--period", "2011-Q1..2025-Q3", "--indicator", "average_total_cost"],
    }
    print(f"{'remitwatch indicators':24} {'cold s':>8} {'warm s':>8} {'MiB warm':>9}")
    for name, options in asked.items():
        shutil.rmtree(home / "cache", ignore_errors=True)
        runs = [measure([*REMITWATCH, "--home", home, "indicators", "--json", *options]) for _ in range(4)]
        if any(run.code for run in runs) or len({run.out for run in runs}) != 1:
            raise RuntimeError(f"{name}: {runs[0].err[-500:]} or the figures differ between cold and warm")
        warm = min(runs[1:], key=lambda run: run.seconds)
        print(f"{name:24} {runs[0].seconds:8.2f} {warm.seconds:8.2f} {warm.peak_bytes / 2**20:9.0f}", flush=True)


def _rounds(named: list[tuple[str, Callable[[], Any]]], rounds: int) -> dict[str, float]:
    """The median seconds of each, run in turns."""
    taken: dict[str, list[float]] = {name: [] for name, _ in named}
    for _ in range(rounds):
        for name, run in named:
            started = time.perf_counter()
            run()
            taken[name].append(_since(started))
    return {name: statistics.median(some) for name, some in taken.items()}


def _print(seconds: dict[str, float], base: str, notes: dict[str, str]) -> None:
    print(f"{'':28} {'seconds':>9} {'ratio':>8}")
    for name, taken in seconds.items():
        print(f"{name:28} {taken:9.4f} {taken / seconds[base]:8.2f}{notes.get(name, '')}", flush=True)


def _same(expected: dict[tuple[str, ...], float], engine: Engine, found: dict[tuple[str, ...], float]) -> None:
    wrong = differences(
        expected, {key: value for key, value in found.items() if value is not None and not np.isnan(value)}
    )
    if wrong:
        raise RuntimeError(f"{engine.name}: {len(wrong)} figures differ, such as {wrong[:3]}")


def _since(started: float) -> float:
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
