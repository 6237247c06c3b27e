"""The key findings of an overview, written from its figures, in the order of the World Bank's quarterly report.

Average, SmaRT, weighted average, digital, operators, regions and types, shares of corridors, larger amounts, caveats.

Pattern: direction or state, size, comparison, caveat. Sentences under 25 words; no causes beyond the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports import compare, movers, names, numbers, wording
from reports.compare import Earlier
from reports.findings import (
    AVERAGE,
    FEE,
    LEAST_COVERAGE,
    MARGIN,
    SMART,
    WEIGHTED,
    corridors_held,
    covers_world,
    ratio_to_target,
    smart_count,
)
from reports.inputs import BasisInput
from reports.language import N_, Words, _, ngettext, pgettext
from reports.lookup import WORLD, Figures, Place


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


def key_findings(
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
        strong = _(
            "The average in {corridors} is {value}.", corridors=corridors_held(figures), value=numbers.percent(value)
        )
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
    code, times = ("under", "") if value < 3 else ratio_to_target(value)
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
    if data.coverage is not None and data.coverage < LEAST_COVERAGE:
        strong = _("An average weighted by what migrants send says little here.")
        return Finding(strong, _covered(data.coverage), "indicators")
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
        sentences.append(_covered(data.coverage))
    strong = _("Weighted by what migrants send, the average is {value}.", value=numbers.percent(weighted))
    return Finding(strong, " ".join(sentences), "indicators")


def _covered(coverage: Decimal) -> str:
    """Of how much of the flows known the weighted average speaks."""
    if coverage < Decimal("0.1"):
        return _(
            "The corridors with prices carry under {share} of the flows known.", share=numbers.percent(Decimal("0.1"))
        )
    return _("The corridors with prices carry {share} of the flows known.", share=numbers.percent(coverage))


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
    figure, average = figures.get("mto_index_international"), figures.get(AVERAGE)
    if figure is None or figure.value is None or average is None:
        return None
    strong = _("International money transfer operators cost {value} on average.", value=numbers.percent(figure.value))
    behind = ngettext(
        "{n} operator is present in 85% of the {corridors} corridors or more.",
        "{n} operators are present in 85% of the {corridors} corridors or more.",
        figure.providers,
        corridors=numbers.count(average.corridors),
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
    elif not (cheap := int(numbers.rounded(below.value * total / 100, 0))):
        strong = ngettext(
            "The one corridor does not cost less than 5% on average.",
            "None of {n} corridors costs less than 5% on average.",
            total,
        )
    else:
        strong = ngettext(
            "{n} of {whole} corridors costs less than 5% on average.",
            "{n} of {whole} corridors cost less than 5% on average.",
            cheap,
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
