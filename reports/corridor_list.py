"""The page that lists all corridors by cost, one table a basis."""

from __future__ import annotations

from typing import Any

from reports import numbers, wording
from reports.findings import AVERAGE
from reports.language import _, ngettext
from reports.ranking import ranked
from reports.site import BasisView, Site, corridor_place, render


def render_corridors(site: Site) -> str:
    """The page of all corridors."""
    keys = sorted({key for view in site.views for key in view.corridors})
    paged = {key for view in site.views for key in view.paged}
    lead = site.views[0]
    places = map(corridor_place, lead.corridors)
    costs = [value for place in places if (value := lead.figures.value(AVERAGE, place)) is not None]
    if costs:
        headline = ngettext(
            "{n} corridor: from {low} to {high} on average",
            "{n} corridors: from {low} to {high} on average",
            len(keys),
            low=numbers.percent(min(costs)),
            high=numbers.percent(max(costs)),
        )
    else:
        headline = ngettext("{n} corridor, cheapest first", "{n} corridors, cheapest first", len(keys))
    few = ""
    if len(paged) < len(keys):
        few = ngettext(
            "{n} corridor of {all} has a page in this edition.",
            "{n} corridors of {all} have a page in this edition.",
            len(paged),
            all=numbers.count(len(keys)),
        )
    return render(
        site,
        "corridors.html",
        "corridors.html",
        title=_("Corridors by cost, {period} · remitwatch", period=site.data.period),
        description=_(
            "Average cost of sending USD 200 in each corridor, split into fee and exchange-rate margin. Each basis has "
            "its own table."
        ),
        strip=[
            ngettext("{n} basis", "{n} bases", len(site.views)),
            _("Method version {method}", method=site.data.method),
        ],
        page="corridors",
        switch=[],
        headline=headline,
        few=few,
        parts=[_part(site, view) for view in site.views],
    )


def _part(site: Site, view: BasisView) -> dict[str, Any]:
    return {
        "view": view,
        "name": _("{basis}, {period}", basis=wording.basis_name(view.basis), period=view.data.period),
        "help": wording.BASES_MEAN.get(view.basis, ""),
        "ranking": ranked(site, view),
    }
