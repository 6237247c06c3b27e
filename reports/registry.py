"""Which pages an edition has. A page kind is one function here: it gives the path of each of its pages below the folder
of the language, the function that renders it, and the digest of its inputs (`reports.page_inputs`), or None for a page
that is rendered for every edition. A new kind is one more function in PAGES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from reports.about import render_about
from reports.corrected import render_corrected
from reports.corridor import render_corridor
from reports.corridor_list import render_corridors
from reports.country.listing import render_countries
from reports.country.page import render_country
from reports.downloads import render_downloads
from reports.methodology import render_methodology
from reports.overview import render_overview
from reports.page_inputs import Inputs
from reports.provider import render_provider
from reports.provider_list import render_providers
from reports.quality import render_quality
from reports.site import Site


@dataclass(frozen=True)
class Page:
    """A page in the language spoken: where, and what renders it. `names_files`: it names files of the edition that are
    no pages (`Site.files`, `Site.figure_files`), so it is made after them."""

    path: str
    render: Callable[[], str]
    inputs: str | None = None
    names_files: bool = False


def _overviews(site: Site, _: Inputs) -> Iterator[Page]:
    for view in site.views:
        yield Page(site.overview(view), partial(render_overview, site, view), names_files=True)


def _corridors(site: Site, inputs: Inputs) -> Iterator[Page]:
    for view in site.views:
        for key in view.paged:
            render = partial(render_corridor, site, view, key)
            yield Page(site.corridor_page(view, key), render, inputs.of_corridor(view, key), names_files=True)


def _countries(site: Site, inputs: Inputs) -> Iterator[Page]:
    for view in site.views:
        for code in view.countries:
            render = partial(render_country, site, view, code)
            yield Page(site.country_page(view, code), render, inputs.of_country(view, code), names_files=True)


def _providers(site: Site, _: Inputs) -> Iterator[Page]:
    for provider in site.providers.values():
        yield Page(provider.path, partial(render_provider, site, provider))


_SINGLE: dict[str, Callable[[Site], str]] = {
    "countries.html": render_countries,
    "corridors.html": render_corridors,
    "providers.html": render_providers,
    "methodology.html": render_methodology,
    "quality.html": render_quality,
    "downloads.html": render_downloads,
    "about.html": render_about,
    "corrections.html": render_corrected,
}


def _single_pages(site: Site, _: Inputs) -> Iterator[Page]:
    for path, rendered in _SINGLE.items():
        yield Page(path, partial(rendered, site), names_files=rendered is render_downloads)


PAGES: tuple[Callable[[Site, Inputs], Iterator[Page]], ...] = (
    _overviews, _corridors, _countries, _providers, _single_pages,
)  # fmt: skip


def html_pages(site: Site) -> dict[str, str]:
    """Every page of the edition in the language spoken, by its path below the language's folder."""
    return {page.path: page.render() for page in pages_of(site)}


def pages_of(site: Site) -> Iterator[Page]:
    """Every page of the edition in the language spoken."""
    inputs = Inputs(site)
    for kind in PAGES:
        yield from kind(site, inputs)
