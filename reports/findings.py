"""The headline and the key findings of an overview, written from its figures.

Pattern: direction or state, size, comparison, caveat. Sentences under 25 words; no causes beyond the data.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports import compare, numbers, wording
from reports.compare import Earlier
from reports.held import Part
from reports.inputs import BasisInput
from reports.lookup import Figures, Place

AVERAGE, FEE, MARGIN, SMART = "average_total_cost", "average_fee", "average_fx_margin", "smart"
_PERIOD = re.compile(r"\d{4}(?:-(?:Q[1-4]|W\d{2}|\d{2}(?:-\d{2})?))?")
WORLD_CORRIDORS = 200
"""With fewer surveyed corridors than this, an average is of "these corridors", never of the world."""


@dataclass(frozen=True)
class Finding:
    """One sentence pair: the bold statement, and what belongs to it."""

    strong: str
    rest: str


@dataclass(frozen=True)
class SmartCount:
    """How the corridors stand against the 5 % ceiling of their three cheapest services."""

    within: int
    above: int
    thin: int

    @property
    def assessed(self) -> int:
        """Corridors with three qualifying services at least."""
        return self.within + self.above


def covers_world(data: BasisInput, figures: Figures) -> bool:
    """Whether the average may be called the world's: a survey of many corridors."""
    figure = figures.get(AVERAGE)
    return data.basis == "survey" and figure is not None and figure.corridors >= WORLD_CORRIDORS


def where(data: BasisInput, figures: Figures) -> str:
    """`across the world`, or `in these 12 corridors`."""
    figure = figures.get(AVERAGE)
    if covers_world(data, figures):
        return "across the world"
    corridors = figure.corridors if figure else 0
    return "in this corridor" if corridors == 1 else f"in these {numbers.count(corridors)} corridors"


def smart_count(figures: Figures) -> SmartCount:
    """Counts over the corridors of the period. At most 5 % is within; fewer than three services is not assessed."""
    within = above = thin = 0
    for place in figures.places("corridor", SMART):
        figure = figures.get(SMART, place)
        if figure is None or figure.value is None or figure.thin:
            thin += 1
        elif figure.value <= 5:
            within += 1
        else:
            above += 1
    return SmartCount(within, above, thin)


def times_target(value: Decimal, target: Decimal = Decimal(3)) -> str:
    """How a value above the target compares with it: `more than twice the target`."""
    ratio = value / target
    for limit, words in ((4, "four times"), (3, "three times"), (2, "twice")):
        if ratio > limit:
            return f"more than {words} the {numbers.number(target, 0)}% target"
    if ratio >= Decimal("1.8"):
        return f"nearly twice the {numbers.number(target, 0)}% target"
    return f"above the {numbers.number(target, 0)}% target"


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
    corridors = numbers.counted(figure.corridors if figure else 0, "corridor")
    return f"All {corridors} held: {words[0].lower()}{words[1:]}"


def _headline(
    data: BasisInput, figures: Figures, earlier: Earlier | None, target: Mapping[str, Any] | None, part: Part | None
) -> str:
    value = figures.value(AVERAGE)
    if value is None:
        return f"No average cost is held {numbers.period_words(data.period)}"
    if target is not None and long_pace(target) and target.get("status") in ("improving", "on_track"):
        landing, deadline = int(target["projected_year"]), int(target["deadline"])
        late = f"in {landing}, not {deadline}" if landing > deadline else f"by {landing}, within the deadline"
        if covers_world(data, figures):
            return f"At this pace the 3% target is met {late}"
        return f"At this pace {where(data, figures).removeprefix('in ')} meet the 3% target {late}"
    start = f"Sending USD 200 costs {numbers.percent(value)} on average"
    if numbers.period_kind(data.period) == "day":  # other dates follow: without its own it would not be clear which is
        day = numbers.day(numbers.period_days(data.period)[0], year=False)
        start = f"On {day} sending USD 200 cost {numbers.percent(value)} on average"
    elif part is not None and part.is_open:
        start += " so far"
    if value < 3:
        return f"{start}, under the 3% target"
    before = figures.at(AVERAGE, earlier.period) if earlier else None
    if before is not None and before.value is not None and compare.direction(value, before.value) in ("down", "up"):
        return f"{start}, {compare.versus(value, before.value, earlier)}"
    return f"{start}, {times_target(value)}"


