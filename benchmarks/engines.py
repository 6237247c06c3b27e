"""The same indicator set by other engines, to compare time and figures with: polars, duckdb, pandas groupby.apply.

The set, of every quarter at once, each figure with the number of services, providers and corridors behind it: the world
average (A), corridor averages (B), SmaRT of corridors and of the world (C), averages by provider type (E), payment
instrument (F) and receiving region (G), the shares of corridors below 3, 5, 7 and 10 per cent (H). The trend (I) is A.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from remitwatch.indicators import Observations
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.compute import FigureTable, tables_of
from remitwatch.indicators.selection import Selection
from remitwatch.periods import parse_period
from remitwatch.quotes import Basis

Figures = dict[tuple[str, ...], float]
"""(what, quarter, subject ...) -> value in per cent."""
LINES = (3, 5, 7, 10)
GROUPS = ("provider_type", "payment_instrument", "region")
_TEXTS = ("survey_period", "corridor", "sender", "provider", "provider_type", "payment_instrument", "region", "speed")


@dataclass(frozen=True)
class Engine:
    """Something that computes the set: `run` is what is timed, `figures` turns what it gives into figures."""

    name: str
    run: Callable[[], Any]
    figures: Callable[[Any], Figures]


def table_of(columns: Columns) -> pd.DataFrame:
    """The columns that the set needs as a frame of plain text and numbers: total in per cent, NaN where undisclosed."""
    made = {name: np.array(columns.labels(name).names, dtype=object)[columns.labels(name).codes] for name in _TEXTS}
    return pd.DataFrame({**made, "total": columns.numbers("total_e8") / 1e8}, columns=[*_TEXTS, "total"]).astype(
        dict.fromkeys(_TEXTS, object)
    )


def ours(observations: Observations) -> Engine:
    """remitwatch's own kernels on prepared observations."""
    panel = observations.panel(Basis.SURVEY, 200)
    quarters = tuple(parse_period(name) for name in panel.labels("survey_period").names)
    bands = tuple(f"share_corridors_below_{line}" for line in LINES)
    wanted = (
        Selection(("world",), ("average_total_cost", "smart", *bands)),
        Selection(("corridor",), ("average_total_cost", "smart")),
        Selection(("world",), ("average_total_cost",), by="provider_type"),
        Selection(("world",), ("average_total_cost",), by="payment_instrument"),
        Selection(("region",), ("average_total_cost",)),
    )

    def run() -> list[tuple[FigureTable, str | None]]:
        units = panel.units(quarters, _NEVER)
        return [(table, one.by) for one in wanted for table in tables_of(units, one)]

    def figures(tables: list[tuple[FigureTable, str | None]]) -> Figures:
        found: Figures = {}
        for table, by in tables:
            values = table.outcome.values.floats()
            what = by or ("region" if table.scope == "region" else "")
            for group in np.flatnonzero(table.outcome.values.known).tolist():
                quarter = quarters[group // table.grouping.width].key
                subject = table.grouping.member(group) or table.grouping.subject(group)
                code = f"{table.indicator.code}{f' by {what}' if what else ''}"
                found[(code, quarter, subject)] = float(values[group])
        return found

    return Engine("remitwatch kernels", run, figures)


_NEVER: Any = None  # the survey's units do not depend on the time


def polars_engine(table: pd.DataFrame) -> Engine:
    """polars, lazy, categorical texts."""
    import polars as pl

    frame = pl.DataFrame({name: table[name].to_list() for name in table.columns}).with_columns(
        *(pl.col(name).cast(pl.Categorical) for name in _TEXTS), pl.col("total").fill_nan(None)
    )
    behind = (pl.len().alias("services"), pl.col("provider").n_unique().alias("providers"))
    lanes = pl.col("corridor").n_unique().alias("corridors")
    mean = pl.col("total").mean().alias("value")

    def run() -> list[Any]:
        disclosed = frame.lazy().filter(pl.col("total").is_not_null())
        world = disclosed.filter(pl.col("sender") != "RUS")
        average = world.group_by("survey_period").agg(mean, *behind, lanes)
        corridor = disclosed.group_by("survey_period", "corridor").agg(mean, *behind)
        qualifying = disclosed.filter(~pl.col("speed").is_in(["six_days_or_more", "unknown"]))
        smart = (
            qualifying.sort("total")
            .group_by("survey_period", "corridor")
            .agg(pl.col("total").head(3).mean().alias("value"), pl.col("provider").head(3).n_unique())
        )
        world_smart = smart.group_by("survey_period").agg(mean=pl.col("value").mean())
        groups = [
            (disclosed if name == "region" else world).group_by("survey_period", name).agg(mean, *behind, lanes)
            for name in GROUPS
        ]
        bands = corridor.group_by("survey_period").agg(
            *((pl.col("value") < line).mean().mul(100).alias(f"below_{line}") for line in LINES)
        )
        frames: list[Any] = pl.collect_all([average, corridor, smart, world_smart, *groups, bands])
        return frames

    def figures(results: list[Any]) -> Figures:
        return _figures([[tuple(row) for row in one.rows()] for one in results])

    return Engine("polars lazy, categorical", run, figures)


def duckdb_engine(table: pd.DataFrame) -> Engine:
    """duckdb, a native table with enumerated texts."""
    import duckdb

    connection = duckdb.connect()
    connection.register("given", table)
    for name in _TEXTS:
        connection.execute(f"CREATE TYPE t_{name} AS ENUM (SELECT DISTINCT {name} FROM given ORDER BY 1)")  # noqa: S608
    casts = ", ".join(f"CAST({name} AS t_{name}) AS {name}" for name in _TEXTS)
    connection.execute(
        f"CREATE TABLE q AS SELECT {casts}, CASE WHEN isnan(total) THEN NULL ELSE total END AS total FROM given"  # noqa: S608
    )
    counts = "avg(total), count(*), count(DISTINCT provider)"
    world = "FROM q WHERE total IS NOT NULL AND sender <> 'RUS'"
    every = "FROM q WHERE total IS NOT NULL"
    corridor = f"SELECT survey_period, corridor, avg(total) AS value {every} GROUP BY ALL"
    smart = (
        "SELECT survey_period, corridor, avg(total) AS value, count(DISTINCT provider) FROM ("
        "SELECT *, row_number() OVER (PARTITION BY survey_period, corridor ORDER BY total) AS place FROM q "
        "WHERE total IS NOT NULL AND speed NOT IN ('six_days_or_more', 'unknown')) WHERE place <= 3 GROUP BY ALL"
    )
    bands = ", ".join(f"100 * avg(CAST(value < {line} AS INT))" for line in LINES)
    queries = (
        f"SELECT survey_period, {counts}, count(DISTINCT corridor) {world} GROUP BY ALL",
        f"SELECT survey_period, corridor, {counts} {every} GROUP BY ALL",
        smart,
        f"SELECT survey_period, avg(value) FROM ({smart}) GROUP BY ALL",  # noqa: S608
        *(
            f"SELECT survey_period, {name}, {counts}, count(DISTINCT corridor) "
            f"{every if name == 'region' else world} GROUP BY ALL"
            for name in GROUPS
        ),
        f"SELECT survey_period, {bands} FROM ({corridor}) GROUP BY ALL",  # noqa: S608
    )

    def run() -> list[Any]:
        return [connection.execute(query).fetchnumpy() for query in queries]

    def figures(results: list[Any]) -> Figures:
        return _figures([list(zip(*(_plain(column) for column in one.values()), strict=True)) for one in results])

    return Engine("duckdb native, enumerated", run, figures)


def _plain(column: Any) -> list[Any]:
    if isinstance(column, pd.Categorical):
        return [str(cell) for cell in column]
    return [cell.item() if hasattr(cell, "item") else cell for cell in column]


def apply_engine(table: pd.DataFrame) -> Engine:
    """What a notebook does: object texts and groupby.apply with a function a group."""

    def of_group(rows: pd.DataFrame) -> pd.Series:
        counts = {f"{name}s": rows[name].nunique() for name in ("provider", "corridor") if name in rows}
        return pd.Series({"value": rows["total"].mean(), "services": len(rows), **counts})

    def cheapest(rows: pd.DataFrame) -> pd.Series:
        three = rows.sort_values("total").head(3)
        return pd.Series({"value": three["total"].mean(), "providers": three["provider"].nunique()})

    def run() -> list[Any]:
        every = table[table["total"].notna()]
        world = every[every["sender"] != "RUS"]
        average = world.groupby("survey_period").apply(of_group)
        corridor = every.groupby(["survey_period", "corridor"]).apply(of_group)
        qualifying = every[~every["speed"].isin(["six_days_or_more", "unknown"])]
        smart = qualifying.groupby(["survey_period", "corridor"]).apply(cheapest)
        groups = [
            (every if name == "region" else world).groupby(["survey_period", name]).apply(of_group) for name in GROUPS
        ]
        of_corridor = corridor["value"].groupby("survey_period")
        bands = of_corridor.apply(
            lambda some: pd.Series({line: 100 * (some < line).mean() for line in LINES})
        ).unstack()
        return [average, corridor, smart, smart["value"].groupby("survey_period").mean().to_frame(), *groups, bands]

    def figures(results: list[Any]) -> Figures:
        rows = [one.reset_index().itertuples(index=False, name=None) for one in results]
        return _figures([list(one) for one in rows])

    return Engine("pandas object groupby.apply", run, figures)


def _figures(results: list[list[tuple[Any, ...]]]) -> Figures:
    """Rows of the eight results, in the order of the set, as figures."""
    average, corridor, smart, world_smart, *groups, bands = results
    found: Figures = {("average_total_cost", str(row[0]), ""): row[1] for row in average}
    found |= {("average_total_cost", str(row[0]), str(row[1])): row[2] for row in corridor}
    found |= {("smart", str(row[0]), str(row[1])): row[2] for row in smart}
    found |= {("smart", str(row[0]), ""): row[1] for row in world_smart}
    for name, rows in zip(GROUPS, groups, strict=True):
        found |= {(f"average_total_cost by {name}", str(row[0]), str(row[1])): row[2] for row in rows}
    for at, line in enumerate(LINES):
        found |= {(f"share_corridors_below_{line}", str(row[0]), ""): row[1 + at] for row in bands}
    return found


def differences(mine: Figures, theirs: Figures, tolerance: float = 1e-8) -> list[str]:
    """What is not the same in both: figures that one does not have, and values further apart than `tolerance`."""
    missing = [f"{key}: only one has it" for key in sorted(mine.keys() ^ theirs.keys())]
    return missing + [
        f"{key}: {mine[key]!r} and {theirs[key]!r}"
        for key in sorted(mine.keys() & theirs.keys())
        if abs(mine[key] - theirs[key]) > tolerance
    ]
