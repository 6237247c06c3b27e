"""The page of a provider: what its services cost in every corridor, beside what the corridor costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reports import names, numbers, wording
from reports.charts import bars, svg
from reports.findings import AVERAGE
from reports.inputs import SourceLine
from reports.language import N_, Words, _, marked, ngettext
from reports.lookup import Offer
from reports.provider_changes import Changes, Move
from reports.providers import Listed, counted, mean, type_words
from reports.site import BasisView, Site, corridor_place, render

AMOUNT = 200
"""US dollars: the amount that the page speaks of."""
MOST_SERVICES = 100
"""Above this many services a page has one row a corridor: the cheapest service there."""
MOST_MOVES = 12
THREE = 3

_GROUPS = (
    (N_("Pay in by"), "payment_codes", wording.INSTRUMENTS),
    (N_("Pay out to"), "pickup_codes", wording.PICKUPS),
    (N_("Speed"), "speeds", wording.SPEEDS),
)
SHOWN_AS = Words({
    "full": N_("Prices and amounts"),
    "derived": N_("Percentages only"),
    "none": N_("Not shown; used for checks"),
})  # fmt: skip


@dataclass(frozen=True)
class ServiceRow:
    """A service beside its corridor. `href`: its record on the corridor's page; `difference` in points from the
    corridor's average; `others`: how many services of the corridor this row stands for besides its own."""

    offer: Offer
    corridor: str
    href: str | None
    total: str
    bar: Markup
    average: str
    difference: str
    difference_v: Decimal | None
    rank: str
    rank_v: int | None
    tags: list[tuple[str, str]]
    others: int


@dataclass(frozen=True)
class GroupRow:
    """The mean of a provider's services of one kind."""

    name: str
    value: str
    bar: Markup
    services: int


def render_provider(site: Site, provider: Listed) -> str:
    """The page of a provider, one part a basis."""
    parts = [_part(site, view, provider) for view in site.views if view.basis in provider.offers]
    lead = parts[0] if parts else None
    corridors = {offer.corridor for some in provider.offers.values() for offer in some}
    places = {code for key in corridors for code in wording.corridor_parts(key)[:1]}
    description = (
        _("No price of it is listed; promotions are shown apart.")
        if lead is None
        else _(
            "{basis}, {period}: what its services cost, beside what all services of their corridors cost.",
            basis=lead["basis"],
            period=lead["period"],
        )
    )
    if lead is None or lead["mean"] is None:
        headline = marked("<bdi>{provider}</bdi>: no cost can be given", provider=provider.name)
    else:
        headline = marked(
            "<bdi>{provider}</bdi>: {cost} on average", provider=provider.name, cost=numbers.percent(lead["mean"])
        )
    return render(
        site,
        "provider.html",
        provider.path,
        title=_("{provider}: what its transfers cost · remitwatch", provider=provider.name),
        description=description,
        strip=[
            type_words(provider),
            ngettext("{n} corridor", "{n} corridors", len(corridors)),
            _("Method version {method}", method=site.data.method),
        ],
        page="providers",
        switch=[],
        provider=provider,
        headline=headline,
        types=type_words(provider),
        mark=svg.drawn(svg.MARKS[provider.type]),
        senders=numbers.listed(sorted(map(names.country, places))) if len(places) <= THREE * 4 else "",
        parts=parts,
        promotions=_promotions(site, provider),
        sources=_sources(site, provider),
        shown_as=SHOWN_AS,
        speeds=wording.SPEEDS,
    )


def _part(site: Site, view: BasisView, provider: Listed) -> dict[str, Any]:
    offers = provider.offers[view.basis]
    first = [offer for offer in offers if offer.tier == AMOUNT]
    priced, large = counted(offers), counted(offers, 500)
    hidden = [offer for offer in first if offer.total_pct is None]
    apart = [offer for offer in first if offer.total_pct is not None and (offer.stale or offer.quarantined)]
    whole = len(priced) + len(apart) <= MOST_SERVICES
    shown = [*priced, *apart] if whole else _cheapest_of_each(priced)
    many = {} if whole else _count_by_corridor(priced)
    scale = bars.BarScale(
        [offer.total_pct for offer in shown if offer.total_pct is not None],
        [offer.fee_pct for offer in shown if offer.fee_pct is not None],
    )
    rows = [_row(site, view, offer, scale, many.get(offer.corridor, 1) - 1) for offer in shown]
    rows.sort(key=lambda row: (row.corridor, row.offer.total_pct or Decimal(0), row.offer.ref))
    return {
        "view": view,
        "basis": wording.basis_name(view.basis),
        "period": view.data.period,
        "mean": mean(offer.total_pct for offer in priced),
        "facts": _facts(view, priced, large, hidden),
        "rows": rows,
        "axis": scale.axis(),
        "whole": whole,
        "services": len(priced),
        "hidden": sorted({wording.corridor_name(offer.corridor) for offer in hidden}),
        "hidden_services": len(hidden),
        "groups": _groups(priced),
        "changes": _changes(site, view, provider),
        "tools": f"tools-{view.basis}",
        "said": f"said-{view.basis}",
    }


