"""The official SDG 10.c.1 figures of a country beside ours of the same year."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal

from remitwatch.comparison import WITHIN
from reports import numbers, wording
from reports.country.annual import annual_figure
from reports.country.ways import WAYS, Way, place_of
from reports.language import _
from reports.site import BasisView, Site

MOST_YEARS = 3


@dataclass(frozen=True)
class OfficialRow:
    """One published figure. `verdict`: `agrees` (within 0.05 points), `differs`, `alone` (we hold none of that year) or
    `other_basis` (ours are no survey prices); `words` say it."""

    way: Way
    series: str
    year: str
    theirs: str
    ours: str
    difference: str
    verdict: str
    words: str


def official_rows(site: Site, view: BasisView, code: str) -> tuple[OfficialRow, ...]:
    """The newest years of every series that has this country, newest first."""
    found = []
    for way in WAYS:
        rows = site.official_countries.get((place_of(way, code)[0], code), [])
        for _series, of_series in itertools.groupby(rows, key=lambda row: row[0]):
            found += [_row(site, view, way, code, *row) for row in itertools.islice(of_series, MOST_YEARS)]
    return tuple(found)


def _row(site: Site, view: BasisView, way: Way, code: str, series: str, period: str, theirs: Decimal) -> OfficialRow:
    ours = annual_figure(site, view, place_of(way, code), period)
    apart = None if ours is None or ours.value is None else ours.value - theirs
    if view.basis != "survey":
        verdict, words = "other_basis", _("not compared: ours are not survey prices")
    elif apart is None:
        verdict, words = "alone", _("no figure of ours for that year")
    elif abs(apart) <= WITHIN:
        verdict, words = "agrees", _("agrees")
    else:
        verdict, words = "differs", _("differs")
    return OfficialRow(
        way=way,
        series=wording.clean_text(series, 60),
        year=period,
        theirs=numbers.percent(theirs, 2),
        ours="" if ours is None or ours.value is None else numbers.percent(ours.value, 2),
        difference="" if apart is None or view.basis != "survey" else numbers.change(apart, 2),
        verdict=verdict,
        words=words,
    )
