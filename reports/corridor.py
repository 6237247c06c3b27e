"""The page of a corridor on one basis: facts, spread, comparison of services, trend, groups, evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reports import compare, corridor_words, names, numbers, promises, trends, wording
from reports.charts import bars, svg
from reports.charts import strip as strip_chart
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.groups import group_tables
from reports.lookup import Figure, Figures, Offer, Place
from reports.site import BasisView, Site, corridor_place, render, strip

MOST_EVIDENCE = 60
"""Evidence is shown for this many services on the page; the csv has it for all."""


@dataclass(frozen=True)
class Fact:
    """A key figure. `status`: a code of `promises.STATUS`, or empty; `tag` beside the value."""

    name: str
    value: str
    text: str
    tag: str = ""
    status: str = ""
    status_words: str = ""


@dataclass(frozen=True)
class ServiceRow:
    """A row of the comparison."""

    offer: Offer
    bar: Markup
    tags: list[tuple[str, str]]
    total: str
    fee: str
    fee_money: str
    margin: str
    received: str
    speed: str
    day: str
    age: str


def render_corridor(site: Site, view: BasisView, key: str) -> str:
    """The page of `key` on the basis of `view`."""
    place, figures = corridor_place(key), view.figures
    offers = view.listed(key)
    priced = [offer for offer in offers if offer.total_pct is not None]
    counted = corridor_words.counted_offers(offers)
    earlier = compare.earlier_period(view.data, figures, site.data.as_of.date(), place)
    average = figures.get(AVERAGE, place)
    path = site.corridor_page(view, key)
    sender, receiver = wording.corridor_parts(key)
    unlisted = view.private.get(key, 0)
    headline = corridor_words.headline(key, figures, place, offers, unlisted)
    lead = corridor_words.lead(figures, place, earlier)
    first = offers[0] if offers else None
    amount = ""
    if first is not None and first.send_amount is not None:
        amount = numbers.money(first.send_amount, first.send_currency)
        amount += "" if amount == "USD 200" else " (USD 200)"
    services = numbers.counted(average.services, "service") if average else "0 services"
    if average and average.providers:
        services += f" of {numbers.counted(average.providers, 'provider')}"
    reference = site.data.as_of.date()
    if numbers.period_kind(view.data.period) != "latest":
        reference = min(reference, numbers.period_days(view.data.period)[1])
    official = _official(site, view, sender, receiver)
    scale = bars.BarScale(
        [offer.total_pct for offer in offers if offer.total_pct is not None],
        [offer.fee_pct for offer in priced if offer.fee_pct is not None],
    )
    return render(
        site,
        "corridor.html",
        path,
        title=f"{wording.corridor_name(key)}: cost of sending money, {view.data.period} · remitwatch",
        description=lead,
        strip=strip(site, view, *filter(None, (amount, services, corridor_words.asked(counted)))),
        page="corridors",
        switch=_switch(site, view, key),
        view=view,
        key=key,
        sender=names.country(sender),
        receiver=names.country(receiver),
        name=wording.corridor_name(key),
        headline=headline,
        lead=lead,
        amount=amount or "USD 200",
        notes=_notes(site, view, key, offers, average),
        facts=_facts(figures, place, counted, unlisted),
        spread=_spread(key, counted, unlisted),
        types=_types(counted),
        terms=_terms(site, offers),
        meanings=_meanings(priced),
        rows=[_row(offer, scale, reference, figures) for offer in priced],
        filters=_filters(priced),
        bar_axis=scale.axis(),
        hidden=[offer for offer in offers if offer.total_pct is None],
        larger=[offer for offer in view.listed(key, 500) if offer.total_pct is not None],
        apart=[offer for offer in view.promotions.get(key, []) if offer.tier == 200],
        trend=trends.corridor_trend(figures, place, wording.corridor_name(key), official, parts=view.parts),
        groups=group_tables(figures, place),
        others=_others(site, view, key, place),
        evidence=priced[:MOST_EVIDENCE],
        evidence_left=len(priced) - MOST_EVIDENCE,
        recomputed={offer.ref: _recomputed(offer) for offer in priced[:MOST_EVIDENCE]},
        sources=_sources(site, offers),
        downloads=_downloads(site, view, key),
        type_names=wording.PROVIDER_TYPES,
        marks={code: svg.drawn(mark) for code, mark in svg.MARKS.items()},
        statuses=promises.STATUS,
        speed_order=wording.SPEED_ORDER,
    )


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


def _official(site: Site, view: BasisView, sender: str, receiver: str) -> dict[str, Decimal]:
    """The official corridor series; only beside survey figures, which measure the same thing."""
    frame = site.data.benchmarks
    if view.basis != "survey" or not len(frame):
        return {}
    rows = frame[(frame["sender"] == sender) & (frame["receiver"] == receiver)]
    return {
        str(row.period): value
        for row in rows.itertuples(index=False)
        if (value := numbers.decimal_of(row.value)) is not None and numbers.period_kind(str(row.period)) == "quarter"
    }


def _notes(site: Site, view: BasisView, key: str, offers: list[Offer], average: Figure | None) -> list[tuple[str, str]]:
    notes = []
    if part := view.part:
        notes.append((f"{view.data.period}: {part.words}.", f"Prices are held {part.when}."))
    stale = sum(offer.stale for offer in offers)
    if stale:
        notes.append((
            f"{numbers.counted(stale, 'price')} {'is' if stale == 1 else 'are'} too old to count.",
            "The averages leave them out; the table shows them with their age.",
        ))  # fmt: skip
    if held := sum(offer.quarantined for offer in offers):
        notes.append((
            f"{numbers.counted(held, 'price')} {'is' if held == 1 else 'are'} in quarantine.",
            "The averages leave them out until a person has looked at them; the table says why.",
        ))  # fmt: skip
    if private := view.private.get(key, 0):
        notes.append(_private_note(private, average, len(corridor_words.counted_offers(offers))))
    for flag, notice in wording.CORRIDOR_FLAGS.items():
        if any(flag in offer.flags for offer in offers):
            notes.append(notice)
    late = [source for source in _sources(site, offers) if source.state in ("stale", "held", "failing")]
    if late:
        ages = [source.age_days for source in late if source.age_days]
        rest = f"No accepted answer for {numbers.counted(max(ages), 'day')}." if ages else ""
        notes.append((f"{_and([source.name for source in late])} {'is' if len(late) == 1 else 'are'} late.", rest))
    return notes


def _private_note(private: int, average: Figure | None, listed: int) -> tuple[str, str]:
    """That private prices stand behind the corridor's figures: how many, and that none is listed."""
    prices = f"{numbers.counted(private, 'price')} {'was' if private == 1 else 'were'} handed in privately"
    rule = "Such prices are in averages of three such providers or more, in no breakdown, and are not listed."
    if average is None or average.value is None:
        return f"{prices}.", rule
    services = numbers.counted(average.services, "service")
    return f"{prices}.", f"The average is of {services}: {listed} listed and {private} private. {rule}"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _terms(site: Site, offers: list[Offer]) -> str:
    """Which sources allow percentages only, in a sentence; empty where all may be shown in full."""
    names = sorted({offer.source for offer in offers if offer.derived})
    if not names:
        return ""
    known = [source.name if (source := site.source(name)) else name for name in names]
    return (
        f"{_and(known)} {'allows' if len(known) == 1 else 'allow'} percentages only: amounts and rates are not shown."
    )


