"""The headline and the key findings of an overview, written from its figures.

Pattern: direction or state, size, comparison, caveat. Sentences under 25 words; no causes beyond the data. The order is
that of the World Bank's quarterly report: average, SmaRT, weighted average, digital, operators, regions and types,
shares of corridors, larger amounts, caveats.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports import compare, movers, names, numbers, wording
from reports.compare import Earlier
from reports.held import Part
from reports.inputs import BasisInput
from reports.language import N_, Words, _, ngettext, pgettext
from reports.lookup import WORLD, Figure, Figures, Place

AVERAGE, FEE, MARGIN, SMART = "average_total_cost", "average_fee", "average_fx_margin", "smart"
WEIGHTED = "weighted_average"
_PERIOD = re.compile(r"\d{4}(?:-(?:Q[1-4]|W\d{2}|\d{2}(?:-\d{2})?))?")
WORLD_CORRIDORS = 200
"""With fewer surveyed corridors than this, an average is of "these corridors", never of the world."""


@dataclass(frozen=True)
class Finding:
    """A statement in bold and the sentences that belong to it, each whole. `where`: the part of the page that shows its
    figures (the id of a section)."""

    strong: str
    rest: str
    where: str

    @property
    def text(self) -> str:
        """Both as one text."""
        return f"{self.strong} {self.rest}".strip()


@dataclass(frozen=True)
class SmartCount:
    """How the corridors stand against the 5 % ceiling of their three cheapest services. `thin`: those not judged, of
    which `none` without any service that qualifies."""

    within: int
    above: int
    thin: int
    none: int = 0

    @property
    def assessed(self) -> int:
        """Corridors with three qualifying services at least."""
        return self.within + self.above


def covers_world(data: BasisInput, figures: Figures) -> bool:
    """Whether the average may be called the world's: a survey of many corridors."""
    figure = figures.get(AVERAGE)
    return data.basis == "survey" and figure is not None and figure.corridors >= WORLD_CORRIDORS


def smart_count(figures: Figures) -> SmartCount:
    """Counts over the corridors of the period. At most 5 % is within; fewer than three services is not assessed."""
    within = above = thin = none = 0
    for place in figures.places("corridor", SMART):
        figure = figures.get(SMART, place)
        if figure is None or figure.value is None or figure.thin:
            thin += 1
            none += figure is not None and "no_qualifying_service" in figure.flags
        elif figure.value <= 5:
            within += 1
        else:
            above += 1
    return SmartCount(within, above, thin, none)


def _ratio(value: Decimal) -> tuple[str, str]:
    """How a value of 3 % or more compares with the target: a code of the messages below, and how many times it is."""
    for limit in (4, 3):
        if value > 3 * limit:
            return "times", numbers.in_words(limit)
    if value > 6:
        return "twice", ""
    return ("nearly", "") if value / 3 >= Decimal("1.8") else ("above", "")


_TIMES_TARGET = Words({
    "times": N_("more than {times} times the 3% target"),
    "twice": N_("more than twice the 3% target"),
    "nearly": N_("nearly twice the 3% target"),
    "above": N_("above the 3% target"),
})  # fmt: skip


def times_target(value: Decimal) -> str:
    """How a value of 3 % or more compares with the target: `more than twice the 3% target`."""
    code, times = _ratio(value)
    return _TIMES_TARGET[code].format(times=times)


