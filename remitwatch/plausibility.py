"""Plausibility across providers: prices that stand out from their corridor or from their own yesterday.

Nothing is dropped or changed: a person looks. Messages of one trouble stay the same from day to day, so that it is one
issue and not one a day. Of a private row they say neither whose it is nor what it costs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from remitwatch.quality import Finding
from remitwatch.quotes import Basis

FEWEST_SERVICES = 6
MAD_WIDTH = 5
SMALLEST_MAD = 0.1  # percentage points: where most services cost the same, a cent's difference is no outlier
JUMP_POINTS = 5.0
RECENT_DAYS = 7
VANISHED_DAYS = 14  # two cadences of the weekly sources

_E8 = 1e8
_KEY = ["basis", "tier", "corridor"]


def find(frame: pd.DataFrame, today: dt.date) -> list[Finding]:
    """What stands out in the observation frame (columns of db.queries.observations), rows after `today` left out.

    `outlier`: a service's newest total cost is over 5 median absolute deviations from the median of its corridor, where
    at least 6 services are compared (survey rows: one finding a corridor and period). `jump`: it moved by more than 5
    points since its quote before, in the last 7 days. `vanished`: a provider has no quote in a corridor for 14 days
    although its source still answers there. `duplicate_rows`: survey rows that are equal but for their id.
    """
    day = frame["day"].to_numpy(dtype="datetime64[D]")
    known = frame[day <= np.datetime64(today)].assign(day=lambda rows: rows["day"].to_numpy(dtype="datetime64[D]"))
    survey = known[known["basis"] == Basis.SURVEY.value]
    collected = known[known["basis"] != Basis.SURVEY.value]
    return [
        *_survey_outliers(survey),
        *_duplicates(survey),
        *_collected_outliers(collected, today),
        *_jumps(collected, today),
        *_vanished(collected),
    ]


def far_from_median(rows: pd.DataFrame, groups: list[str]) -> pd.Series:
    """Which rows are over 5 MAD from the median total cost of their group; False in groups of under 6 services."""
    cost = rows["total_e8"] / _E8
    keys = [rows[name] for name in groups]
    median = cost.groupby(keys, observed=True).transform("median")
    apart = (cost - median).abs()
    mad = apart.groupby(keys, observed=True).transform("median").clip(lower=SMALLEST_MAD)
    services = cost.groupby(keys, observed=True).transform("count")
    return (services >= FEWEST_SERVICES) & (apart > MAD_WIDTH * mad)


def _survey_outliers(rows: pd.DataFrame) -> Iterator[Finding]:
    groups = ["survey_period", *_KEY]
    far = rows[far_from_median(rows, groups)] if len(rows) else rows
    for (period, _, tier, corridor), found in far.groupby(groups, observed=True, sort=True):
        yield Finding(
            code="outlier",
            source=str(found["source"].iloc[0]),
            message=f"{corridor} {period} (survey, {tier}): {len(found)} services are far from the others' cost",
        )


def _duplicates(rows: pd.DataFrame) -> Iterator[Finding]:
    same = [
        "survey_period", *_KEY, "provider", "provider_type", "payment_instrument", "access_point", "pickup_method",
        "speed", "coverage", "send_amount", "fee_e8", "margin_e8", "total_e8", "rate", "day",
    ]  # fmt: skip
    doubled = rows[rows.duplicated(same, keep="first")] if len(rows) else rows
    for (source, period), found in doubled.groupby(["source", "survey_period"], observed=True, sort=True):
        number = found["survey_row"].nunique()
        yield Finding(
            code="duplicate_rows",
            source=str(source),
            message=f"survey {period}: {number} rows are equal to another but for their id; each counts",
        )


def _collected_outliers(rows: pd.DataFrame, today: dt.date) -> Iterator[Finding]:
    """Only of standard and estimated prices: a promotion is meant to stand out."""
    recent = rows[
        (rows["day"] > np.datetime64(today - dt.timedelta(days=RECENT_DAYS)))
        & (rows["basis"] != Basis.PROMOTIONAL.value)
        & rows["total_e8"].notna()
    ]
    if not len(recent):
        return
    newest = recent.sort_values(["day", "quote_id"]).drop_duplicates(["service", "tier", "basis"], keep="last")
    for row in newest[far_from_median(newest, _KEY)].sort_values(["service", "tier", "basis"]).to_dict("records"):
        yield Finding(
            code="outlier",
            source=row["source"],
            quote_id=int(row["quote_id"]),
            message=(
                f"{_a_private_service(row)} in {row['corridor']} ({row['basis']}, {row['tier']}) "
                "is far from its corridor"
                if row["private"]
                else f"{row['service']} ({row['basis']}, {row['tier']}): "
                f"{row['total_e8'] / _E8:.0f} % is far from its corridor"
            ),
        )


def _jumps(rows: pd.DataFrame, today: dt.date) -> Iterator[Finding]:
    """A service's cost against its quote before, of the same source."""
    priced = rows[rows["total_e8"].notna()]
    if not len(priced):
        return
    ordered = priced.sort_values(["service", "tier", "basis", "source", "day", "quote_id"])
    same = pd.Series(True, index=ordered.index)
    for name in ("service", "tier", "basis", "source"):
        same &= ordered[name] == ordered[name].shift()
    before = ordered["total_e8"].shift()
    private = ordered["private"] | ordered["private"].shift(fill_value=False)
    recent = ordered["day"] > np.datetime64(today - dt.timedelta(days=RECENT_DAYS))
    jumped = same & recent & ((ordered["total_e8"] - before).abs() > JUMP_POINTS * _E8)
    found = ordered.assign(before=before, private=private)[jumped]
    for row in found.to_dict("records"):
        yield Finding(
            code="jump",
            source=row["source"],
            quote_id=int(row["quote_id"]),
            message=(
                f"{_a_private_service(row)} in {row['corridor']} ({row['basis']}, {row['tier']}) on "
                f"{row['day'].date()}: moved by more than {JUMP_POINTS:.0f} points"
                if row["private"]
                else f"{row['service']} ({row['basis']}, {row['tier']}) on {row['day'].date()}: "
                f"from {row['before'] / _E8:.2f} % to {row['total_e8'] / _E8:.2f} %"
            ),
        )


def _vanished(rows: pd.DataFrame) -> Iterator[Finding]:
    """Measured against the same source's newest day in the corridor: a silent source is stale, its providers are not
    gone."""
    lasting = rows[rows["basis"] != Basis.PROMOTIONAL.value]
    if not len(lasting):
        return
    lane = ["source", "basis", "corridor"]
    last = (
        lasting.groupby([*lane, "provider"], observed=True, sort=True)
        .agg(day=("day", "max"), private=("private", "any"))
        .reset_index()
    )
    newest = last.groupby(lane, observed=True)["day"].transform("max")
    for row in last[newest - last["day"] >= np.timedelta64(VANISHED_DAYS, "D")].to_dict("records"):
        yield Finding(
            code="vanished",
            source=row["source"],
            message=(
                f"{_a_private_service(row) if row['private'] else row['provider']} gone from {row['corridor']} "
                f"({row['basis']}): last on {row['day'].date()}"
            ),
        )


def _a_private_service(row: Mapping[Any, Any]) -> str:
    return f"a private service of {row['source']}"
