"""The page that lists all providers by name, one table a basis."""

from __future__ import annotations

from typing import Any

from reports import numbers, wording
from reports.charts import svg
from reports.findings import AVERAGE
from reports.language import _, ngettext
from reports.providers import Listed, counted, mean, type_words
from reports.site import BasisView, Site, corridor_place, render


def render_providers(site: Site) -> str:
    """The page of all providers."""
    providers = list(site.providers.values())
    return render(
        site,
        "providers.html",
        "providers.html",
        title=_("Providers · remitwatch"),
        description=_("In the order of their names. Nobody pays to be listed, and the order says nothing of quality."),
        strip=[_("Method version {method}", method=site.data.method)],
        page="providers",
        switch=[],
        headline=ngettext("{n} provider with listed prices", "{n} providers with listed prices", len(providers)),
        parts=[_part(view, [one for one in providers if view.basis in one.offers]) for view in site.views],
    )


def _part(view: BasisView, providers: list[Listed]) -> dict[str, Any]:
    types = {one.type for one in providers}
    return {
        "view": view,
        "basis": wording.basis_name(view.basis),
        "help": wording.BASES_MEAN.get(view.basis, ""),
        "rows": [_row(view, one) for one in providers],
        "types": [(code, wording.PROVIDER_TYPES[code]) for code in wording.PROVIDER_TYPES if code in types],
    }


def _row(view: BasisView, provider: Listed) -> dict[str, Any]:
    priced = counted(provider.offers[view.basis])
    total = mean(offer.total_pct for offer in priced)
    apart = mean(
        offer.total_pct - average
        for offer in priced
        if offer.total_pct is not None
        and (average := view.figures.value(AVERAGE, corridor_place(offer.corridor))) is not None
    )
    return {
        "provider": provider,
        "mark": svg.drawn(svg.MARKS[provider.type]),
        "types": type_words(provider),
        "corridors": len({offer.corridor for offer in provider.offers[view.basis]}),
        "services": len(priced),
        "mean": None if total is None else numbers.percent(total),
        "mean_v": total,
        "apart": "–" if apart is None else numbers.change(apart),
        "apart_v": apart,
    }
