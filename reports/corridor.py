"""The page of a corridor on one basis: what it costs, who is cheapest, why, what changed, and how one can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports import (
    compare,
    corridor_beside,
    corridor_facts,
    corridor_smart,
    corridor_strip,
    corridor_words,
    names,
    numbers,
    promises,
    trends,
    wording,
)
from reports import corridor_log as log
from reports import corridor_table as table
from reports.charts import svg
from reports.findings import AVERAGE
from reports.groups import group_tables
from reports.inputs import SourceLine
from reports.language import _, ngettext
from reports.lookup import Figure, Offer
from reports.site import BasisView, Site, corridor_place, figure_path, render, strip

MOST_ESTIMATES = 12
"""So many estimates are listed beside the standard prices; all are on their own page."""


@dataclass(frozen=True)
class Apart:
    """A price shown apart: a promotion or an estimate, and why."""

    offer: Offer
    kind: str
    why: str
    href: str | None


def render_corridor(site: Site, view: BasisView, key: str) -> str:
    """The page of `key` on the basis of `view`."""
    place, figures = corridor_place(key), view.figures
    offers = view.listed(key)
    counted = corridor_words.counted_offers(offers)
    average = figures.get(AVERAGE, place)
    sender, receiver = wording.corridor_parts(key)
    private = view.private.get(key, 0)
    name = wording.corridor_name(key)
    lead = corridor_words.lead(
        figures, place, compare.earlier_period(view.data, figures, site.data.as_of.date(), place)
    )
    amount = _amount(offers)
    apart = _apart(site, view, key)
    sources = _sources(site, offers)
    official = site.official.get(key, {})
    return render(
        site,
        "corridor.html",
        site.corridor_page(view, key),
        title=_("{corridor}: cost of sending money, {period} · remitwatch", corridor=name, period=view.data.period),
        description=lead,
        strip=strip(site, view, *filter(None, (amount, *_behind(average), corridor_words.asked(counted)))),
        page="corridors",
        switch=_switch(site, view, key),
        view=view,
        key=key,
        sender=names.country(sender),
        receiver=names.country(receiver),
        receiver_page=site.country_link(receiver, view),
        name=name,
        headline=corridor_words.headline(key, figures, place, offers, private),
        lead=lead,
        amount=amount or "USD 200",
        notes=corridor_facts.notes(view, key, offers, sources, average),
        facts=corridor_facts.facts(figures, place, counted, private),
        spread=corridor_strip.spread(figures, place, counted, private),
        types=_types([*offers, *(one.offer for one in apart)]),
        counted_types=_types(counted),
        terms=_terms(site, offers),
        comparison=table.comparison(site, offers, _reference_day(site, view)),
        hidden=[offer for offer in offers if offer.total_pct is None],
        larger=[offer for offer in view.listed(key, 500) if offer.total_pct is not None],
        smart=corridor_smart.explained(figures, place, offers, private),
        speeds=corridor_smart.speeds(figures, place, counted),
        trend=trends.corridor_trend(figures, place, name, official if view.basis == "survey" else {}, parts=view.parts),
        log=None if view.data.log is None else log.log_view(view.data.log, key, view.changes.get(key, [])),
        groups=group_tables(figures, place),
        apart=apart,
        neighbours=corridor_beside.neighbours(site, view, key),
        bases=corridor_beside.bases(site, key, view),
        official=corridor_beside.official(site, key, official),
        evidence=table.evidence(offers),
        references=_references(site, view, offers),
        parallel=any("parallel_rate" in offer.flags for offer in offers),
        sources=sources,
        downloads=_downloads(site, view, key),
        type_names=wording.PROVIDER_TYPES,
        marks=_MARKS,
        statuses=promises.STATUS,
        speed_order=wording.SPEED_ORDER,
        speed_names=wording.SPEEDS,
    )  # fmt: skip


_MARKS = {code: svg.drawn(mark) for code, mark in svg.MARKS.items()}


def _amount(offers: list[Offer]) -> str:
    first = offers[0] if offers else None
    if first is None or first.send_amount is None:
        return ""
    amount = numbers.money(first.send_amount, first.send_currency)
    return amount if amount == "USD 200" else _("{amount} (USD 200)", amount=amount)


def _behind(average: Figure | None) -> list[str]:
    """How many services and providers stand behind the average."""
    if average is None:
        return [ngettext("{n} service", "{n} services", 0)]
    found = [ngettext("{n} service", "{n} services", average.services)]
    if average.providers:
        found.append(ngettext("{n} provider", "{n} providers", average.providers))
    return found


def _reference_day(site: Site, view: BasisView) -> dt.date:
    """The day from which the age of prices counts."""
    today = site.data.as_of.date()
    if numbers.period_kind(view.data.period) == "latest":
        return today
    return min(today, numbers.period_days(view.data.period)[1])


def _switch(site: Site, view: BasisView, key: str) -> list[Mapping[str, Any]]:
    return [
        {
            "name": wording.basis_name(other.basis),
            "href": "../" + site.corridor_page(other, key),
            "current": other is view,
        }
        for other in site.views
        if key in other.paged
    ]


def _terms(site: Site, offers: list[Offer]) -> str:
    """Which sources allow percentages only, in a sentence; empty where all may be shown in full."""
    keys = sorted({offer.source for offer in offers if offer.derived})
    if not keys:
        return ""
    known = [source.name if (source := site.source(key)) else key for key in keys]
    return ngettext(
        "{sources} allows percentages only: amounts and rates are not shown.",
        "{sources} allow percentages only: amounts and rates are not shown.",
        len(known),
        sources=numbers.listed(known),
    )


def _sources(site: Site, offers: list[Offer]) -> list[SourceLine]:
    used = {offer.source for offer in offers}
    return [source for source in site.data.sources if source.key in used]


def _types(offers: Iterable[Offer]) -> list[str]:
    """The provider types of these services, in the order of the legends."""
    present = {offer.type for offer in offers}
    return [code for code in wording.PROVIDER_TYPES if code in present]


def _apart(site: Site, view: BasisView, key: str) -> list[Apart]:
    """Promotions of this basis, and estimates beside the standard prices."""
    rows = [
        Apart(offer, _("Promotion"), _("for some customers or a limited time"), None)
        for offer in view.promotions.get(key, [])
        if offer.tier == 200
    ]
    if view.basis != "standard":
        return rows
    for other in (other for other in site.views if other.basis == "estimate"):
        page = site.corridor_link(other, key)
        why = _("quoted by a comparison source, not by the provider")
        priced = [offer for offer in other.listed(key) if offer.total_pct is not None]
        rows += [Apart(offer, _("Estimate"), why, page) for offer in priced[:MOST_ESTIMATES]]
    return rows


def _references(site: Site, view: BasisView, offers: list[Offer]) -> list[str]:
    """Which reference rates the margins are measured against, a sentence a source."""
    if view.basis == "survey":
        return [_("The survey’s own interbank rate of the day, as published; the published margin is used.")]
    days: dict[str, list[dt.date]] = {}
    for offer in offers:
        if offer.reference_source and offer.reference_date is not None:
            days.setdefault(offer.reference_source, []).append(offer.reference_date)
    found = []
    for source, dates in sorted(days.items()):
        called = numbers.listed(line.name if (line := site.source(part)) else part for part in source.split("+"))
        if min(dates) == max(dates):
            found.append(_("{source}: the rate of {day}.", source=called, day=numbers.day(max(dates))))
        else:
            found.append(_("{source}: rates from {first} to {last}.", source=called, first=numbers.day(min(dates)),
                           last=numbers.day(max(dates))))  # fmt: skip
    return found


def _downloads(site: Site, view: BasisView, key: str) -> list[tuple[str, str, str]]:
    found = [("csv/services.csv", _("Services behind the figures, all corridors"), "CSV"),
             ("csv/history.csv", _("Indicators over time"), "CSV")]  # fmt: skip
    for kind in ("svg", "png"):
        path = figure_path(f"{key}-{view.basis}", kind)
        if path in site.figure_files:
            found.append((path, _("Figure: the corridor over time"), kind.upper()))
    return found
