"""The page of a country: its values put into the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import wording
from reports.country.review import csv_path
from reports.country.view import CountryView, country_view
from reports.country.ways import SENDING, said
from reports.language import _, ngettext
from reports.site import PAGE, BasisView, Site, render, strip


def render_country(site: Site, view: BasisView, code: str, layout: str = PAGE) -> str:
    """The page of `code` on the basis of `view`, or with the layout `BRIEF` what is printed of it."""
    country = country_view(site, view, code)
    return render(
        site,
        "country.html",
        site.country_page(view, code),
        title=_("{country}: cost of remittances, {period} · remitwatch", country=country.name, period=view.data.period),
        description=country.lead,
        strip=strip(site, view, _("USD 200 unless stated"), *_strip(country)),
        page="countries",
        switch=_switch(site, view, code),
        view=view,
        layout=layout,
        kind=_("Country brief: {country}", country=country.name),
        headline=country.headline,
        lead=country.lead,
        big=_big(country),
        country=country,
        official_sending={way: said(SENDING, way, code) for way in ("inbound", "outbound")},
        downloads=_downloads(site, view, code),
    )


def _big(country: CountryView) -> dict[str, str] | None:
    """The big number of a brief's cover."""
    leading = country.leading
    if not leading.value:
        return None
    words = _(
        "{way}: average cost of USD 200, over {behind}. Target: under 3%.", way=leading.sending, behind=leading.behind
    )
    return {"value": leading.number, "words": words}


def _strip(country: CountryView) -> list[str]:
    """How many corridors there are in each way."""
    words = []
    for side in country.sides:
        number = len(side.table.rows)
        if side.way == "inbound":
            words.append(ngettext("{n} corridor in", "{n} corridors in", number))
        else:
            words.append(ngettext("{n} corridor out", "{n} corridors out", number))
    return words


def _switch(site: Site, view: BasisView, code: str) -> list[Mapping[str, Any]]:
    return [
        {
            "name": wording.basis_name(other.basis),
            "href": "../" + site.country_page(other, code),
            "current": other is view,
        }
        for other in site.views
        if code in other.countries
    ]


def _downloads(site: Site, view: BasisView, code: str) -> list[tuple[str, str, str]]:
    brief = site.brief_of(view, code)
    return [
        *([(brief, _("Country brief, to print"), "PDF")] if brief else []),
        (csv_path(code), _("Table for a national remittance plan"), "CSV"),
        ("csv/indicators.csv", _("Indicators of all countries"), "CSV"),
        ("csv/history.csv", _("Indicators over time"), "CSV"),
        ("csv/services.csv", _("Services behind the figures, all corridors"), "CSV"),
        ("csv/targets.csv", _("Targets"), "CSV"),
    ]
