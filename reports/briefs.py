"""Briefs: what is printed of the overview and of a country's page, as tagged PDF in the language spoken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from lxml import html  # type: ignore[import-untyped]

from reports.country.page import render_country
from reports.language import speaking
from reports.overview import render_overview
from reports.parts import LABEL_MARK, Part, digest_of
from reports.pdf import made_with, pdf
from reports.site import BRIEF, BasisView, Site, brief_path

_QUOTED_MARK = quote(LABEL_MARK)
"""As the mark stands in the address of a link."""


def overview_brief(site: Site, view: BasisView, base_url: str | None = None) -> bytes:
    """The brief of a basis' overview. `base_url`: where the edition is served; without it no link leads out of the PDF.

    Raises InputError where no PDF can be made.
    """
    return pdf(_overview_page(site, view, base_url))


def country_brief(site: Site, view: BasisView, code: str, base_url: str | None = None) -> bytes:
    """The brief of a country on a basis. Raises InputError where no PDF can be made."""
    return pdf(_country_page(site, view, code, base_url))


def brief_parts(site: Site) -> Iterator[Part]:
    """The briefs that lie in the edition, in each of its languages; of a country on the first basis that holds it.

    A brief is taken over while all that it says is the same, but for the name of the edition: it goes on naming the
    edition that it was first printed for.
    """
    asked = site.data.briefs
    if asked is None:
        return
    marked = replace(site, label_mark=LABEL_MARK)
    codes = sorted({code for view in site.views for code in view.countries})
    pages: dict[str, Callable[[], str]] = {"overview": partial(_overview_page, marked, marked.views[0], asked.base_url)}
    for code in codes:
        if asked.countries is None or code in asked.countries:
            view = next(view for view in marked.views if code in view.countries)
            pages[code] = partial(_country_page, marked, view, code, asked.base_url)
    for language in site.data.languages:
        for name, page in pages.items():
            with speaking(language):
                path, text = brief_path(name), page()
            named = text.replace(LABEL_MARK, site.label).replace(_QUOTED_MARK, site.label)
            yield Part(path, partial(pdf, named), digest_of(text, made_with()))


def _overview_page(site: Site, view: BasisView, base_url: str | None) -> str:
    return _linked(render_overview(site, view, BRIEF), site, site.overview(view), base_url)


def _country_page(site: Site, view: BasisView, code: str, base_url: str | None) -> str:
    return _linked(render_country(site, view, code, BRIEF), site, site.country_page(view, code), base_url)


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
