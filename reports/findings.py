"""The headline and the lead of an overview, written from its figures, and what they share with its key findings.

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
from reports.language import N_, Words, _, ngettext
from reports.lookup import Figure, Figures

AVERAGE, FEE, MARGIN, SMART = "average_total_cost", "average_fee", "average_fx_margin", "smart"
WEIGHTED = "weighted_average"
_PERIOD = re.compile(r"\d{4}(?:-(?:Q[1-4]|W\d{2}|\d{2}(?:-\d{2})?))?")
LEAST_COVERAGE = Decimal(10)
"""A weighted average that speaks of a smaller share (per cent) of the flows is no finding."""
WORLD_CORRIDORS = 200
"""With fewer surveyed corridors than this, an average is of "these corridors", never of the world."""


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


def ratio_to_target(value: Decimal) -> tuple[str, str]:
    """How a value of 3 % or more compares with the target: a code of the messages below, and how many times it is."""
    for limit in (4, 3):
        if value > 3 * limit:
            return "times", numbers.in_words(limit)
    if value > 6:
        return "twice", ""
    return ("nearly", "") if value / 3 >= Decimal("1.8") else ("above", "")


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


_OF_THE_WORLD = Words({
    "under": N_("Sending USD 200 costs {value} on average, under the 3% target"),
    "down": N_("Sending USD 200 costs {value} on average, down from {before} {when}"),
    "up": N_("Sending USD 200 costs {value} on average, up from {before} {when}"),
    "times": N_("Sending USD 200 costs {value} on average, more than {times} times the 3% target"),
    "twice": N_("Sending USD 200 costs {value} on average, more than twice the 3% target"),
    "nearly": N_("Sending USD 200 costs {value} on average, nearly twice the 3% target"),
    "above": N_("Sending USD 200 costs {value} on average, above the 3% target"),
})  # fmt: skip
"""Of whole quarters alone: the world's figure is the survey's."""
_OF_CORRIDORS = {
    "plain": Words({
        "under": N_("In {corridors}, sending USD 200 costs {value} on average, under the 3% target"),
        "down": N_("In {corridors}, sending USD 200 costs {value} on average, down from {before} {when}"),
        "up": N_("In {corridors}, sending USD 200 costs {value} on average, up from {before} {when}"),
        "times": N_("In {corridors}, sending USD 200 costs {value} on average, more than {times} times the 3% target"),
        "twice": N_("In {corridors}, sending USD 200 costs {value} on average, more than twice the 3% target"),
        "nearly": N_("In {corridors}, sending USD 200 costs {value} on average, nearly twice the 3% target"),
        "above": N_("In {corridors}, sending USD 200 costs {value} on average, above the 3% target"),
    }),
    "day": Words({
        "under": N_("On {day}, in {corridors}, sending USD 200 cost {value} on average, under the 3% target"),
        "down": N_("On {day}, in {corridors}, sending USD 200 cost {value} on average, down from {before} {when}"),
        "up": N_("On {day}, in {corridors}, sending USD 200 cost {value} on average, up from {before} {when}"),
        "times": N_(
            "On {day}, in {corridors}, sending USD 200 cost {value} on average, more than {times} times the 3% target"
        ),
        "twice": N_("On {day}, in {corridors}, sending USD 200 cost {value} on average, more than twice the 3% target"),
        "nearly": N_("On {day}, in {corridors}, sending USD 200 cost {value} on average, nearly twice the 3% target"),
        "above": N_("On {day}, in {corridors}, sending USD 200 cost {value} on average, above the 3% target"),
    }),
    "open": Words({
        "under": N_("In {corridors}, sending USD 200 costs {value} on average so far, under the 3% target"),
        "down": N_("In {corridors}, sending USD 200 costs {value} on average so far, down from {before} {when}"),
        "up": N_("In {corridors}, sending USD 200 costs {value} on average so far, up from {before} {when}"),
        "times": N_(
            "In {corridors}, sending USD 200 costs {value} on average so far, more than {times} times the 3% target"
        ),
        "twice": N_("In {corridors}, sending USD 200 costs {value} on average so far, more than twice the 3% target"),
        "nearly": N_("In {corridors}, sending USD 200 costs {value} on average so far, nearly twice the 3% target"),
        "above": N_("In {corridors}, sending USD 200 costs {value} on average so far, above the 3% target"),
    }),
}  # fmt: skip


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
    more corridors than there are pages.

    Who reads nothing else must not take a few corridors for the world: where the average is not the world's, or
    `all_held`, the line says of how many corridors it is.
    """
    value = figures.value(AVERAGE)
    if value is None:
        return _("No average cost is held {when}", when=numbers.period_words(data.period))
    if target is not None and long_pace(target) and target.get("status") in ("improving", "on_track"):
        return _landing(data, figures, int(target["projected_year"]), int(target["deadline"]))
    kind, day = "plain", ""
    if numbers.period_kind(data.period) == "day":  # other dates follow: without its own it would not be clear which is
        kind, day = "day", numbers.day(numbers.period_days(data.period)[0], year=False)
    elif part is not None and part.is_open:
        kind = "open"
    words = _OF_CORRIDORS[kind] if all_held or not covers_world(data, figures) else _OF_THE_WORLD
    before = figures.at(AVERAGE, earlier.period) if earlier else None
    then = before.value if before else None
    way: str = "under" if value < 3 else "same" if then is None else compare.direction(value, then)
    times = ""
    if way in ("same", "hardly"):
        way, times = ratio_to_target(value)
    return words[way].format(
        corridors=corridors_held(figures),
        value=numbers.percent(value),
        day=day,
        before=numbers.percent(then),
        when=earlier.words if earlier else "",
        times=times,
    )


def corridors_held(figures: Figures) -> str:
    """`the 12 corridors held`: those that the average is of, as they stand in a sentence after `in`."""
    figure = figures.get(AVERAGE)
    return ngettext("the only corridor held", "the {n} corridors held", figure.corridors if figure else 0)


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
