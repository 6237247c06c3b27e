"""The headline and lead of a corridor's page, written from its listed services and figures."""

from __future__ import annotations

from decimal import Decimal

from reports import compare, held, numbers, wording
from reports.charts.strip import widest_gap
from reports.compare import Earlier
from reports.findings import AVERAGE, SMART, times_target
from reports.lookup import Figures, Offer, Place


def counted_offers(offers: list[Offer]) -> list[Offer]:
    """Those that stand behind figures: a disclosed rate, not too old, not in quarantine."""
    return [offer for offer in offers if offer.total_pct is not None and not offer.stale and not offer.quarantined]


def headline(key: str, figures: Figures, place: Place, offers: list[Offer], private: int = 0) -> str:
    """What a sender finds in this corridor, in one line. With `private` services behind the figures, which are not
    listed, it says of which services it speaks."""
    of_listed = "listed " if private else ""
    shown = sorted(offer.total_pct for offer in counted_offers(offers) if offer.total_pct is not None)
    average = figures.value(AVERAGE, place)
    if not shown and average is None:
        return f"{wording.corridor_title(key)}: no cost can be given {numbers.period_words(figures.period)}"
    if not shown:
        return f"{wording.corridor_title(key)}: sending USD 200 costs {numbers.percent(average)} on average"
    if len(shown) < 3:
        costs = " and ".join(numbers.percent(total) for total in shown)
        if len(shown) == 1:
            return f"{wording.corridor_title(key)}: only one {of_listed}service, at {costs}"
        return f"{wording.corridor_title(key)}: only two {of_listed}services, at {costs}"
    gap = widest_gap(shown)
    if gap is not None:
        cheap = [total for total in shown if total <= gap[0]]
        dear = [offer for offer in counted_offers(offers) if offer.total_pct is not None and offer.total_pct >= gap[1]]
        kinds = {offer.type for offer in dear}
        noun = _type_noun(kinds.pop(), len(dear)) if len(kinds) == 1 else ""
        verb = "costs" if len(cheap) == 1 else "cost"
        under = f"{verb} under {_ceiling(gap[0])}%" if gap[0] >= 0 else f"{verb} less than nothing"
        many = f"{numbers.in_words(len(dear))} {noun}".strip()
        some = numbers.counted_words(len(cheap), f"{of_listed}service")
        return f"{wording.corridor_title(key)}: {some} {under}, {many} over {_floor(gap[1])}%"
    low, high = shown[0], shown[-1]
    if high - low >= 3 and high >= low * 2:
        ends = f"the cheapest {of_listed}service costs {numbers.percent(low)}, the dearest {numbers.percent(high)}"
        return f"{wording.corridor_title(key)}: {ends}"
    if average is None:
        return (
            f"{wording.corridor_title(key)}: {of_listed}services cost {numbers.percent(low)} to {numbers.percent(high)}"
        )
    ending = "under the 3% target" if average < 3 else times_target(average)
    return f"{wording.corridor_title(key)}: sending USD 200 costs {numbers.percent(average)} on average, {ending}"


_PROVIDER_NOUNS = {
    "bank": "bank service",
    "money_transfer_operator": "money transfer operator",
    "mobile_operator": "mobile operator",
    "post_office": "post office",
    "non_bank_fi": "non-bank institution",
    "credit_union": "credit union",
}


def _type_noun(code: str, number: int) -> str:
    noun = _PROVIDER_NOUNS.get(code, "service")
    return noun if number == 1 else noun + "s"


def _ceiling(value: Decimal) -> int:
    return int(value) + 1


def _floor(value: Decimal) -> int:
    whole = int(value)
    return whole - 1 if value == whole else whole


def lead(figures: Figures, place: Place, earlier: Earlier | None) -> str:
    """Average with its change, and the three cheapest against the ceiling."""
    average, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
    sentences = []
    if average is not None and average.value is not None:
        before = figures.at(AVERAGE, earlier.period, place) if earlier else None
        since = compare.versus(average.value, before.value if before else None, earlier)
        behind = (
            "the only service" if average.services == 1 else f"{numbers.counted_words(average.services, 'service')}"
        )
        sentences.append(
            f"The average of {behind} is {numbers.percent(average.value)}{', ' + since if since else ''}."
            if average.services != 1
            else f"The only service costs {numbers.percent(average.value)}{', ' + since if since else ''}."
        )
    else:
        sentences.append("No service with a disclosed rate is in force, so there is no average.")
    if smart is not None and smart.value is not None:
        if smart.thin:
            sentences.append("Fewer than three services qualify, so the 5% ceiling is not judged.")
        elif smart.value <= 5:
            sentences.append(f"The three cheapest average {numbers.percent(smart.value)}, inside the 5% ceiling.")
        else:
            sentences.append(f"Even the three cheapest average {numbers.percent(smart.value)}, above the 5% ceiling.")
    return " ".join(sentences)


def strip_title(key: str, offers: list[Offer], private: int = 0) -> tuple[str, str]:
    """Title and text alternative of the strip."""
    shown = counted_offers(offers)
    totals = sorted(offer.total_pct for offer in shown if offer.total_pct is not None)
    gap = widest_gap(totals)
    low, high = totals[0], totals[-1]
    below3, below5 = sum(total < 3 for total in totals), sum(total <= 5 for total in totals)
    if gap is not None:
        title = f"Nothing{' listed' if private else ''} between "
        title += f"{numbers.percent(gap[0], 0)} and {numbers.percent(gap[1], 0)}"
    elif len(totals) == 1:
        title = f"One service, at {numbers.percent(low)}"
    else:
        title = f"{_share(below5, len(totals), 'listed service' if private else 'service')} 5% or less"
        if below3:
            title += f"; {numbers.in_words(below3)} {'is' if below3 == 1 else 'are'} under 3%"
    names_ = "; ".join(f"{offer.name[:40]} {numbers.percent(offer.total_pct)}" for offer in shown[:3])
    alternative = (
        f"Strip chart of {numbers.counted_words(len(totals), 'service')}: {numbers.percent(low)} to "
        f"{numbers.percent(high)}; {below3} under 3%, {below5} at or under 5%. Cheapest: {names_}."
    )
    return title, alternative


def _share(part: int, whole: int, noun: str) -> str:
    """`Ten of 21 services cost`, `All eight services cost`, `None of eight services costs`."""
    services = numbers.counted_words(whole, noun)
    if part == whole:
        return f"All {services} cost"
    if part == 0:
        return f"None of {services} costs"
    words = numbers.in_words(part)
    return f"{words[0].upper()}{words[1:]} of {services} {'costs' if part == 1 else 'cost'}"


def asked(offers: list[Offer]) -> str:
    """`Asked 18 to 27 August 2025`, `Asked on 19 August 2025`, or nothing."""
    days = sorted({offer.day for offer in offers if offer.day is not None})
    if not days:
        return ""
    return f"Asked {held.span(days[0], days[-1])}"
