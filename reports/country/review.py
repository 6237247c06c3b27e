"""The table of SDG 10.c.1 of a country, ready for a National Remittance Plan or a voluntary national review.

A row a year and figure: what was sent to the country and from it on average, and of every corridor the average and the
three cheapest services. The year's figure is that of its third quarter.
"""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import dataclass

from reports import numbers, wording
from reports.country.annual import years_of
from reports.country.ways import SENDING, WAYS, Way, place_of, said
from reports.findings import AVERAGE, SMART
from reports.held import part_of
from reports.inputs import SourceLine
from reports.language import _, pgettext
from reports.lookup import Place, Yearly
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
    note: str
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
    for way in ways:
        place = place_of(way, code)
        for year, found in itertools.islice(years_of(site, view, place).items(), MOST_YEARS):
            rows.append(_row(site, view, year, place, found, said(SENDING, way, code)))
    newest = max((year for way in ways for year in years_of(site, view, place_of(way, code))), default="")
    for way in ways:
        for key in view.corridors_of(way, code):
            for indicator in (AVERAGE, SMART):
                of_year = years_of(site, view, corridor_place(key), indicator).get(newest)
                if of_year is not None:
                    rows.append(_row(site, view, newest, corridor_place(key), of_year, _what(key, indicator)))
    return Review(tuple(rows), csv_path(code), newest)


def _what(key: str, indicator: str) -> str:
    if indicator == AVERAGE:
        return pgettext("corridor and figure", "{corridor}, average", corridor=wording.corridor_name(key))
    return pgettext("corridor and figure", "{corridor}, three cheapest (SmaRT)", corridor=wording.corridor_name(key))


def _row(site: Site, view: BasisView, year: str, place: Place, found: Yearly, name: str) -> ReviewRow:
    figure = found.figure
    part = part_of(view.data.days, figure.period, view.as_of)
    notes = [_("fewer than three services: not judged")] if figure.thin else []
    return ReviewRow(
        year=year,
        series=_SERIES[place[0], figure.indicator],
        name=name,
        value="" if figure.value is None else numbers.number(figure.value, 2),
        note=numbers.separated([*([part.words] if part else []), *notes]),
        services=numbers.count(figure.services),
        source=_attribution(site, view, found.sources),
        method=_("third quarter, USD 200, method {method}", method=site.data.method),
        id=figure.id,
    )


def _attribution(site: Site, view: BasisView, keys: str) -> str:
    """Whose prices the figure is made of; the basis where none of them may be named."""
    lines = [line for key in keys.split("+") if (line := site.source(key)) is not None]
    named = dict.fromkeys(line.attribution for line in lines if line.redistribution != "none")
    return numbers.separated(named) if named else wording.basis_name(view.basis)


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
            for way in WAYS:
                places = [(place_of(way, code), AVERAGE)]
                for key in view.corridors_of(way, code):
                    places += [(corridor_place(key), AVERAGE), (corridor_place(key), SMART)]
                for place, indicator in places:
                    for year, found in years_of(site, view, place, indicator).items():
                        writer.writerow(_cells(site, view, code, way, year, place, found, data))
        made[csv_path(code)] = buffer.getvalue()
    return made


def _cells(
    site: Site, view: BasisView, code: str, way: Way, year: str, place: Place, found: Yearly, data: str
) -> list[str]:
    figure = found.figure
    ends = {"receiver": ("", place[1]), "sender": (place[1], ""), "corridor": (place[1], place[2])}[place[0]]
    value = "" if figure.value is None else f"{figure.value:f}"
    return [
        code, view.basis, year, figure.period, "10.c.1", _SERIES[place[0], figure.indicator], figure.indicator, way,
        *ends, "200", "percent", value, str(figure.services), str(figure.providers), str(figure.corridors),
        "+".join(figure.flags), wording.csv_cell(found.sources), site.data.method, site.label,
        wording.csv_cell(figure.id), data,
    ]  # fmt: skip
