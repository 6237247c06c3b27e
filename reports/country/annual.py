"""The figure that stands for a year: that of its third quarter, as in the official annual series (METHODOLOGY 3)."""

from __future__ import annotations

from reports.findings import AVERAGE
from reports.lookup import Figure, Figures, Place


def annual_figure(figures: Figures, place: Place, year: str, indicator: str = AVERAGE) -> Figure | None:
    """The figure of a year (`2025`) or of a quarter (`2025-Q1`, which stands for itself); None where none is held."""
    quarter = year if "-" in year else f"{year}-Q3"
    if quarter == figures.period:
        return figures.get(indicator, place)
    return figures.at(indicator, quarter, place)


def years_held(figures: Figures, place: Place, indicator: str = AVERAGE) -> list[str]:
    """The years whose third quarter has a figure of a place, newest first."""
    return [one.period[:4] for one in reversed(figures.series(indicator, place)) if one.period.endswith("-Q3")]