def _sources(site: Site, offers: list[Offer]) -> list[Any]:
    used = {offer.source for offer in offers}
    return [source for source in site.data.sources if source.key in used]


def _facts(figures: Figures, place: Place, counted: list[Offer], private: int) -> list[Fact]:
    facts = [_smart_fact(figures.get(SMART, place), counted, private)]
    average, fee, margin = (figures.get(code, place) for code in (AVERAGE, FEE, MARGIN))
    if average is not None and average.value is not None:
        parts = numbers.counted(average.services, "service")
        parts += f", {private} of them private" if private else ""
        if fee is not None and margin is not None and fee.value is not None and margin.value is not None:
            parts += f": {numbers.number(fee.value)} points fee, {numbers.number(margin.value)} margin"
        facts.append(Fact("Average, USD 200", numbers.percent(average.value), parts))
    else:
        facts.append(Fact("Average, USD 200", "–", _why(average), tag="No figure"))
    large = figures.get(AVERAGE, place, 500)
    if large is not None and large.value is not None:
        facts.append(Fact("Average, USD 500", numbers.percent(large.value), numbers.counted(large.services, "service")))
    if counted:
        cheapest = counted[0]
        facts.append(
            Fact(
                "Cheapest listed" if private else "Cheapest",
                numbers.percent(cheapest.total_pct),
                f"{cheapest.name}, {_lower(cheapest.payment)} to {cheapest.pickup}",
            )
        )
        within = sum(offer.speed == "within_hour" for offer in counted)
        unknown = sum(offer.speed == "unknown" for offer in counted)
        text = "listed services that pay out within one hour"
        if unknown:
            text += f"; {numbers.count(unknown)} do not state a speed"
        facts.append(Fact("Paid out within one hour", f"{within} of {len(counted)}", text))
    return facts