def lead(data: BasisInput, figures: Figures, *, part: Part | None = None, pages: int | None = None) -> str:
    """The sentence under the headline: what a transfer costs in money, and on what it rests. `pages`: for how many
    corridors there is a page, where not for all."""
    figure = figures.get(AVERAGE)
    if figure is None or figure.value is None:
        why = next((wording.ABSENT[flag] for flag in (figure.flags if figure else ()) if flag in wording.ABSENT), None)
        return why or "No service with a disclosed rate is in force for this period."
    dollars = numbers.money(figure.value * 2, "USD")
    base = f"{numbers.counted(figure.services, 'service')} in {numbers.counted(figure.corridors, 'corridor')}"
    period = numbers.period_words(data.period)
    if part is not None:
        period += f" ({part.words}, {part.when})"
    sentence = f"{period[0].upper()}{period[1:]}, sending USD 200 cost {dollars} on average over {base}."
    smart = smart_count(figures)
    if smart.assessed:
        sentence += (
            f" In {smart.within} of {numbers.counted(smart.assessed, 'assessed corridor')}, "
            "the three cheapest services average 5% or less."
        )
    if pages is not None:
        has = "has a page" if pages == 1 else "have pages"
        sentence += f" These figures are of all corridors held; {numbers.counted_words(pages, 'corridor')} {has} here."
    return sentence


def findings(
    data: BasisInput, figures: Figures, earlier: Earlier | None, undisclosed: int, caveats: Sequence[str] = ()
) -> list[Finding]:
    """Up to six findings, most important first; the last one is the caveat."""
    makers = (_average, _parts, _smart, _larger, _ranking, _regions)
    made = [finding for maker in makers if (finding := maker(data, figures, earlier)) is not None]
    return [*made[:5], _caveat(data, figures, undisclosed, caveats)]


