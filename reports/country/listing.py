"""The page that lists all countries with their averages, inbound and outbound."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from remitwatch.countries import countries
from reports import names, numbers, wording
from reports.country.ways import Way, place_of
from reports.findings import AVERAGE
from reports.language import _, ngettext
from reports.site import BasisView, Site, render


@dataclass(frozen=True)
class ListedWay:
    """One way of a country in the list: its average (empty where there is none), corridors and services."""

    value: str
    sort: str
    corridors: str
    services: str
    few: bool


@dataclass(frozen=True)
class ListedCountry:
    """A country in the list."""

    code: str
    name: str
    href: str | None
    region: str
    inbound: ListedWay
    outbound: ListedWay


def render_countries(site: Site) -> str:
    """The page of all countries, one table a basis."""
    parts = []
    for view in site.views:
        rows = listed_countries(site, view)
        parts.append({
            "view": view,
            "name": wording.basis_name(view.basis),
            "period": view.data.period,
            "help": wording.BASES_MEAN.get(view.basis, ""),
            "rows": rows,
            "regions": sorted({row.region for row in rows if row.region}),
        })  # fmt: skip
    codes = {code for view in site.views for key in view.corridors for code in key.split("-")}
    return render(
        site,
        "countries.html",
        "countries.html",
        title=_("Countries by cost, {period} · remitwatch", period=site.data.period),
        description=_("What it costs on average to send USD 200 to each country, and from it."),
        strip=[
            ngettext("{n} basis", "{n} bases", len(site.views)),
            _("Method version {method}", method=site.data.method),
        ],
        page="countries",
        switch=[],
        headline=_headline(site.views[0], len(codes)),
        parts=parts,
    )


def listed_countries(site: Site, view: BasisView) -> list[ListedCountry]:
    """Every end of a corridor, in order of name."""
    codes = {code for key in view.corridors for code in key.split("-")}
    rows = [
        ListedCountry(
            code=code,
            name=names.country(code),
            href=site.country_link(code, view) if code in view.countries else None,
            region=names.region(countries()[code].region or ""),
            inbound=_way(view, "inbound", code),
            outbound=_way(view, "outbound", code),
        )
        for code in codes
    ]
    return sorted(rows, key=lambda row: (_sorting(row.name), row.code))


def _sorting(name: str) -> str:
    """A name without accents and capitals, so that Åland stands under A."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()


def _way(view: BasisView, way: Way, code: str) -> ListedWay:
    figure = view.figures.get(AVERAGE, place_of(way, code))
    if figure is None or figure.value is None:
        return ListedWay("", "", "", "", few=False)
    return ListedWay(
        value=numbers.percent(figure.value),
        sort=f"{figure.value:f}",
        corridors=numbers.count(figure.corridors),
        services=numbers.count(figure.services),
        few=figure.services < 3,
    )


def _headline(view: BasisView, number: int) -> str:
    """The countries that are cheapest and dearest to send to, of those with three services."""
    found: list[tuple[Decimal, str]] = [
        (figure.value, place[1])
        for place in view.figures.places("receiver")
        if (figure := view.figures.get(AVERAGE, place)) and figure.value is not None and figure.services >= 3
    ]
    if len(found) < 2:
        return ngettext("{n} country", "{n} countries", number)
    (low, cheap), (high, dear) = min(found), max(found)
    return ngettext(
        "Of the {n} country judged here, sending money is cheapest to {cheap}, at {low}, and dearest to {dear}, at "
        "{high}",
        "Of the {n} countries judged here, sending money is cheapest to {cheap}, at {low}, and dearest to {dear}, at "
        "{high}",
        len(found),
        cheap=names.country(cheap),
        low=numbers.percent(low),
        dear=names.country(dear),
        high=numbers.percent(high),
    )
