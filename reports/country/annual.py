"""The figure that stands for a year: that of its third quarter, as in the official annual series (METHODOLOGY 3)."""

from __future__ import annotations

from reports.findings import AVERAGE
from reports.lookup import Figure, Place, Yearly
from reports.site import BasisView, Site


def years_of(site: Site, view: BasisView, place: Place, indicator: str = AVERAGE) -> dict[str, Yearly]:
    """The annual figures of a place on one basis by year, the newest first."""
    return site.annual.get((view.basis, indicator, place), {})


def annual_figure(site: Site, view: BasisView, place: Place, period: str) -> Figure | None:
    """The average of a year (`2025`) or of a quarter (`2025-Q1`, which stands for itself); None where none is held."""
    if "-" in period:
        return (
            view.figures.get(AVERAGE, place) if period == view.data.period else view.figures.at(AVERAGE, period, place)
        )
    found = years_of(site, view, place).get(period)
    return found.figure if found else None