def window_of(target: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """First and last period of the window a pace was measured over: given as a pair or as `A to B, so many years`."""
    given = (target.get("window") if target else None) or ""
    found = _PERIOD.findall(given if isinstance(given, str) else " to ".join(map(str, given)))
    return (found[0], found[1]) if len(found) >= 2 else None


def window_days(target: Mapping[str, Any] | None, days: Sequence[dt.date] = ()) -> int:
    """How many days that window spans; 0 without one. With the `days` that have prices: from the first to the last of
    them in it, because a quarter of which one week is held is no quarter."""
    window = window_of(target)
    if window is None:
        return 0
    start, end = numbers.period_days(window[0])[0], numbers.period_days(window[1])[1]
    within = [day for day in days if start <= day <= end] or [start, end]
    return (max(within) - min(within)).days + 1


def long_pace(target: Mapping[str, Any] | None) -> bool:
    """Whether a landing year may be named: the pace rests on two years at least (and is sound, see `promises`)."""
    return target is not None and bool(target.get("projected_year")) and window_days(target) >= 700


def headline(
    data: BasisInput,
    figures: Figures,
    earlier: Earlier | None,
    target: Mapping[str, Any] | None,
    *,
    part: Part | None = None,
    all_held: bool = False,
) -> str:
    """What happened, in one line. `part`: of the period shown, where it is not held whole. `all_held`: it speaks of
    more corridors than there are pages, and says so."""
    words = _headline(data, figures, earlier, target, part)
    if not all_held:
        return words
    figure = figures.get(AVERAGE)
    return ngettext(
        "The only corridor held: {headline}",
        "All {n} corridors held: {headline}",
        figure.corridors if figure else 0,
        headline=words,
    )


_HEADLINES = {
    "plain": Words({
        "under": N_("Sending USD 200 costs {value} on average, under the 3% target"),
        "down": N_("Sending USD 200 costs {value} on average, down from {before} {when}"),
        "up": N_("Sending USD 200 costs {value} on average, up from {before} {when}"),
        "times": N_("Sending USD 200 costs {value} on average, more than {times} times the 3% target"),
        "twice": N_("Sending USD 200 costs {value} on average, more than twice the 3% target"),
        "nearly": N_("Sending USD 200 costs {value} on average, nearly twice the 3% target"),
        "above": N_("Sending USD 200 costs {value} on average, above the 3% target"),
    }),
    "day": Words({
        "under": N_("On {day} sending USD 200 cost {value} on average, under the 3% target"),
        "down": N_("On {day} sending USD 200 cost {value} on average, down from {before} {when}"),
        "up": N_("On {day} sending USD 200 cost {value} on average, up from {before} {when}"),
        "times": N_("On {day} sending USD 200 cost {value} on average, more than {times} times the 3% target"),
        "twice": N_("On {day} sending USD 200 cost {value} on average, more than twice the 3% target"),
        "nearly": N_("On {day} sending USD 200 cost {value} on average, nearly twice the 3% target"),
        "above": N_("On {day} sending USD 200 cost {value} on average, above the 3% target"),
    }),
    "open": Words({
        "under": N_("Sending USD 200 costs {value} on average so far, under the 3% target"),
        "down": N_("Sending USD 200 costs {value} on average so far, down from {before} {when}"),
        "up": N_("Sending USD 200 costs {value} on average so far, up from {before} {when}"),
        "times": N_("Sending USD 200 costs {value} on average so far, more than {times} times the 3% target"),
        "twice": N_("Sending USD 200 costs {value} on average so far, more than twice the 3% target"),
        "nearly": N_("Sending USD 200 costs {value} on average so far, nearly twice the 3% target"),
        "above": N_("Sending USD 200 costs {value} on average so far, above the 3% target"),
    }),
}  # fmt: skip


def _headline(
    data: BasisInput, figures: Figures, earlier: Earlier | None, target: Mapping[str, Any] | None, part: Part | None
) -> str:
    value = figures.value(AVERAGE)
    if value is None:
        return _("No average cost is held {when}", when=numbers.period_words(data.period))
    if target is not None and long_pace(target) and target.get("status") in ("improving", "on_track"):
        return _landing(data, figures, int(target["projected_year"]), int(target["deadline"]))
    words, day = _HEADLINES["plain"], ""
    if numbers.period_kind(data.period) == "day":  # other dates follow: without its own it would not be clear which is
        words, day = _HEADLINES["day"], numbers.day(numbers.period_days(data.period)[0], year=False)
    elif part is not None and part.is_open:
        words = _HEADLINES["open"]
    before = figures.at(AVERAGE, earlier.period) if earlier else None
    then = before.value if before else None
    way: str = "under" if value < 3 else "same" if then is None else compare.direction(value, then)
    times = ""
    if way in ("same", "hardly"):
        way, times = _ratio(value)
    return words[way].format(
        value=numbers.percent(value),
        day=day,
        before=numbers.percent(then),
        when=earlier.words if earlier else "",
        times=times,
    )


def _landing(data: BasisInput, figures: Figures, landing: int, deadline: int) -> str:
    """The year in which the pace so far meets the target, against the deadline."""
    late = landing > deadline
    if covers_world(data, figures):
        if late:
            return _(
                "At this pace the 3% target is met in {landing}, not {deadline}", landing=landing, deadline=deadline
            )
        return _("At this pace the 3% target is met by {landing}, within the deadline", landing=landing)
    figure = figures.get(AVERAGE)
    corridors = figure.corridors if figure else 0
    if late:
        return ngettext(
            "At this pace this corridor meets the 3% target in {landing}, not {deadline}",
            "At this pace these {n} corridors meet the 3% target in {landing}, not {deadline}",
            corridors,
            landing=landing,
            deadline=deadline,
        )
    return ngettext(
        "At this pace this corridor meets the 3% target by {landing}, within the deadline",
        "At this pace these {n} corridors meet the 3% target by {landing}, within the deadline",
        corridors,
        landing=landing,
    )


def services_in_corridors(figure: Figure | None) -> str:
    """`4,157 services in 285 corridors`."""
    services, corridors = (figure.services, figure.corridors) if figure else (0, 0)
    inside = ngettext("{n} corridor", "{n} corridors", corridors)
    return ngettext("{n} service in {corridors}", "{n} services in {corridors}", services, corridors=inside)


def lead(data: BasisInput, figures: Figures, *, part: Part | None = None, pages: int | None = None) -> str:
    """The sentences under the headline: what a transfer costs in money, and on what it rests. `pages`: for how many
    corridors there is a page, where not for all."""
    figure = figures.get(AVERAGE)
    if figure is None or figure.value is None:
        why = next((wording.ABSENT[flag] for flag in (figure.flags if figure else ()) if flag in wording.ABSENT), None)
        return why or _("No service with a disclosed rate is in force for this period.")
    sentences = [
        _(
            "Sending USD 200 cost {money} on average {when}, over {behind}.",
            money=numbers.money(figure.value * 2, "USD"),
            when=numbers.period_words(data.period),
            behind=services_in_corridors(figure),
        )
    ]
    if part is not None:
        sentences.append(_("Prices are held for {part}, {when}.", part=part.words, when=part.when))
    smart = smart_count(figures)
    if smart.assessed:
        sentences.append(
            ngettext(
                "In {within} of {n} assessed corridor, the three cheapest services average 5% or less.",
                "In {within} of {n} assessed corridors, the three cheapest services average 5% or less.",
                smart.assessed,
                within=numbers.count(smart.within),
            )
        )
    if pages is not None:
        sentences.append(
            ngettext(
                "These figures are of all corridors held; {n} corridor has a page here.",
                "These figures are of all corridors held; {n} corridors have a page here.",
                pages,
            )
        )
    return " ".join(sentences)


def findings(
    data: BasisInput, figures: Figures, earlier: Earlier | None, undisclosed: int, caveats: Sequence[str] = ()
) -> list[Finding]:
    """The findings, most important first; the last one is the caveat. `caveats`: further sentences of it."""
    makers = (_average, _parts, _smart, _weighted, _digital, _operators, _regions, _types, _shares, _larger)
    made = [finding for maker in makers if (finding := maker(data, figures, earlier)) is not None]
    return [*made, _caveat(data, figures, undisclosed, caveats)]


_IT_WAS = Words({
    "same": N_("It was the same {when}."),
    "hardly": N_("It hardly changed from {before} {when}."),
    "down": N_("It fell from {before} {when}."),
    "up": N_("It rose from {before} {when}."),
})  # fmt: skip
_IT_IS = Words({
    "under": N_("It is under the 3% target."),
    "times": N_("It is more than {times} times the 3% target."),
    "twice": N_("It is more than twice the 3% target."),
    "nearly": N_("It is nearly twice the 3% target."),
    "above": N_("It is above the 3% target."),
})  # fmt: skip


def _average(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    value = figures.value(AVERAGE)
    if value is None:
        return None
    if covers_world(data, figures):
        strong = _("The world average is {value}.", value=numbers.percent(value))
    else:
        strong = _("The average is {value}.", value=numbers.percent(value))
    sentences = []
    before = figures.at(AVERAGE, earlier.period) if earlier else None
    if earlier is not None and before is not None and before.value is not None:
        way = compare.direction(value, before.value)
        sentences.append(_IT_WAS[way].format(before=numbers.percent(before.value), when=earlier.words))
        held = figures.steady(AVERAGE)
        if len(held) > 2 and held[0].period != earlier.period and not earlier.part:
            year = not data.period.startswith(held[0].period[:4])
            when = compare.at(held[0].period, year=year)
            sentences.append(_("The oldest comparable figure is {value}, {when}.", value=numbers.percent(held[0].value),
                               when=when))  # fmt: skip
    elif why := compare.untold(data, figures):
        sentences.append(why)
    code, times = ("under", "") if value < 3 else _ratio(value)
    return Finding(strong, " ".join([*sentences, _IT_IS[code].format(times=times)]), "indicators")


_MOVED = Words({
    "fell fell": N_("Fees and exchange-rate margin both fell."),
    "fell rose": N_("Fees fell, the exchange-rate margin rose."),
    "fell unchanged": N_("Fees fell, the exchange-rate margin did not."),
    "rose fell": N_("Fees rose, the exchange-rate margin fell."),
    "rose rose": N_("Fees and exchange-rate margin both rose."),
    "rose unchanged": N_("Fees rose, the exchange-rate margin did not."),
    "unchanged fell": N_("The exchange-rate margin fell, fees did not."),
    "unchanged rose": N_("The exchange-rate margin rose, fees did not."),
    "unchanged unchanged": N_("Fees and exchange-rate margin are both unchanged."),
})  # fmt: skip


def _parts(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    value, fee, margin = figures.value(AVERAGE), figures.value(FEE), figures.value(MARGIN)
    if value is None or fee is None or margin is None or value <= 0:
        return None
    sizes = {"fee": numbers.number(fee), "margin": numbers.number(margin)}
    if margin < 0:
        return Finding(
            _("The exchange rate makes transfers cheaper."),
            _("Fees are {fee} points, the margin {margin}: rates are better than interbank.", **sizes),
            "indicators",
        )
    hidden = _("The margin, the hidden part, is {share} of the cost.", share=numbers.share_in_words(margin, value))
    fees, margins = (compare.difference(figures, code, earlier) for code in (FEE, MARGIN))
    if fees is None or margins is None or earlier is None:
        are = _("Fees are {fee} points, the exchange-rate margin {margin}.", **sizes)
        return Finding(hidden, are, "indicators")
    return Finding(
        _MOVED[f"{compare.moved(fees)} {compare.moved(margins)}"],
        _(
            "Fees are {fee} points ({fee_change}), the margin {margin} ({margin_change}), against {when}.",
            **sizes,
            fee_change=numbers.change(fees),
            margin_change=numbers.change(margins),
            when=compare.noun(earlier.period),
        )
        + _behind(data, earlier)
        + f" {hidden}",
        "indicators",
    )


def _behind(data: BasisInput, earlier: Earlier) -> str:
    """What lies behind the change of the average, with a space before it; empty where that is not told."""
    move = movers.world_move(data, earlier.period)
    if move is None or move.fee is None or move.margin is None:
        return ""
    same, others = numbers.change(move.fee + move.margin), numbers.change(move.others)
    return " " + _(
        "Services quoted both times moved it {same} points, those that came or left {others}.", same=same, others=others
    )


def _smart(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    count, mean = smart_count(figures), figures.get(SMART)
    if count.assessed + count.thin == 0:
        return None
    sentences: list[str] = []
    if not count.assessed:
        strong = _("The 5% ceiling cannot be judged: no corridor has three services that qualify.")
    else:
        whole = numbers.count(count.assessed)
        if count.above:
            strong = ngettext(
                "{n} of {whole} corridors breaks the 5% ceiling.",
                "{n} of {whole} corridors break the 5% ceiling.",
                count.above,
                whole=whole,
            )
        else:
            strong = ngettext(
                "The assessed corridor keeps the 5% ceiling.",
                "All {n} assessed corridors keep the 5% ceiling.",
                count.assessed,
            )
        if mean is not None and mean.value is not None:
            told = _("The three cheapest services (SmaRT) average {value} over the corridors.",
                     value=numbers.percent(mean.value))  # fmt: skip
            sentences.append(told)
    if few := count.thin - count.none:
        sentences.append(
            ngettext(
                "{n} corridor has fewer than three services that qualify and is not judged.",
                "{n} corridors have fewer than three services that qualify and are not judged.",
                few,
            )
        )
    if count.none:
        sentences.append(
            ngettext(
                "{n} corridor has no service that qualifies.",
                "{n} corridors have no service that qualifies.",
                count.none,
            )
        )
    return Finding(strong, " ".join(sentences), "ranking")


def _weighted(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    weighted, simple = figures.value(WEIGHTED), figures.value(AVERAGE)
    if weighted is None:
        return None
    sentences = []
    if simple is not None:
        way, apart = compare.direction(weighted, simple), numbers.number(abs(weighted - simple))
        if way == "down":
            sentences.append(_("That is {points} points less than the simple average.", points=apart))
        elif way == "up":
            sentences.append(_("That is {points} points more than the simple average.", points=apart))
        else:
            sentences.append(_("The simple average is the same."))
    if data.coverage is not None:
        sentences.append(_("The corridors with prices carry {share} of the flows known.",
                           share=numbers.percent(data.coverage)))  # fmt: skip
    strong = _("Weighted by what migrants send, the average is {value}.", value=numbers.percent(weighted))
    return Finding(strong, " ".join(sentences), "indicators")


def _digital(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    digital, other = figures.get("digital_index"), figures.get("non_digital_index")
    if digital is None or other is None or digital.value is None or other.value is None:
        return None
    values = {"digital": numbers.percent(digital.value), "other": numbers.percent(other.value)}
    way = compare.direction(digital.value, other.value)
    if way == "down":
        strong = _("Digital services are cheaper: {digital} against {other} for all others.", **values)
    elif way == "up":
        strong = _("Digital services are dearer: {digital} against {other} for all others.", **values)
    else:
        strong = _("Digital services cost {digital}, all others {other}.", **values)
    means = ngettext(
        "Digital is paid for and received without cash, with no agent: {n} service.",
        "Digital is paid for and received without cash, with no agent: {n} services.",
        digital.services,
    )
    return Finding(strong, means, "indicators")


def _operators(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    figure = figures.get("mto_index_international")
    if figure is None or figure.value is None:
        return None
    strong = _("International money transfer operators cost {value} on average.", value=numbers.percent(figure.value))
    behind = ngettext(
        "{n} operator is present in 85% of the corridors or more.",
        "{n} operators are present in 85% of the corridors or more.",
        figure.providers,
    )
    return Finding(strong, behind, "indicators")


def _regions(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    found = sorted(
        (figure.value, place[1])
        for place in figures.places("region")
        if (figure := figures.get(AVERAGE, place)) and figure.value is not None and figure.services >= 3
    )
    if len(found) < 2:
        return None
    (low, cheap), (high, dear) = found[0], found[-1]
    return Finding(
        _(
            "The dearest region to send to is {region}: {value}.",
            region=names.region(dear),
            value=numbers.percent(high),
        ),
        _("The cheapest is {region}: {value}.", region=names.region(cheap), value=numbers.percent(low)),
        "regions",
    )


def _types(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    found = sorted(
        (figure.value, group)
        for group, figure in figures.groups.get((AVERAGE, WORLD, 200, "provider_type"), ())
        if figure.value is not None and figure.services >= 3 and group != "unknown"
    )
    if len(found) < 2:
        return None
    (low, cheap), (high, dear) = found[0], found[-1]
    types = wording.PROVIDER_TYPES
    return Finding(
        _("The dearest type of provider is “{type}”: {value}.", type=types[dear], value=numbers.percent(high)),
        _("The cheapest is “{type}”: {value}.", type=types[cheap], value=numbers.percent(low)),
        "groups",
    )


def _larger(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    small, large = figures.value(AVERAGE), figures.value(AVERAGE, amount=500)
    if small is None or large is None:
        return None
    if small - large >= compare.UNCHANGED:
        strong = _("Larger amounts are cheaper.")
    elif large - small >= compare.UNCHANGED:
        strong = _("Larger amounts are dearer.")
    else:
        strong = _("Both amounts cost the same.")
    told = _("USD 500 costs {large} on average, USD 200 {small}.", large=numbers.percent(large),
             small=numbers.percent(small))  # fmt: skip
    return Finding(strong, told, "indicators")


def ranked(figures: Figures, least_services: int = 1) -> list[Place]:
    """Corridors with an average, cheapest first."""
    found = [
        (figure.value, place)
        for place in figures.places("corridor")
        if (figure := figures.get(AVERAGE, place)) and figure.value is not None and figure.services >= least_services
    ]
    return [place for _, place in sorted(found)]


def _shares(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    places = ranked(figures, 3)
    shares = {limit: figures.get(f"share_corridors_below_{limit}") for limit in (3, 5, 7, 10)}
    below = shares[5]
    if len(places) < 2 or below is None or below.value is None:
        return None
    total = below.corridors or len(places)
    if total >= 100:
        strong = ngettext(
            "{share} of {n} corridor costs less than 5% on average.",
            "{share} of {n} corridors cost less than 5% on average.",
            total,
            share=numbers.percent(below.value),
        )
    else:
        strong = ngettext(
            "{n} of {whole} corridors costs less than 5% on average.",
            "{n} of {whole} corridors cost less than 5% on average.",
            int(numbers.rounded(below.value * total / 100, 0)),
            whole=numbers.count(total),
        )
    told = {
        f"below_{limit}": numbers.percent(one.value) for limit, one in shares.items() if one and one.value is not None
    }
    sentences = []
    if len(told) == len(shares):
        sentences.append(
            _("Below 3% are {below_3} of the corridors, below 7% {below_7}, below 10% {below_10}.", **told)
        )
    first, last = places[0], places[-1]
    sentences.append(_("Dearest is {corridor}: {value}.", **_corridor(figures, last)))
    sentences.append(_("Cheapest is {corridor}: {value}.", **_corridor(figures, first)))
    return Finding(strong, " ".join(sentences), "ranking")


def _corridor(figures: Figures, place: Place) -> dict[str, str]:
    name = wording.corridor_title(f"{place[1]}-{place[2]}")
    return {"corridor": name, "value": numbers.percent(figures.value(AVERAGE, place))}


def _caveat(data: BasisInput, figures: Figures, undisclosed: int, caveats: Sequence[str]) -> Finding:
    sentences = []
    figure = figures.get(AVERAGE)
    if figure is not None and not covers_world(data, figures):
        sentences.append(
            ngettext(
                "The average is of {n} corridor, not of the world.",
                "The average is of {n} corridors, not of the world.",
                figure.corridors,
            )
        )
    if data.basis == "survey" and covers_world(data, figures):
        sentences.append(_("Senders in Russia are left out of the world average by the method."))
    if undisclosed:
        sentences.append(
            ngettext(
                "{n} service does not disclose the rate and is in no average.",
                "{n} services do not disclose the rate and are in no average.",
                undisclosed,
            )
        )
    if data.basis == "estimate":
        sentences.append(_("These prices are stated by a comparison source, not by the providers."))
    sentences.extend(caveats)
    plain = _("An average describes no single service; look at the corridor before choosing.")
    return Finding(pgettext("finding", "Read with care."), " ".join(sentences) or plain, "missing")
