"""The table of SDG 10.c.1 of a country, ready for a National Remittance Plan or a voluntary national review.

A row a year and figure: what was sent to the country and from it on average, and of every corridor the average and the
three cheapest services. The year's figure is that of its third quarter.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from reports import numbers, wording
from reports.country.annual import annual_figure, years_held
from reports.country.ways import SENDING, WAYS, Way, place_of, said
from reports.findings import AVERAGE, SMART
from reports.inputs import SourceLine
from reports.language import _, pgettext
from reports.lookup import Figure, Place
from reports.site import BasisView, Site, corridor_place

MOST_YEARS = 10
"""Years of the averages on the page; the csv has them all."""
CSV_HEAD = (
    "country", "basis", "year", "period", "sdg_indicator", "sdg_series", "indicator", "direction", "sender", "receiver",
    "amount", "unit", "value", "services", "providers", "corridors", "flags", "source", "method", "edition", "id",
    "data",
)  # fmt: skip
_SERIES = {("receiver", AVERAGE): "SI_RMT_COST", ("sender", AVERAGE): "SI_RMT_COST_SND",
           ("corridor", AVERAGE): "SI_RMT_COST_BC", ("corridor", SMART): "SI_RMT_COST_SC"}  # fmt: skip
"""The SDG database's own code of each figure."""


@dataclass(frozen=True)
class ReviewRow:
    """A row of the table on the page."""

    year: str
    series: str
    name: str
    value: str
    judged: str
    services: str
    source: str
    method: str
    id: str


@dataclass(frozen=True)
class Review:
    """`rows`: the averages of the newest years, then the corridors of the newest year held. `csv`: where all of them
    are."""

    rows: tuple[ReviewRow, ...]
    csv: str
    newest: str


def review_of(site: Site, view: BasisView, ways: tuple[Way, ...], code: str) -> Review:
    """The table of a country on one basis."""
    rows = []
    held = [line.attribution for line in sources_of(site, view, code)]
    source = numbers.separated(dict.fromkeys(held)) if held else wording.basis_name(view.basis)
    for way in ways:
        place = place_of(way, code)
        for year in years_held(view.figures, place)[:MOST_YEARS]:
            figure = annual_figure(view.figures, place, year)
            if figure is not None:
                rows.append(_row(site, source, year, place, figure, said(SENDING, way, code)))
    years = [year for way in ways for year in years_held(view.figures, place_of(way, code))[:1]]
    newest = max(years, default="")
    for way in ways:
        for key in view.corridors_of(way, code) if newest else ():
            for indicator in (AVERAGE, SMART):
                figure = annual_figure(view.figures, corridor_place(key), newest, indicator)
                if figure is not None and figure.value is not None:
                    rows.append(_row(site, source, newest, corridor_place(key), figure, _what(key, indicator)))
    return Review(tuple(rows), csv_path(code), newest)


def _what(key: str, indicator: str) -> str:
    if indicator == AVERAGE:
        return pgettext("corridor and figure", "{corridor}, average", corridor=wording.corridor_name(key))
    return pgettext("corridor and figure", "{corridor}, three cheapest (SmaRT)", corridor=wording.corridor_name(key))


def _row(site: Site, source: str, year: str, place: Place, figure: Figure, name: str) -> ReviewRow:
    return ReviewRow(
        year=year,
        series=_SERIES[place[0], figure.indicator],
        name=name,
        value="" if figure.value is None else numbers.number(figure.value, 2),
        judged=_("fewer than three services: not judged") if figure.thin else "",
        services=numbers.count(figure.services),
        source=source,
        method=_("third quarter, USD 200, method {method}", method=site.data.method),
        id=figure.id,
    )


def sources_of(site: Site, view: BasisView, code: str) -> tuple[SourceLine, ...]:
    """The sources of the listed prices of a country's corridors."""
    keys = [key for way in WAYS for key in view.corridors_of(way, code)]
    used = {offer.source for key in keys for offer in view.offers.get(key, ())}
    return tuple(line for line in site.data.sources if line.key in used)


def csv_path(code: str) -> str:
    """Where the csv of a country is, below the edition's root."""
    return f"csv/countries/{code}.csv"


def country_tables(site: Site) -> dict[str, str]:
    """The csv of every country with a page, by path: all bases and years, a row a figure, in codes."""
    data = "sandbox" if site.data.world == "sandbox" else "real"
    codes = sorted({code for view in site.views for code in view.countries})
    made = {}
    for code in codes:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(CSV_HEAD)
        for view in site.views:
            sources = "+".join(line.key for line in sources_of(site, view, code))
            for way in WAYS:
                places = [(place_of(way, code), AVERAGE)]
                for key in view.corridors_of(way, code):
                    places += [(corridor_place(key), AVERAGE), (corridor_place(key), SMART)]
                for place, indicator in places:
                    for year in years_held(view.figures, place, indicator):
                        figure = annual_figure(view.figures, place, year, indicator)
                        if figure is not None:
                            writer.writerow(_cells(site, view, code, way, year, place, figure, sources, data))
        made[csv_path(code)] = buffer.getvalue()
    return made


def _cells(
    site: Site, view: BasisView, code: str, way: Way, year: str, place: Place, figure: Figure, sources: str, data: str
) -> list[str]:
    ends = {"receiver": ("", place[1]), "sender": (place[1], ""), "corridor": (place[1], place[2])}[place[0]]
    value = "" if figure.value is None else f"{figure.value:f}"
    return [
        code, view.basis, year, figure.period, "10.c.1", _SERIES[place[0], figure.indicator], figure.indicator, way,
        *ends, "200", "percent", value, str(figure.services), str(figure.providers), str(figure.corridors),
        "+".join(figure.flags), wording.csv_cell(sources), site.data.method, site.label, wording.csv_cell(figure.id),
        data,
    ]  # fmt: skip
