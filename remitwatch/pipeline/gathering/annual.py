"""The annual figures of SDG 10.c.1: the third quarter of a year stands for the year (METHODOLOGY section 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from remitwatch.indicators import Observations, indicators, periods_present
from remitwatch.periods import Period, PeriodKind, parse_period
from remitwatch.quotes import Basis
from reports.inputs import ANNUAL_COLUMNS, INDICATOR_COLUMNS, BasisInput

_FIGURES = (
    (("world", "sender", "receiver", "corridor"), "average_total_cost"),
    (("corridor",), "smart"),
)


def annual_figures(held: Observations, bases: Iterable[BasisInput], as_of: dt.datetime) -> pd.DataFrame:
    """ANNUAL_COLUMNS: the figures of every third quarter held that had begun when the basis' period ended."""
    rows = [
        [*(getattr(row, name) for name in INDICATOR_COLUMNS), sources]
        for made in bases
        for basis in [Basis(made.basis)]
        for quarter in _third_quarters(held, basis, parse_period(made.period))
        for sources in [_sources(held, basis, quarter, as_of)]
        for scopes, code in _FIGURES
        for row in indicators(held, period=quarter, scope=scopes, basis=basis, codes=code, as_of=as_of)
    ]
    frame = pd.DataFrame(rows, columns=list(ANNUAL_COLUMNS))
    frame["basis"] = [Basis(basis).value for basis in frame["basis"]]
    return frame


def _third_quarters(held: Observations, basis: Basis, shown: Period) -> list[Period]:
    assert shown.last_day is not None
    return [
        quarter
        for quarter in periods_present(held, basis=basis, kind=PeriodKind.QUARTER)
        if quarter.key.endswith("Q3") and quarter.first_day is not None and quarter.first_day <= shown.last_day
    ]


def _sources(held: Observations, basis: Basis, quarter: Period, as_of: dt.datetime) -> str:
    """The sources of the quarter's prices, but for those that handed in privately."""
    units = held.units_of_periods(basis, 200, (quarter,), as_of)
    source = units.labels("source")
    used = np.unique(source.codes[~units.private])
    return "+".join(sorted(source.names[int(code)] for code in used))
