"""What an edition is made of: plain values that the pipeline fills. Nothing here reads a database or a clock.

Percentages are per cent of the amount sent. A frame with no rows still has its columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

INDICATOR_COLUMNS = (
    "indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount", "basis", "unit",
    "value", "services", "providers", "corridors", "flags", "method", "as_of", "id",
)  # fmt: skip
"""Columns of `indicators` and `history`: the fields of an indicator row. `value` is a Decimal or None, `flags` a
tuple of words, fields that do not apply are None."""

SERVICE_COLUMNS = (
    "quote_id", "run_id", "snapshot", "source", "basis", "tier", "sender", "receiver", "corridor", "send_currency",
    "receive_currency", "send_amount", "provider", "provider_name", "provider_type", "payment_instrument",
    "access_point", "pickup_method", "speed", "coverage", "product", "service", "day", "survey_period", "region",
    "sender_region", "income_group", "transparent", "private", "fee_e8", "margin_e8", "total_e8", "received_e8",
    "rate", "receive_amount", "fee", "fee_model", "reference_rate", "reference_source", "reference_date", "quoted_at",
    "fetched_at", "flags", "survey_row", "smart_rank",
)  # fmt: skip
"""Columns of `services` and `promotions`: an observation frame plus `smart_rank` (1 to 3 for the three cheapest
qualifying services of a corridor, else 0). `*_e8` are whole numbers of 1e-8 per cent, NaN when not disclosed."""

RUN_COLUMNS = (
    "id", "source", "logical_date", "status", "reason", "quotes", "refused", "digest", "file_name", "file_sha256",
)  # fmt: skip
BENCHMARK_COLUMNS = ("sender", "receiver", "period", "value", "series")

SourceState = Literal["ok", "stale", "held", "failing", "never"]


@dataclass(frozen=True)
class SourceLine:
    """One source as the pages name it: its terms, and how fresh it is.

    `redistribution`: full (rows may be shown), derived (cost percentages only), none (shown nowhere).
    `state` is a SourceState; `note` says in a few words why it is not `ok`.
    """

    key: str
    name: str
    kind: str
    attribution: str
    licence: str
    terms_url: str
    redistribution: str
    verified: bool
    last_ok: dt.date | None
    age_days: int | None
    state: str
    note: str = ""


@dataclass(frozen=True)
class BasisInput:
    """The figures of one basis (survey, standard, estimate). Bases are never pooled.

    `indicators`: INDICATOR_COLUMNS, all scopes, amounts 200 and 500, of `period` only.
    `history`: INDICATOR_COLUMNS, world, region and corridor averages, parts and SmaRT, `period` included.
    `services`: SERVICE_COLUMNS, one row a service and tier in force in the period; a row may carry the flag `stale`
    (shown with its age, in no figure). `promotions`: the same columns, shown apart.
    `private`: how many services handed in privately stand behind a corridor's figures at USD 200, by corridor
    (`GBR-IND`); nothing else of them may be here. `days`: every day up to the period's end that has prices; empty where
    prices are not collected by day (surveys).
    """

    basis: str
    period: str
    previous_period: str | None
    indicators: pd.DataFrame
    history: pd.DataFrame
    services: pd.DataFrame
    promotions: pd.DataFrame
    private: Mapping[str, int] = field(default_factory=dict)
    days: tuple[dt.date, ...] = ()


@dataclass(frozen=True)
class DataChange:
    """Something that happened to the data since the edition before, as a reason for corrections.

    `kind`: vintage (a newer survey file), late (prices of past days came in), reparsed, decision (of a person, on
    prices), removed (a run taken out by a person), flows, method, program. `basis` and the days from `first` to `last`
    say which figures it touches, None all of them; `indicator` the one it touches alone. `values` are the names and
    numbers of its sentence (`source`, `run`, `old`, `new`).
    """

    kind: str
    values: Mapping[str, str]
    basis: str | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    indicator: str | None = None

    def touches(self, basis: str, indicator: str, days: tuple[dt.date, dt.date]) -> bool:
        """Whether it may have changed a figure of this basis, indicator and period (first and last day)."""
        if self.basis not in (None, basis) or self.indicator not in (None, indicator):
            return False
        return (self.first is None or self.first <= days[1]) and (self.last is None or days[0] <= self.last)


@dataclass(frozen=True)
class PreviousEdition:
    """The edition before: its label, the day its figures were as of, its figures (`reports.published`), and what has
    happened to the data since."""

    label: str
    as_of: dt.date
    figures: pd.DataFrame
    changes: tuple[DataChange, ...] = ()


@dataclass(frozen=True)
class EditionInput:
    """Everything one edition says. `bases`: the lead basis first. `missing`: sentences for "What is missing".

    `targets`: one mapping a target and basis, with the keys `code`, `owner`, `name`, `indicator`, `scope`, `sender`,
    `receiver`, `region`, `basis`, `operator` (lt, le, ge), `target` (Decimal), `deadline` (year), `value` (Decimal or
    None), `status` (met, on_track, improving, stagnant, deteriorating, not_assessable), `required_pace` and
    `actual_pace` (points a year from the window's start), `required_from_now` (points a year from its end),
    `projected_year`, `window` (a pair of periods, or `A to B, so many years`), `why` (words or a reason code),
    `flags`, `national` (an operator's own) and `subject` (`world`, `KEN`, `TZA-KEN`). Any may be absent or None.
    `corridors`: which corridors get a page; None for every one with a figure or a service. `languages`: those that the
    pages are written in, the first at the edition's root. `previous`: the edition before, which corrections are counted
    from. `vintages`: of each survey quarter in force the source, the run, and the file it came from.
    `made_at` goes into the manifest only, so that the same data gives the same pages.
    """

    period: str
    number: int | None
    as_of: dt.datetime
    made_at: dt.datetime
    world: Literal["real", "sandbox"]
    method: str
    version: str
    bases: tuple[BasisInput, ...]
    sources: tuple[SourceLine, ...]
    missing: tuple[str, ...]
    runs: pd.DataFrame
    issues_open: int
    targets: list[Mapping[str, Any]]
    digest: str
    benchmarks: pd.DataFrame
    corridors: tuple[str, ...] | None = None
    languages: tuple[str, ...] = ("en",)
    previous: PreviousEdition | None = None
    vintages: tuple[Mapping[str, Any], ...] = ()
