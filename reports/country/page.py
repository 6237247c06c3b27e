"""The page of a country: its values put into the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import numbers, wording
from reports.country.review import csv_path
from reports.country.view import CountryView, country_view
from reports.country.ways import SENDING, said
from reports.language import _, ngettext
from reports.site import BasisView, Site, render, strip


def render_country(site: Site, view: BasisView, code: str) -> str:
    """The page of `code` on the basis of `view`."""
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
        country=country,
        percent_sign=numbers.percent_sign(),
        official_sending={way: said(SENDING, way, code) for way in ("inbound", "outbound")},
        downloads=_downloads(site, view, code),
    )


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
    return [
        (csv_path(code), _("Table for a national remittance plan"), "CSV"),
        ("csv/indicators.csv", _("Indicators of all countries"), "CSV"),
        ("csv/history.csv", _("Indicators over time"), "CSV"),
        ("csv/services.csv", _("Services behind the figures, all corridors"), "CSV"),
        ("csv/targets.csv", _("Targets"), "CSV"),
    ]
