"""What is missing for a country, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import names
from reports.country.ways import WAYS, place_of
from reports.findings import AVERAGE
from reports.language import N_, Words, _, ngettext
from reports.site import BasisView, Site, corridor_place

_NO_CORRIDOR = Words({
    "inbound": N_("No corridor to {country} has a figure or a listed service here."),
    "outbound": N_("No corridor from {country} has a figure or a listed service here."),
})  # fmt: skip


def gaps_of(site: Site, view: BasisView, code: str) -> tuple[str, ...]:
    """The sentences of "What is missing" of a country on one basis."""
    name = names.country(code)
    lines = []
    for way in WAYS:
        if not view.corridors_of(way, code):
            lines.append(_NO_CORRIDOR[way].format(country=name))
    keys = [key for way in WAYS for key in view.corridors_of(way, code)]
    if empty := sum(view.figures.value(AVERAGE, corridor_place(key)) is None for key in keys):
        lines.append(ngettext("{n} corridor has no average.", "{n} corridors have no average.", empty))
    offers = [offer for key in keys for offer in view.listed(key)]
    if hidden := sum(offer.total_pct is None for offer in offers):
        lines.append(ngettext(
            "{n} service does not disclose its rate; it is in no average.",
            "{n} services do not disclose their rates; they are in no average.",
            hidden,
        ))  # fmt: skip
    if old := sum(offer.stale for offer in offers):
        lines.append(ngettext(
            "{n} price is too old to count; the corridor’s page shows it with its age.",
            "{n} prices are too old to count; the corridors’ pages show them with their age.",
            old,
        ))  # fmt: skip
    if held := sum(offer.quarantined for offer in offers):
        lines.append(ngettext(
            "{n} price is in quarantine and in no figure.", "{n} prices are in quarantine and in no figure.", held
        ))  # fmt: skip
    if private := sum(view.private.get(key, 0) for key in keys):
        lines.append(ngettext(
            "{n} price was handed in privately: it is in averages and in no list.",
            "{n} prices were handed in privately: they are in averages and in no list.",
            private,
        ))  # fmt: skip
    if site.data.about_countries.flows is None:
        lines.append(_("No flows are imported: savings and coverage cannot be counted."))
    lines.append(_("Market coverage is unknown: no market shares of providers are on record."))
    if not any((place_of(way, code)[0], code) in site.official_countries for way in WAYS):
        lines.append(_("No official SDG figure of this country is imported."))
    if not any(_is_own(target, code) for target in site.data.targets):
        lines.append(_("No national target is on record."))
    return tuple(lines)


def _is_own(target: Mapping[str, Any], code: str) -> bool:
    return bool(target.get("national")) and code in (target.get("sender"), target.get("receiver"))
