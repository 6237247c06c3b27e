"""The cheapest services to a country, or from it: across its corridors, and the first one of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports import names, numbers, wording
from reports.charts import bars, svg
from reports.corridor_words import counted_offers
from reports.country.ways import Way, other_end
from reports.language import pgettext
from reports.lookup import Offer
from reports.site import BasisView, Site

MOST = 6


@dataclass(frozen=True)
class CheapRow:
    """One service. `href` leads to its row in the evidence of its corridor's page, None where that has no page."""

    corridor: str
    other: str
    other_href: str | None
    name: str
    name_href: str | None
    type: str
    mark: Markup
    tags: tuple[tuple[str, str], ...]
    total: str
    fee: str
    margin: str
    bar: Markup
    payment: str
    pickup: str
    speed: str
    href: str | None


@dataclass(frozen=True)
class Cheapest:
    """`first`: the cheapest across all corridors; `each`: the cheapest of every corridor, in order of cost. Both empty
    where no service may be listed."""

    axis: Markup
    first: tuple[CheapRow, ...]
    each: tuple[CheapRow, ...]


def cheapest(site: Site, view: BasisView, way: Way, code: str) -> Cheapest:
    """The listed services that count, at USD 200."""
    counted = {key: counted_offers(view.listed(key)) for key in view.corridors_of(way, code)}
    every = sorted((offer for offers in counted.values() for offer in offers), key=_order)
    each = sorted((offers[0] for offers in counted.values() if offers), key=_order)
    shown = every[:MOST] + each
    totals = [offer.total_pct for offer in shown if offer.total_pct is not None]
    scale = bars.BarScale(totals, [offer.fee_pct for offer in shown if offer.fee_pct is not None])
    return Cheapest(
        axis=scale.axis(),
        first=tuple(_row(site, view, way, offer, scale) for offer in every[:MOST]),
        each=tuple(_row(site, view, way, offer, scale) for offer in each),
    )


def _order(offer: Offer) -> tuple[Any, ...]:
    return (offer.total_pct, offer.name, offer.corridor, offer.payment_codes, offer.quote_id)


def _row(site: Site, view: BasisView, way: Way, offer: Offer, scale: bars.BarScale) -> CheapRow:
    page = site.corridor_link(view, offer.corridor)
    tags = [wording.flag_tag(flag) for flag in offer.flags if flag in wording.FLAGS]
    if _has_no_fee(offer):
        tags.append(wording.flag_tag("promotion_suspected"))
    return CheapRow(
        corridor=offer.corridor,
        other=names.country(other_end(way, offer.corridor)),
        other_href=page,
        name=offer.name,
        name_href=site.provider_link(offer.provider),
        type=wording.PROVIDER_TYPES[offer.type],
        mark=svg.drawn(svg.MARKS[offer.type]),
        tags=tuple(dict.fromkeys(tags)),
        total=numbers.percent(offer.total_pct),
        fee="" if offer.fee_pct is None else numbers.number(offer.fee_pct),
        margin="" if offer.margin_pct is None else numbers.number(offer.margin_pct),
        bar=scale.bar(offer.fee_pct, offer.margin_pct, offer.total_pct),
        payment=offer.payment,
        pickup=pgettext("pay out", "to {pickup}", pickup=offer.pickup),
        speed=wording.SPEEDS[offer.speed],
        href=f"{page}#{offer.ref}" if page else None,
    )


def _has_no_fee(offer: Offer) -> bool:
    """A survey price without a fee: it may be a promotion, as on the corridor's page."""
    return bool(offer.survey_row) and offer.fee_pct == 0 and offer.margin_pct is not None
