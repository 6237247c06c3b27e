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

from remitwatch import marks
from remitwatch.marks import deviations_from_median
from remitwatch.quality import Finding
from remitwatch.quotes import Basis

RECENT_DAYS = 7
VANISHED_DAYS = 14  # two cadences of the weekly sources

_E8 = 1e8
_KEY = ["basis", "tier", "corridor"]


def find(frame: pd.DataFrame, today: dt.date) -> list[Finding]:
    """What stands out in the observation frame (columns of db.queries.observations), rows after `today` left out.

    `quarantined`: a service's newest price of the last 7 days is out of the figures, and why (see marks). `outlier`: it
    is far from what its corridor costs that day (survey rows: one finding a corridor and period). `jump`: it moved by
    more than 5 points since its quote before, in the last 7 days. `vanished`: a provider has no quote in a corridor for
    14 days although its source still answers there. `duplicate_rows`: survey rows that are equal but for their id.
    """
    day = frame["day"].to_numpy(dtype="datetime64[D]")
    known = frame[day <= np.datetime64(today)].assign(day=lambda rows: rows["day"].to_numpy(dtype="datetime64[D]"))
    survey = known[known["basis"] == Basis.SURVEY.value]
    collected = known[known["basis"] != Basis.SURVEY.value]
    return [
        *_survey_outliers(survey),
        *_duplicates(survey),
        *_of_collected(collected, today),
        *_vanished(collected),
    ]


def _survey_outliers(rows: pd.DataFrame) -> Iterator[Finding]:
    groups = ["survey_period", *_KEY]
    far = rows[deviations_from_median(rows, groups) > marks.rules()["outlier"].limit] if len(rows) else rows
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


def _of_collected(rows: pd.DataFrame, today: dt.date) -> Iterator[Finding]:
    """What the marks say of the prices of the last days. One in quarantine is told as that, with its reasons."""
    if not len(rows):
        return
    flags = marks.mark(rows)
    held = rows["flags"].map(lambda text: marks.QUARANTINED in str(text).split("+"))
    judged = rows.assign(marks=rows["quote_id"].map(flags), held=held.astype(bool))
    recent = judged[judged["day"] > np.datetime64(today - dt.timedelta(days=RECENT_DAYS))]
    newest = recent.sort_values(["day", "quote_id"]).drop_duplicates(["service", "tier", "basis"], keep="last")
    for row in newest[newest["held"]].sort_values(["service", "tier", "basis"]).to_dict("records"):
        yield _quarantined(row)
    outliers = newest[_marked(newest, "outlier")]
    for row in outliers.sort_values(["service", "tier", "basis"]).to_dict("records"):
        yield _outlier(row)
    before = _before(judged)
    jumps = recent[_marked(recent, "jump")]
    for row in jumps.sort_values([*marks.SERVICE, "day", "quote_id"]).to_dict("records"):
        yield _jump(row, before[row["quote_id"]])


def _marked(rows: pd.DataFrame, flag: str) -> pd.Series:
    """Which rows bear a mark and are not in quarantine."""
    found: pd.Series = rows["marks"].map(lambda text: flag in str(text).split("+")).astype(bool) & ~rows["held"]
    return found


def _before(rows: pd.DataFrame) -> dict[int, Mapping[Any, Any]]:
    """For every quote the price of its service before it."""
    ordered = rows.sort_values([*marks.SERVICE, "day", "quote_id"])
    earlier = ordered.groupby(marks.SERVICE, observed=True)[["total_e8", "private"]].shift()
    earlier.insert(0, "quote_id", ordered["quote_id"])
    return {int(row["quote_id"]): row for row in earlier.to_dict("records")}


def _quarantined(row: Mapping[Any, Any]) -> Finding:
    why = "; ".join(marks.reasons(str(row["flags"]).split("+")))
    who = (
        f"{_a_private_service(row)} in {row['corridor']} ({row['basis']}, {row['tier']})"
        if row["private"]
        else f"{row['service']} ({row['basis']}, {row['tier']})"
    )
    return Finding(
        code="quarantined",
        level="error",
        source=row["source"],
        quote_id=int(row["quote_id"]),
        message=f"{who} is out of the figures: " + (why if why and not row["private"] else "a person should look"),
    )


def _outlier(row: Mapping[Any, Any]) -> Finding:
    return Finding(
        code="outlier",
        source=row["source"],
        quote_id=int(row["quote_id"]),
        message=(
            f"{_a_private_service(row)} in {row['corridor']} ({row['basis']}, {row['tier']}) is far from its corridor"
            if row["private"]
            else f"{row['service']} ({row['basis']}, {row['tier']}): "
            f"{row['total_e8'] / _E8:.0f} % is far from its corridor"
        ),
    )


def _jump(row: Mapping[Any, Any], before: Mapping[Any, Any]) -> Finding:
    return Finding(
        code="jump",
        source=row["source"],
        quote_id=int(row["quote_id"]),
        message=(
            f"{_a_private_service(row)} in {row['corridor']} ({row['basis']}, {row['tier']}) on "
            f"{row['day'].date()}: moved by more than {marks.rules()['jump'].limit:.0f} points"
            if row["private"] or before["private"]
            else f"{row['service']} ({row['basis']}, {row['tier']}) on {row['day'].date()}: "
            f"from {before['total_e8'] / _E8:.2f} % to {row['total_e8'] / _E8:.2f} %"
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
