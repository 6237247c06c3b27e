"""Which pages an edition has. A page kind is one function here: it gives the path of each of its pages below the folder
of the language, the function that renders it, and the digest of its inputs (`reports.page_inputs`), or None for a page
that is rendered for every edition. A new kind is one more function in PAGES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from reports.corrected import render_corrected
from reports.corridor import render_corridor
from reports.listing import render_corridors, render_quality
from reports.overview import render_overview
from reports.page_inputs import CorridorInputs
from reports.site import Site


@dataclass(frozen=True)
class Page:
    """A page in the language spoken: where, and what renders it."""

    path: str
    render: Callable[[], str]
    inputs: str | None = None


def _overviews(site: Site) -> Iterator[Page]:
    for view in site.views:
        yield Page(site.overview(view), partial(render_overview, site, view))


def _corridors(site: Site) -> Iterator[Page]:
    inputs = CorridorInputs(site)
    for view in site.views:
        for key in view.paged:
            render = partial(render_corridor, site, view, key)
            yield Page(site.corridor_page(view, key), render, inputs.digest(view, key))


def _single_pages(site: Site) -> Iterator[Page]:
    yield Page("corridors.html", partial(render_corridors, site))
    yield Page("quality.html", partial(render_quality, site))
    yield Page("corrections.html", partial(render_corrected, site))


PAGES: tuple[Callable[[Site], Iterator[Page]], ...] = (_overviews, _corridors, _single_pages)


def html_pages(site: Site) -> dict[str, str]:
    """Every page of the edition in the language spoken, by its path below the language's folder."""
    return {page.path: page.render() for page in pages_of(site)}


def pages_of(site: Site) -> Iterator[Page]:
    """Every page of the edition in the language spoken."""
    for kind in PAGES:
        yield from kind(site)
