"""The comparison of a corridor's services, and the way from each to its record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reports import corridor_words, numbers, wording
from reports.charts import bars
from reports.language import _, ngettext, pgettext
from reports.lookup import Offer
from reports.site import Site

SHOWN_EVIDENCE = 12
"""Evidence of so many services is open; of the rest it unfolds."""
AGREES = Decimal("0.011")
"""Points by which a margin recomputed from rounded rates may be apart from the one used."""
Tag = tuple[str, str]
"""Its class and its words."""


@dataclass(frozen=True)
class ServiceRow:
    """A row of the comparison. `filters`: what it is filtered by, codes separated by spaces. `values`: what its total,
    fee, margin and received amount are sorted by, empty where there is none. `provider`: the way to the provider's
    page."""

    offer: Offer
    provider: str | None
    bar: Markup
    tags: list[Tag]
    filters: Mapping[str, str]
    values: tuple[str, ...]
    total: str
    fee: str
    fee_money: str
    margin: str
    received: str
    speed: str
    payment: str
    payout: str
    access: str
    day: str
    age: str


@dataclass(frozen=True)
class Comparison:
    """The table: its rows, the axis of its bars, the choices of its filters, and what its tags mean."""

    rows: list[ServiceRow]
    axis: Markup
    filters: list[tuple[str, str, str, list[tuple[str, str]]]]
    meanings: list[str]


def comparison(site: Site, offers: list[Offer], reference: dt.date) -> Comparison:
    """The services with a disclosed rate, in the order given. The bars have the scale of those that count."""
    priced = [offer for offer in offers if offer.total_pct is not None]
    scale = _scale(corridor_words.counted_offers(offers) or priced)
    held = frozenset(source.key for source in site.data.sources if source.state == "held")
    links: dict[str, str | None] = {offer.provider: None for offer in priced}
    for provider in links:
        links[provider] = site.provider_link(provider)
    rows = [_row(offer, scale, reference, links[offer.provider], offer.source in held) for offer in priced]
    meanings = _meanings(priced)
    if any(scale.cuts(offer.fee_pct, offer.margin_pct, offer.total_pct) for offer in priced):
        meanings.insert(0, _("The scale of the bars is that of the services that count; a bar with two slanted cuts is "
                             "longer than the scale, and its value stands beside it."))  # fmt: skip
    return Comparison(rows, scale.axis(), _filters(priced), meanings)


def _scale(offers: list[Offer]) -> bars.BarScale:
    totals = [offer.total_pct for offer in offers if offer.total_pct is not None]
    return bars.BarScale(totals, [offer.fee_pct for offer in offers if offer.fee_pct is not None], ident="t")


def _row(offer: Offer, scale: bars.BarScale, reference: dt.date, provider: str | None, held: bool) -> ServiceRow:
    age = (reference - offer.day).days if offer.day is not None else None
    aged = ""
    if age is not None and age >= 0:
        aged = ngettext("{n} day old", "{n} days old", age) if age else _("today")
    received = _("not shown")
    if offer.received is not None:
        received = numbers.money(offer.received, offer.receive_currency, units=True)
    return ServiceRow(
        offer=offer,
        provider=provider,
        bar=scale.bar(offer.fee_pct, offer.margin_pct, offer.total_pct),
        tags=tags(offer, age, held),
        filters={
            "type": offer.type,
            "payin": " ".join(offer.payment_codes or ("unknown",)),
            "payout": offer.pickup_code,
            "speed": offer.speed,
        },
        values=tuple(
            "" if value is None else f"{value:.6f}"
            for value in (offer.total_pct, offer.fee_pct, offer.margin_pct, offer.received)
        ),
        total=numbers.percent(offer.total_pct),
        fee=numbers.percent(offer.fee_pct) if offer.fee_pct is not None else "–",
        fee_money=numbers.money(offer.fee, offer.send_currency) if offer.fee is not None else "",
        margin=numbers.percent(offer.margin_pct) if offer.margin_pct is not None else "–",
        received=received,
        speed=wording.SPEEDS[offer.speed],
        payment=offer.payment,
        payout=pgettext("pay out", "to {pickup}", pickup=offer.pickup),
        access=offer.access,
        day=numbers.short_day(offer.day) if offer.day is not None else "–",
        age=aged,
    )


def tags(offer: Offer, age: int | None, held: bool) -> list[Tag]:
    """Membership of SmaRT and everything uncertain about a price."""
    found: list[Tag] = []
    if 1 <= offer.smart_rank <= 3:
        found.append(("smart", _("SmaRT {place}", place=numbers.count(offer.smart_rank))))
    if held:
        found.append(("warn", _("newest run held")))
    for flag in offer.flags:
        if flag in wording.CORRIDOR_FLAGS:
            continue
        if flag == "stale":
            found.append(("warn", _("stale") if age is None else ngettext("{n} day old", "{n} days old", age)))
        elif flag in wording.FLAGS:
            found.append(wording.flag_tag(flag))
        else:
            found.append(("none", wording.plain(flag)))
    if _no_fee(offer):
        found.append(wording.flag_tag("promotion_suspected"))
    return list(dict.fromkeys(found))


def _no_fee(offer: Offer) -> bool:
    return bool(offer.survey_row) and offer.fee_pct == 0 and offer.margin_pct is not None


def _meanings(priced: list[Offer]) -> list[str]:
    """What the tags in the table mean, for those that are there."""
    present = {flag for offer in priced for flag in offer.flags}
    if any(_no_fee(offer) for offer in priced):
        present.add("promotion_suspected")
    return [words for flag, words in wording.MEANINGS.items() if flag in present]


def _filters(priced: list[Offer]) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Name, label, the word for all and the choices of each filter that has something to choose between."""
    found = (
        ("type", _("Provider type"), pgettext("provider types", "All"), wording.PROVIDER_TYPES,
         (offer.type for offer in priced)),
        ("payin", _("Pay in by"), pgettext("payment instruments", "All"), wording.INSTRUMENTS,
         (code for offer in priced for code in offer.payment_codes or ("unknown",))),
        ("payout", _("Pay out to"), pgettext("pickup methods", "All"), wording.PICKUPS,
         (offer.pickup_code for offer in priced)),
        ("speed", _("Speed"), pgettext("speeds", "All"), wording.SPEEDS, (offer.speed for offer in priced)),
    )  # fmt: skip
    filters = [(name, label, every, _choices(words, codes)) for name, label, every, words, codes in found]
    return [one for one in filters if len(one[3]) > 1]