def _cheapest_of_each(priced: list[Offer]) -> list[Offer]:
    found: dict[str, Offer] = {}
    for offer in priced:  # in the order of corridor and cost
        found.setdefault(offer.corridor, offer)
    return list(found.values())


def _count_by_corridor(priced: list[Offer]) -> dict[str, int]:
    found: dict[str, int] = {}
    for offer in priced:
        found[offer.corridor] = found.get(offer.corridor, 0) + 1
    return found


def _row(site: Site, view: BasisView, offer: Offer, scale: bars.BarScale, others: int) -> ServiceRow:
    average = view.figures.value(AVERAGE, corridor_place(offer.corridor))
    page = site.corridor_link(view, offer.corridor)
    assert offer.total_pct is not None
    difference = None if average is None or offer.ref not in view.ranks else offer.total_pct - average
    rank = view.ranks.get(offer.ref)
    tags = [("smart", _("SmaRT {rank}", rank=offer.smart_rank))] if 1 <= offer.smart_rank <= THREE else []
    if offer.stale:
        tags.append(("warn", _("too old to count")))
    tags += [wording.flag_tag(flag) for flag in offer.flags if flag in wording.FLAGS]
    return ServiceRow(
        offer=offer,
        corridor=wording.corridor_name(offer.corridor),
        href=None if page is None else f"{page}#{offer.ref}",
        total=numbers.percent(offer.total_pct),
        bar=scale.bar(offer.fee_pct, offer.margin_pct, offer.total_pct),
        average=_("no figure") if average is None else numbers.percent(average),
        difference="–" if difference is None else numbers.change(difference),
        difference_v=difference,
        rank="–" if rank is None else _("{place} of {all}", place=numbers.count(rank[0]), all=numbers.count(rank[1])),
        rank_v=rank[0] if rank else None,
        tags=tags,
        others=others,
    )


def _facts(
    view: BasisView, priced: list[Offer], large: list[Offer], hidden: list[Offer]
) -> list[tuple[str, str, list[str]]]:
    """Name, value and sentences of each key figure."""
    facts = []
    total, fee, margin = (
        mean(getattr(offer, name) for offer in priced) for name in ("total_pct", "fee_pct", "margin_pct")
    )
    if total is None:
        facts.append((_("Mean, USD 200"), "–", [_("No service with a disclosed and fresh price is listed.")]))
    else:
        words = [ngettext("mean over {n} service", "mean over {n} services", len(priced))]
        if fee is not None and margin is not None:
            words.append(_("{fee} points fee, {margin} margin", fee=numbers.number(fee), margin=numbers.number(margin)))
        facts.append((_("Mean, USD 200"), numbers.percent(total), words))
    if (larger := mean(offer.total_pct for offer in large)) is not None:
        words = [ngettext("mean over {n} service", "mean over {n} services", len(large))]
        facts.append((_("Mean, USD 500"), numbers.percent(larger), words))
    apart = [
        offer.total_pct - average
        for offer in priced
        if offer.total_pct is not None
        and (average := view.figures.value(AVERAGE, corridor_place(offer.corridor))) is not None
    ]
    if (against := mean(apart)) is not None:
        words = [_("points from the averages of its corridors, mean over its services")]
        facts.append((_("Beside its corridors"), numbers.change(against), words))
    if priced:
        corridors = {offer.corridor for offer in priced}
        among = {offer.corridor for offer in priced if 1 <= offer.smart_rank <= THREE}
        facts.append((
            _("Among the three cheapest"),
            _("{part} of {all}", part=numbers.count(len(among)), all=numbers.count(len(corridors))),
            [_("corridors in which a service of it is one of the three cheapest that qualify")],
        ))  # fmt: skip
        soon = sum(offer.speed == "within_hour" for offer in priced)
        words = [_("services that say they pay out within one hour")]
        if unknown := sum(offer.speed == "unknown" for offer in priced):
            words.append(ngettext("{n} does not state a speed", "{n} do not state a speed", unknown))
        share = _("{part} of {all}", part=numbers.count(soon), all=numbers.count(len(priced)))
        facts.append((_("Within one hour"), share, words))
    every = len(priced) + len(hidden)
    if hidden:
        share = _("{part} of {all}", part=numbers.count(len(priced)), all=numbers.count(every))
        facts.append((_("Rate disclosed"), share, [_("the others are in no mean")]))
    return facts


