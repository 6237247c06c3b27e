"""The page on what this is, who runs it, whose data it is, and how to trace or correct a figure."""

from __future__ import annotations

from urllib.parse import urlsplit

from reports import numbers
from reports.findings import AVERAGE
from reports.language import _
from reports.provider import SHOWN_AS
from reports.site import Site, render


def render_about(site: Site) -> str:
    """The page about the monitor and this edition."""
    figure = next((found for view in site.views if (found := view.figures.get(AVERAGE)) is not None), None)
    sources = sorted(site.data.sources, key=lambda line: (line.kind, line.name))
    return render(
        site,
        "about.html",
        "about.html",
        title=_("About · remitwatch"),
        description=_("It watches what it costs to send money home: fees and margins, corridor by corridor."),
        strip=[_("Method version {method}", method=site.data.method)],
        page="about",
        switch=[],
        headline=_("What this is, and what it is not"),
        contact=_contact(site.data.contact),
        sources=[line for line in sources if line.redistribution != "none"],
        checked=numbers.listed(line.name for line in sources if line.redistribution == "none"),
        shown_as=SHOWN_AS,
        example_id=figure.id if figure else "",
        version=site.data.version,
    )


def _contact(given: str) -> tuple[str, str] | None:
    """Words and address of who runs it; None where nobody is named."""
    if not given:
        return None
    if urlsplit(given).scheme in ("http", "https"):
        return given, given
    return given, f"mailto:{given}"