def _average(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    value = figures.value(AVERAGE)
    if value is None:
        return None
    before = figures.at(AVERAGE, earlier.period) if earlier else None
    since = compare.versus(value, before.value if before else None, earlier)
    held = figures.steady(AVERAGE)
    if since and earlier is not None and len(held) > 2 and held[0].period != earlier.period and not earlier.part:
        since += f"; {_at(held[0].period, data.period)} it was {numbers.percent(held[0].value)}"
    against = "It is under the 3% target." if value < 3 else f"It is {times_target(value)}."
    name = "The world average" if covers_world(data, figures) else "The average"
    rest = f", {since}. {against}" if since else f". {against}"
    if not since and (why := compare.untold(data, figures)):
        rest += f" {why}"
    return Finding(f"{name} is {numbers.percent(value)}", rest)


def _at(period: str, now: str) -> str:
    kind = numbers.period_kind(period)
    if kind not in ("day", "week"):
        return f"in {period}"
    first = numbers.period_days(period)[0]
    day = numbers.day(first, year=not now.startswith(str(first.year)))
    return f"on {day}" if kind == "day" else f"in the week of {day}"


def _parts(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    value, fee, margin = figures.value(AVERAGE), figures.value(FEE), figures.value(MARGIN)
    if value is None or fee is None or margin is None or value <= 0:
        return None
    sizes = f"Fees are {numbers.number(fee)} points, the exchange-rate margin {numbers.number(margin)}"
    hidden = numbers.share_in_words(margin, value)
    if margin < 0:
        return Finding("The exchange rate makes transfers cheaper.", f" {sizes}: rates are better than interbank.")
    fee_change = compare.difference(figures, FEE, earlier)
    margin_change = compare.difference(figures, MARGIN, earlier)
    if fee_change is None or margin_change is None or earlier is None:
        return Finding(f"The hidden part is {hidden} of the cost.", f" {sizes}.")
    fees, margins = compare.moved(fee_change), compare.moved(margin_change)
    moves = {"fell": "falls", "rose": "rises", "unchanged": "stays"}
    if fees == margins:
        verb = {"fell": "both fell", "rose": "both rose", "unchanged": "are both unchanged"}[fees]
        strong = f"Fees and exchange-rate margin {verb}."
    else:
        strong = f"The visible part {moves[fees]}, the hidden part {moves[margins]}."
    changes = f"({numbers.change(fee_change)} and {numbers.change(margin_change)} since {_since(earlier)})"
    return Finding(strong, f" {sizes} {changes}. The margin is {hidden} of the cost.")


def _since(earlier: Earlier) -> str:
    kind = numbers.period_kind(earlier.period)
    if kind in ("day", "week"):
        day = numbers.day(numbers.period_days(earlier.period)[0], year=False)
        return day if kind == "day" else f"the week of {day}"
    return earlier.period


def _smart(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    count = smart_count(figures)
    if count.assessed + count.thin == 0:
        return None
    if not count.assessed:
        return Finding("The 5% ceiling cannot be judged.", " No corridor has three services that qualify.")
    if count.above == 0:
        strong = "Every assessed corridor keeps the 5% ceiling."
    else:
        strong = f"{_cap(numbers.counted_words(count.above, 'corridor'))} of {count.assessed} break the 5% ceiling."
    rest = " There the three cheapest services average more than 5%." if count.above else ""
    if count.thin:
        verb = "has" if count.thin == 1 else "have"
        rest += f" {_cap(numbers.counted_words(count.thin, 'corridor'))} {verb} too few services to judge."
    return Finding(strong, rest or " The three cheapest services average 5% or less.")


def _larger(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    small, large = figures.value(AVERAGE), figures.value(AVERAGE, amount=500)
    if small is None or large is None:
        return None
    if small - large >= compare.UNCHANGED:
        return Finding("Larger amounts are cheaper.", f" USD 500 costs {numbers.percent(large)} on average, USD 200 "
                       f"{numbers.percent(small)}.")  # fmt: skip
    if large - small >= compare.UNCHANGED:
        return Finding("Larger amounts are dearer.", f" USD 500 costs {numbers.percent(large)} on average.")
    return Finding("Both amounts cost the same.", f" USD 500 costs {numbers.percent(large)} on average.")


def ranked(figures: Figures, least_services: int = 1) -> list[Place]:
    """Corridors with an average, cheapest first."""
    found = [
        (figure.value, place)
        for place in figures.places("corridor")
        if (figure := figures.get(AVERAGE, place)) and figure.value is not None and figure.services >= least_services
    ]
    return [place for _, place in sorted(found)]


def _ranking(data: BasisInput, figures: Figures, earlier: Earlier | None) -> Finding | None:
    places = ranked(figures, 3)
    below = figures.value("share_corridors_below_5")
    if len(places) < 2:
        return None
    first, last = places[0], places[-1]
    ends = (
        f" {_corridor(last)} is dearest at {numbers.percent(figures.value(AVERAGE, last))}, "
        f"{_corridor(first)} cheapest at {numbers.percent(figures.value(AVERAGE, first))}."
    )
    if below is None:
        return Finding("Corridors differ widely.", ends)
    shares = figures.get("share_corridors_below_5")
    total = shares.corridors if shares and shares.corridors else len(places)
    if total >= 100:
        return Finding(
            f"{numbers.percent(below)} of {numbers.count(total)} corridors cost less than 5% on average.", ends
        )
    cheap = int(numbers.rounded(below * total / 100, 0))
    if cheap == total:
        return Finding(f"All {total} corridors cost less than 5% on average.", ends)
    who = "None" if cheap == 0 else _cap(numbers.in_words(cheap))
    verb = "costs" if cheap <= 1 else "cost"
    return Finding(f"{who} of {total} corridors {verb} less than 5% on average.", ends)


def _corridor(place: Place) -> str:
    return wording.corridor_title(f"{place[1]}-{place[2]}")


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
        f"Sending to {dear} is dearest at {numbers.percent(high)}", f"; to {cheap} cheapest at {numbers.percent(low)}."
    )


def _caveat(data: BasisInput, figures: Figures, undisclosed: int, caveats: Sequence[str]) -> Finding:
    parts = []
    figure = figures.get(AVERAGE)
    if figure is not None and not covers_world(data, figures):
        noun = numbers.counted(figure.corridors, "corridor")
        parts.append(f"the average is of {noun}, not of the world")
    if data.basis == "survey" and covers_world(data, figures):
        parts.append("senders in Russia are left out of the world average by the method")
    if undisclosed:
        verb, are = ("does", "is") if undisclosed == 1 else ("do", "are")
        parts.append(f"{numbers.counted(undisclosed, 'service')} {verb} not disclose the rate and {are} in no average")
    if data.basis == "estimate":
        parts.append("these prices are stated by a comparison source, not by the providers")
    parts.extend(caveats)
    text = "; ".join(parts) or "an average describes no single service; look at the corridor before choosing"
    return Finding("Read with care:", f" {text}.")


def _cap(text: str) -> str:
    return text[0].upper() + text[1:]