def _groups(priced: list[Offer]) -> dict[str, Any] | None:
    """Means by instrument, pay-out and speed on one scale; a service of several instruments counts in each."""
    held = []
    for head, kind, words in _GROUPS:
        members: dict[str, list[Offer]] = {}
        for offer in priced:
            for code in _codes(offer, kind):
                members.setdefault(code, []).append(offer)
        order = [code for code in words if code in members]
        held.append((head, [(words[code], members[code]) for code in order]))
    costs = [
        (
            mean(offer.fee_pct for offer in some),
            mean(offer.margin_pct for offer in some),
            mean(offer.total_pct for offer in some),
        )
        for _head, members_of in held
        for _name, some in members_of
    ]
    if not costs:
        return None
    scale = bars.BarScale(
        [total for *_parts, total in costs if total is not None], [fee for fee, *_rest in costs if fee is not None]
    )
    drawn = iter(costs)
    sections = []
    for head, members_of in held:
        rows = []
        for name, some in members_of:
            fee, margin, total = next(drawn)
            bar = scale.bar(fee, margin, total)
            rows.append(GroupRow(name[:1].upper() + name[1:], numbers.percent(total), bar, len(some)))
        sections.append((_(head), rows))
    return {"axis": scale.axis(), "sections": sections}


def _codes(offer: Offer, kind: str) -> Iterable[str]:
    if kind == "payment_codes":
        return offer.payment_codes or ("unknown",)
    return (offer.pickup_code,) if kind == "pickup_codes" else (offer.speed,)


def _changes(site: Site, view: BasisView, provider: Listed) -> dict[str, Any] | None:
    """What moved since the previous period; None where none is held for this provider."""
    found: Changes | None = site.provider_changes[view.basis].get(provider.key)
    before = view.data.previous_period
    if found is None or before is None:
        return None
    then = numbers.period_words(before, with_in=False)
    lines = []
    if found.mean is not None:
        lines.append(
            ngettext(
                "{n} service is priced in both periods: {change} points.",
                "{n} services are priced in both periods: {change} points on average.",
                len(found.moves),
                change=numbers.change(found.mean),
            )
        )
    if found.new:
        lines.append(ngettext("{n} service was not held then.", "{n} services were not held then.", found.new))
    if found.ended:
        lines.append(ngettext("{n} service is not held now.", "{n} services are not held now.", found.ended))
    moved = [move for move in found.moves if numbers.rounded(move.change, 1)]
    still = len(found.moves) - len(moved)
    if still:
        lines.append(ngettext("{n} service did not change.", "{n} services did not change.", still))
    return {
        "then": then,
        "lines": lines,
        "rows": [_move(move) for move in moved[:MOST_MOVES]],
        "left": max(0, len(moved) - MOST_MOVES),
    }


def _move(move: Move) -> dict[str, str]:
    payment, access, pickup = move.words
    return {
        "corridor": wording.corridor_name(move.corridor),
        "service": numbers.separated((
            wording.joined(payment, wording.INSTRUMENTS),
            wording.joined(access, wording.ACCESS_POINTS),
            wording.PICKUPS.get(pickup) or wording.plain(pickup),
        )),
        "before": numbers.percent(move.before),
        "now": numbers.percent(move.now),
        "change": numbers.change(move.change),
        "fee": "–" if move.fee is None else numbers.change(move.fee),
        "margin": "–" if move.margin is None else numbers.change(move.margin),
    }  # fmt: skip


def _promotions(site: Site, provider: Listed) -> list[dict[str, Any]]:
    return [
        {
            "basis": wording.basis_name(basis),
            "corridor": wording.corridor_name(offer.corridor),
            "offer": offer,
            "total": numbers.percent(offer.total_pct),
        }
        for basis, offers in provider.promotions.items()
        for offer in offers
        if offer.tier == AMOUNT and offer.total_pct is not None
    ]


def _sources(site: Site, provider: Listed) -> list[tuple[str, SourceLine | None, int]]:
    """The sources that speak of it, with how many of its services each lists."""
    found: dict[str, int] = {}
    for held in (provider.offers, provider.promotions):
        for offers in held.values():
            for offer in offers:
                if offer.tier == AMOUNT:
                    found[offer.source] = found.get(offer.source, 0) + 1
    return [(key, site.source(key), found[key]) for key in sorted(found)]