def _smart_fact(smart: Figure | None, counted: list[Offer], private: int) -> Fact:
    name = "Three cheapest (SmaRT)"
    if smart is None or smart.value is None:
        withheld = smart is not None and "private_suppressed" in smart.flags
        text = wording.ABSENT["private_suppressed"] if withheld else "no service qualifies"
        return Fact(name, "–", text, status="not_assessable", status_words="Not assessable")
    unlisted = _unlisted_slots(smart, counted) if private else ""
    if smart.thin:
        text = "fewer than three services qualify: shown, not judged against the 5% ceiling" + unlisted
        return Fact(name, numbers.percent(smart.value), text, status="not_assessable", status_words="Not assessable")
    if smart.value <= 5:
        words, status = "Met: at or under 5%", "met"
    else:
        words, status = "Above the 5% ceiling", "not_met"
    text = "mean of the three cheapest services" + unlisted
    if "speed_unknown" in smart.flags:
        text += "; some do not state a speed"
    return Fact(name, numbers.percent(smart.value), text, status=status, status_words=words)


def _unlisted_slots(smart: Figure, counted: list[Offer]) -> str:
    """How many of the services behind SmaRT are private, in words."""
    slots = min(smart.services, 3)
    private = slots - sum(1 <= offer.smart_rank <= 3 for offer in counted)
    if private <= 0:
        return ""
    if private == slots:
        return "; all of them are private prices, not listed"
    return f"; {numbers.in_words(private)} of the {numbers.in_words(slots)} " + (
        "is a private price, not listed" if private == 1 else "are private prices, not listed"
    )


