"""Briefs: what is printed of the overview and of a country's page, as tagged PDF in the language spoken."""

from __future__ import annotations

from typing import Any

from lxml import html  # type: ignore[import-untyped]

from reports.country.page import render_country
from reports.language import spoken
from reports.overview import render_overview
from reports.pdf import pdf
from reports.site import BRIEF, BasisView, Site


def brief_path(name: str) -> str:
    """Where a brief in the language spoken stands in the edition: `briefs/overview.en.pdf`, `briefs/KEN.fr.pdf`."""
    return f"briefs/{name}.{spoken().code}.pdf"


def overview_brief(site: Site, view: BasisView, base_url: str | None = None) -> bytes:
    """The brief of a basis' overview. `base_url`: where the edition is served; without it no link leads out of the PDF.

    Raises InputError where no PDF can be made.
    """
    return pdf(_linked(render_overview(site, view, BRIEF), site, site.overview(view), base_url))


def country_brief(site: Site, view: BasisView, code: str, base_url: str | None = None) -> bytes:
    """The brief of a country on a basis. Raises InputError where no PDF can be made."""
    return pdf(_linked(render_country(site, view, code, BRIEF), site, site.country_page(view, code), base_url))


def _linked(page: str, site: Site, path: str, base_url: str | None) -> str:
    """The page with its links to other pages leading to where they are served, or plain words: a PDF stands alone."""
    tree: Any = html.document_fromstring(page)
    folder = path.rsplit("/", 1)[0] + "/" if "/" in path else ""
    for link in list(tree.iter("a")):
        target = link.get("href", "")
        if target.startswith(("https://", "http://", "#")):
            continue
        if base_url is None:
            link.drop_tag()
        else:
            link.set("href", f"{base_url.rstrip('/')}/{site.label}/{site.folder}{folder}{target}")
    return "<!doctype html>\n" + str(html.tostring(tree, encoding="unicode"))
