"""The annual figures of SDG 10.c.1: the third quarter of a year stands for the year (METHODOLOGY section 3)."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from remitwatch.indicators.frames import figure_frame, joined
from remitwatch.periods import parse_period
from remitwatch.pipeline.gathering.past import Past
from remitwatch.quotes import Basis
from reports.inputs import INDICATOR_COLUMNS, BasisInput


def annual_figures(past: Past, bases: Iterable[BasisInput]) -> pd.DataFrame:
    """ANNUAL_COLUMNS: the figures of every third quarter held that had begun when the basis' period ended."""
    found = []
    for made in bases:
        last = parse_period(made.period).last_day
        assert last is not None
        found.append(past.annual(Basis(made.basis), last))
    figures = joined(found)
    return figure_frame(figures, INDICATOR_COLUMNS).assign(sources=list(figures.get("sources", ())))