def _choices(words: Mapping[str, str], codes: Iterable[str]) -> list[tuple[str, str]]:
    present = set(codes)
    known = [(code, words[code]) for code in words if code in present]
    return known + [(code, wording.plain(code)) for code in sorted(present - set(words))]


@dataclass(frozen=True)
class Evidence:
    """The records behind the listed prices: those open, those that unfold, and the number of the first."""

    open: list[dict[str, Any]]
    more: list[dict[str, Any]]
    first: str


def evidence(offers: list[Offer]) -> Evidence | None:
    """The record of every listed price with a disclosed rate; None where there is none."""
    rows = [_record(offer) for offer in offers if offer.total_pct is not None]
    if not rows:
        return None
    return Evidence(rows[:SHOWN_EVIDENCE], rows[SHOWN_EVIDENCE:], rows[0]["quote"])


def _record(offer: Offer) -> dict[str, Any]:
    margin, check = _recomputed(offer)
    return {
        "ref": offer.ref,
        "quote": offer.quote_id,
        "row": offer.survey_row or offer.quote_id,
        "name": offer.name,
        "rate": "–" if offer.rate is None else numbers.rate(offer.rate),
        "reference": "–" if offer.reference_rate is None else numbers.rate(offer.reference_rate),
        "reference_of": "" if offer.survey_row or offer.reference_date is None
        else _("{source}, {day}", source=offer.reference_source, day=numbers.short_day(offer.reference_date)),
        "margin": "–" if offer.margin_pct is None else numbers.number(offer.margin_pct, 2),
        "recomputed": margin,
        "check": check,
        "source": offer.source,
        "quoted_at": offer.quoted_at,
        "snapshot": offer.snapshot[:12],
    }  # fmt: skip


def _recomputed(offer: Offer) -> tuple[str, str]:
    """The margin recomputed from the two rates, and whether it agrees with the one used: `agrees`, `differs`, `terms`
    (rates may not be shown) or `none`."""
    if offer.rate is None or not offer.reference_rate or offer.margin_pct is None:
        return "–", "terms" if offer.derived else "none"
    margin = (1 - offer.rate / offer.reference_rate) * 100
    return numbers.number(margin, 2), "agrees" if abs(margin - offer.margin_pct) <= AGREES else "differs"