def _why(figure: Figure | None) -> str:
    flags = figure.flags if figure else ()
    return next(
        (wording.ABSENT[flag] for flag in flags if flag in wording.ABSENT),
        "No service with a disclosed rate is in force.",
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _spread(key: str, counted: list[Offer], private: int) -> dict[str, Any] | None:
    if not counted:
        return None
    title, alternative = corridor_words.strip_title(key, counted, private)
    marks = [
        strip_chart.Mark(offer.name, offer.type, offer.total_pct, 1 <= offer.smart_rank <= 3)
        for offer in counted
        if offer.total_pct is not None
    ]
    return {"title": title, "svg": strip_chart.draw(marks, ident="strip", title=alternative)}


def _types(counted: list[Offer]) -> list[tuple[str, Markup]]:
    present = {offer.type for offer in counted}
    return [
        (wording.PROVIDER_TYPES[code], svg.drawn(svg.MARKS[code])) for code in wording.PROVIDER_TYPES if code in present
    ]


def _filters(priced: list[Offer]) -> dict[str, list[tuple[str, str]]]:
    types = {offer.type for offer in priced}
    pays = {offer.payment for offer in priced}
    return {
        "type": [(code, name) for code, name in wording.PROVIDER_TYPES.items() if code in types],
        "payin": [(name, name) for name in sorted(pays)],
    }


def _row(offer: Offer, scale: bars.BarScale, reference: dt.date, figures: Figures) -> ServiceRow:
    tags = []
    if 1 <= offer.smart_rank <= 3:
        tags.append(("smart", f"SmaRT {offer.smart_rank}"))
    age = (reference - offer.day).days if offer.day is not None else None
    for flag in offer.flags:
        if flag in wording.CORRIDOR_FLAGS:
            continue
        if flag == "stale":
            tags.append(("warn", f"{numbers.counted(age, 'day')} old" if age is not None else "stale"))
        elif flag in wording.FLAGS:
            tags.append(wording.flag_tag(flag))
        else:
            tags.append(("none", wording.plain(flag)))
    if _no_fee(offer):
        tags.append(wording.flag_tag("promotion_suspected"))
    return ServiceRow(
        offer=offer,
        bar=scale.bar(offer.fee_pct, offer.margin_pct, offer.total_pct),
        tags=list(dict.fromkeys(tags)),
        total=numbers.percent(offer.total_pct),
        fee=numbers.percent(offer.fee_pct) if offer.fee_pct is not None else "–",
        fee_money=numbers.money(offer.fee, offer.send_currency) if offer.fee is not None else "",
        margin=numbers.percent(offer.margin_pct) if offer.margin_pct is not None else "–",
        received=numbers.money(offer.received, offer.receive_currency, units=True)
        if offer.received is not None
        else "not shown",
        speed=wording.SPEEDS[offer.speed],
        day=numbers.short_day(offer.day) if offer.day is not None else "–",
        age=(f"{numbers.counted(age, 'day')} old" if age else "today") if age is not None and age >= 0 else "",
    )


def _no_fee(offer: Offer) -> bool:
    return bool(offer.survey_row) and offer.fee_pct == 0 and offer.margin_pct is not None


def _meanings(priced: list[Offer]) -> list[str]:
    """What the tags in the table mean, for those that are there."""
    present = {flag for offer in priced for flag in offer.flags}
    if any(_no_fee(offer) for offer in priced):
        present.add("promotion_suspected")
    return [words for flag, words in wording.MEANINGS.items() if flag in present]


def _recomputed(offer: Offer) -> tuple[str, str]:
    """The margin recomputed from the two rates, and whether it agrees with the one used (0.01 points)."""
    if offer.rate is None or not offer.reference_rate or offer.margin_pct is None:
        return "–", ""
    margin = (1 - offer.rate / offer.reference_rate) * 100
    agrees = abs(margin - offer.margin_pct) <= Decimal("0.011")
    return numbers.number(margin, 2), "agrees" if agrees else "differs"


def _others(site: Site, view: BasisView, key: str, place: Place) -> list[dict[str, Any]]:
    rows = []
    for other in site.views:
        figure, smart = other.figures.get(AVERAGE, place), other.figures.get(SMART, place)
        held = key in other.paged
        rows.append({
            "name": wording.basis_name(other.basis),
            "href": "../" + site.corridor_page(other, key) if held else None,
            "me": other is view,
            "period": other.data.period if held else "–",
            "value": None if figure is None or figure.value is None else numbers.percent(figure.value),
            "smart": "–" if smart is None or smart.value is None else numbers.percent(smart.value),
            "smart_tag": "not judged" if smart is not None and smart.value is not None and smart.thin else "",
            "services": figure.services if figure else 0,
        })  # fmt: skip
    return rows


def _downloads(site: Site, view: BasisView, key: str) -> list[tuple[str, str, str]]:
    found = [("csv/services.csv", "Services behind the figures, all corridors", "CSV"),
             ("csv/history.csv", "Indicators over time", "CSV")]  # fmt: skip
    for kind in ("svg", "png"):
        path = f"figures/{key}-{view.basis}.{kind}"
        if path in site.figure_files:
            found.append((path, "Figure: the corridor over time", kind.upper()))
    return found
